// Powers of a matrix: eigenvalues that are dragged, the unit circle under Wᵗ, and norms. The server is told on release only.

import { unpackMap } from "./bank.js";
import { Layer, measured } from "./canvas.js";
import { Clock, movesFreely } from "./clock.js";
import { LiveSlider, nearest, Transport } from "./controls.js";
import { element, setText } from "./format.js";
import { ARROWS, bindKeys } from "./hands.js";
import { Link } from "./link.js";
import { complexText, narrate, Powers } from "./powermath.js";
import { Numbers, showKeys } from "./powernumbers.js";
import { colorsOf, drawCircle, drawHandleNames, drawNorms, drawPlane } from "./powersplot.js";
import { readTheme } from "./theme.js";

const mounted = new WeakMap();
// Pixels within which a hand that comes near the real axis or the unit circle means it.
const NEAR = { axis: 9, circle: 7 };
const STATE = ["re", "im", "other", "angle", "steps"];
const FIGURES = {
  plane: "Eigenvalues of W: drag them",
  circle: "The unit circle under Wᵗ",
  norms: "‖Wᵗ‖ against t",
};

export function render(component) {
  let powers = mounted.get(component.parentElement);
  if (!powers) mounted.set(component.parentElement, (powers = new PowersFigure(component)));
  powers.component = component;
  powers.receive(component.data);
}

export function remove(component) {
  mounted.get(component.parentElement)?.destroy();
  mounted.delete(component.parentElement);
}

class PowersFigure {
  constructor(component) {
    this.component = component;
    this.link = new Link((request) => this.component.setStateValue("request", request));
    this.clock = new Clock(() => this.draw());
    this.undo = [];
    this.held = null;
    this.build(component.parentElement);
    this.root.powers = this;
    bindKeys(this);
    const toggle = this.toggle;
    this.toggle = () => {
      this.pinned = this.clock.playing;
      toggle();
      if (this.clock.playing) this.ask();
    };
    const observer = new ResizeObserver(() => this.redraw());
    observer.observe(this.frames.plane);
    this.leave(() => observer.disconnect());
    this.leave(() => this.link.forget());
    this.leave(() => this.clock.pause());
  }

  leave(undo) {
    this.undo.push(undo);
  }

  destroy() {
    for (const undo of this.undo) undo();
  }

  build(parent) {
    const styles = ["stage.css", "powers.css"].map((name) => element("link", { rel: "stylesheet", href: new URL(name, import.meta.url).href }));
    this.handles = [this.handle(0), this.handle(1)];
    this.frames = {};
    this.layers = {};
    this.keys = {};
    const figures = Object.entries(FIGURES).map(([name, title]) => {
      const canvas = element("canvas", { class: "stage-layer", "aria-hidden": "true", "data-layer": `powers-${name}` });
      this.layers[name] = new Layer(canvas);
      const inside = name === "plane" ? this.handles : [];
      this.frames[name] = element("div", { class: "stage-figure", "data-figure": name, role: "group", "aria-label": title }, canvas, ...inside);
      this.keys[name] = element("div", { class: "powers-key" });
      return element("figure", {}, element("figcaption", {}, title), this.frames[name], this.keys[name]);
    });
    this.bindScrub(this.frames.norms);
    this.transport = new Transport(this.clock, {
      toggle: () => this.toggle(),
      seek: (t) => this.seek(t),
      rest: () => this.rest(),
    });
    this.lives = element("div", { class: "stage-lives" });
    this.narrator = element("p", { class: "stage-narrator", "data-powers-narrator": true });
    this.numbers = new Numbers();
    this.summary = element("p", { class: "stage-hidden", role: "status", "aria-live": "polite" });
    this.root = element(
      "div",
      { class: "stage", "data-powers": true, "data-state": "busy", "data-step": 0 },
      ...styles,
      element("div", { class: "powers-figures" }, ...figures),
      this.transport.root,
      this.narrator,
      this.lives,
      this.numbers.root,
      this.summary,
    );
    parent.replaceChildren(this.root);
  }

