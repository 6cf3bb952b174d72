// The clock: a position between step 0 and the last, in motion or at rest.

export const movesFreely = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Clock {
  constructor(tick) {
    Object.assign(this, { tick, t: 0, steps: 1, playing: false, speed: 1, loop: false });
  }

  // A run takes about six seconds, but a short one is slow enough to see every step.
  get pace() {
    return Math.min(Math.max(this.steps / 6, 6), 120) * this.speed;
  }

  play() {
    if (this.t >= this.steps) this.t = 0;
    this.playing = true;
    let before = null;
    const frame = (now) => {
      if (!this.playing) return;
      if (before !== null) this.t += (this.pace * (now - before)) / 1000;
      before = now;
      if (this.t >= this.steps) {
        if (this.loop) this.t = 0;
        else {
          this.t = this.steps;
          this.playing = false;
        }
      }
      this.tick(true);
      if (this.playing) this.handle = requestAnimationFrame(frame);
    };
    cancelAnimationFrame(this.handle);
    this.handle = requestAnimationFrame(frame);
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.handle);
  }

  seek(t) {
    this.pause();
    this.t = Math.min(Math.max(t, 0), this.steps);
    this.tick(false);
  }
}