  handle(which) {
    const button = element("button", { type: "button", class: "stage-handle", "data-handle": `lambda${which + 1}` });
    button.addEventListener("pointerdown", (event) => {
      this.held = which;
      button.setPointerCapture(event.pointerId);
      event.preventDefault();
      button.focus({ preventScroll: true });
    });
    button.addEventListener("pointermove", (event) => {
      if (this.held !== which) return;
      const { left, top } = this.frames.plane.getBoundingClientRect();
      const { fromX, fromY, unit } = this.scale;
      this.move(which, ...this.snapped(fromX(event.clientX - left - 1), fromY(event.clientY - top - 1), unit));
    });
    button.addEventListener("keydown", (event) => {
      const by = ARROWS[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      this.held = which;
      const size = event.shiftKey ? 0.1 : 0.01;
      const [x, y] = this.powers.eigenvalues(1)[which];
      const round = (value) => Number(value.toFixed(3));
      this.move(which, round(x + by[0] * size), round(y + by[1] * size));
    });
    for (const over of ["pointerup", "pointercancel", "keyup", "blur"]) button.addEventListener(over, () => this.release(which));
    return button;
  }

  snapped(x, y, unit) {
    if (Math.abs(y) * unit < NEAR.axis) y = 0;
    const size = Math.hypot(x, y);
    const digits = Math.abs(size - 1) * unit < NEAR.circle ? 6 : 3;
    const share = digits === 6 ? 1 / size : 1;
    return [x, y].map((value) => Number((value * share).toFixed(digits)));
  }

  // Off the real axis the other eigenvalue is the conjugate; on it each goes its own way, from where the two met.
  move(which, x, y) {
    const { low, high } = this.header.range;
    const within = (value) => Math.min(Math.max(value, low), high) + 0;
    [x, y] = [within(x), within(y)];
    const state = { ...this.state };
    if (y !== 0) Object.assign(state, { re: x, im: which ? -y : y, other: x });
    else if (state.im !== 0) Object.assign(state, { re: x, im: 0, other: x });
    else state[which ? "other" : "re"] = x;
    this.moved = true;
    this.put(state);
  }

  release(which) {
    if (this.held !== which) return;
    this.held = null;
    if (this.moved) this.ask();
    this.moved = false;
  }

  // A press on the chart of norms puts the clock there.
  bindScrub(frame) {
    let down = false;
    const seek = (event) => this.seek(Math.round(this.chart.fromX(event.clientX - frame.getBoundingClientRect().left - 1)));
    frame.addEventListener("pointerdown", (event) => {
      down = true;
      frame.setPointerCapture(event.pointerId);
      seek(event);
    });
    frame.addEventListener("pointermove", (event) => down && seek(event));
    for (const over of ["pointerup", "pointercancel"]) {
      frame.addEventListener(over, () => {
        if (down) this.rest();
        down = false;
      });
    }
  }

  receive(bytes) {
    const header = unpackMap(bytes);
    if (this.link.answered(header.seq) === "late") return this.redraw();
    const first = !this.header;
    this.header = header;
    // What is under a hand stays there, and so does what the server has yet to hear of.
    if (this.held === null && !this.link.busy && !this.sliders?.some(({ held }) => held)) {
      const state = Object.fromEntries(STATE.map((name) => [name, header[name]]));
      const other = JSON.stringify(state) !== JSON.stringify(this.state) || header.step !== this.step;
      if (first || other) this.start(state, header.step);
    }
    this.redraw();
    this.mark();
  }

  start(state, step) {
    this.pinned = step !== null;
    this.put(state);
    this.clock.pause();
    const moves = movesFreely();
    // Without motion the whole way is shown at once.
    this.clock.t = step ?? (moves ? 0 : state.steps);
    if (!this.pinned && moves) this.clock.play();
  }

  // The step that the address has: none while the clock runs by itself.
  get step() {
    return this.pinned ? Math.floor(this.clock.t) : null;
  }

  put(state, follow = true) {
    this.state = state;
    this.powers = new Powers(state);
    this.clock.steps = state.steps;
    this.clock.t = Math.min(this.clock.t, state.steps);
    if (follow) this.showSliders();
    this.draw();
  }

  showSliders() {
    const lives = this.header.lives.map((live) => {
      const value = this.state[live.name];
      const positions = live.positions.includes(value) ? live.positions : [...live.positions, value].sort((one, other) => one - other);
      return { ...live, value, positions, index: nearest(positions, value) };
    });
    if (this.sliders) return this.sliders.forEach((slider, i) => slider.update(lives[i]));
    this.sliders = lives.map(
      (live) =>
        new LiveSlider(live, {
          hold: () => {},
          // Under the thumb the slider keeps its positions, also one that only its present value is.
          move: (name, index, value) => this.put({ ...this.state, [name]: value }, false),
          release: () => this.ask(),
          type: (name, value) => {
            this.put({ ...this.state, [name]: name === "steps" ? Math.round(value) : value });
            this.ask();
          },
        }),
    );
    this.lives.append(...this.sliders.map(({ root }) => root));
  }

  ask() {
    this.link.ask(() => ({ settings: { ...this.state, step: this.step } }));
    this.mark();
  }

  seek(t) {
    this.pinned = true;
    this.clock.seek(t);
  }

  // The clock was put somewhere by hand.
  rest() {
    this.pinned = true;
    this.ask();
  }

  mark() {
    this.root.dataset.state = this.link.busy ? "busy" : "ready";
    setText(this.summary, `${this.narrator.textContent} Step ${Math.floor(this.clock.t)} of ${this.clock.steps}.`);
  }

  redraw() {
    this.theme = readTheme(this.root);
    this.draw();
  }

  draw() {
    if (!this.powers || !this.theme || !this.frames.plane.clientWidth) return;
    measured("powers:draw", () => this.paint());
  }

  paint() {
    const { powers, clock, layers, theme } = this;
    this.scale = drawPlane(layers.plane, theme, powers, clock.t, clock.steps);
    drawHandleNames(layers.plane, theme, powers, this.scale);
    this.view = drawCircle(layers.circle, theme, powers, clock.t);
    this.chart = drawNorms(layers.norms, theme, powers, clock.t, clock.steps);
    this.placeHandles(theme);
    this.transport.show(clock.t, clock.steps, clock.playing);
    this.root.dataset.step = Math.floor(clock.t);
    setText(this.narrator, narrate(powers, clock.steps));
    this.numbers.show(powers, Math.floor(clock.t));
    showKeys(this.keys, powers, theme);
  }

  placeHandles(theme) {
    const colors = colorsOf(this.powers, theme);
    this.powers.eigenvalues(1).forEach((value, which) => {
      const handle = this.handles[which];
      handle.style.transform = `translate(${this.scale.toX(value[0])}px, ${this.scale.toY(value[1])}px)`;
      handle.style.setProperty("--racer", colors[which]);
      handle.setAttribute("aria-label", `Eigenvalue ${which + 1}, ${complexText(value)}. Arrow keys move it.`);
    });
  }
}
