// The parts that a hand or a key touches: live sliders, the transport, and the choice of what is shown.

import { element, number, setText } from "./format.js";
import { HEIGHTS } from "./heights.js";

export const OVERLAYS = {
  basins: "where every start ends",
  curvature: "where it is not convex",
  final: "final loss of every start",
  arrows: "gradient and step",
  eigenvectors: "Hessian eigenvectors",
  model: "local quadratic model",
  critical: "critical points",
  labels: "level-line labels",
};
// Pixels that a letter of a mark takes, about.
const LETTER = 6.5;
const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10];

const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6 4.5h4v15H6zM14 4.5h4v15h-4z",
  first: "M6 5h2.5v14H6zM19 5v14l-9.5-7z",
  back: "M16.5 5v14L7 12z",
  forward: "M7.5 5v14l9.5-7z",
  last: "M15.5 5H18v14h-2.5zM5 5v14l9.5-7z",
  loop: "M7 7h9V4l5 4.5L16 13v-3H9v3H7zM17 17H8v3l-5-4.5L8 11v3h7v-3h2z",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// The part of a slider's track before the thumb is coloured: no browser-independent style does it.
const fill = (range) => range.style.setProperty("--fill", `${(100 * range.value) / range.max || 0}%`);

// One slider: a range over the positions of its bank, a box for a typed number, and marks that can be pressed.
export class LiveSlider {
  constructor(live, on) {
    this.on = on;
    this.name = live.name;
    this.range = element("input", { type: "range", min: 0, step: 1, "aria-label": live.label, "data-live": live.name });
    this.box = element("input", { type: "text", inputmode: "decimal", "aria-label": `${live.label}, typed`, class: "stage-typed", size: 8 });
    this.error = element("span", { class: "stage-error", role: "alert" });
    this.marks = element("div", { class: "stage-marks" });
    this.title = element("span", { class: "stage-live-name" });
    this.root = element(
      "div",
      { class: "stage-live" },
      element("div", { class: "stage-live-head" }, this.title, this.box),
      element("div", { class: "stage-track" }, this.range, this.marks),
      this.error,
    );
    this.range.addEventListener("pointerdown", () => {
      this.held = true;
      on.hold(this.name);
    });
    for (const end of ["pointerup", "pointercancel"]) this.range.addEventListener(end, () => (this.held = false));
    this.range.addEventListener("input", () => this.moved(Number(this.range.value)));
    this.range.addEventListener("change", () => {
      this.held = false;
      on.release(this.name);
    });
    this.box.addEventListener("focus", () => this.box.select());
    this.box.addEventListener("change", () => this.typed());
    this.update(live);
  }

  get value() {
    return this.live.positions[Number(this.range.value)];
  }

  update(live) {
    this.live = live;
    const same = this.key === JSON.stringify([live.positions, live.marks]);
    setText(this.title, live.label);
    this.range.max = live.positions.length - 1;
    if (!this.held) this.put(live.index);
    if (same) return;
    this.key = JSON.stringify([live.positions, live.marks]);
    this.drawMarks();
  }

  drawMarks() {
    const last = this.live.positions.length - 1;
    // Names that would run into one another take rows of their own.
    const width = this.root.clientWidth || window.innerWidth;
    const ends = [];
    const buttons = this.live.marks
      .map(([value, text]) => ({ text, index: nearest(this.live.positions, value), value }))
      .filter(({ value }) => value >= this.live.positions[0] && value <= this.live.positions[last])
      .sort((a, b) => a.index - b.index)
      .map(({ text, index, value }) => {
        const share = index / last;
        const room = (LETTER * text.length + 12) / width;
        const [from, to] = share > 0.5 ? [share - room, share] : [share, share + room];
        const free = ends.findIndex((end) => end <= from);
        const row = free < 0 ? ends.length : free;
        ends[row] = to;
        return element(
          "button",
          {
            type: "button",
            class: "stage-mark",
            "data-side": share > 0.5 ? "left" : "right",
            style: `--share:${share};--row:${row}`,
            title: `${this.live.label} = ${number(value)}`,
            onclick: () => {
              this.moved(index);
              this.put(index);
              this.on.release(this.name);
            },
          },
          text,
        );
      });
    this.marks.style.setProperty("--rows", ends.length);
    this.marks.replaceChildren(...buttons);
  }

  moved(index) {
    fill(this.range);
    setText(this.error, "");
    this.show(this.live.positions[index]);
    this.on.move(this.name, index, this.live.positions[index]);
  }

  put(index) {
    this.range.value = index;
    fill(this.range);
    this.show(this.live.positions[index]);
  }

  show(value) {
    if (document.activeElement !== this.box) this.box.value = number(value);
    this.range.setAttribute("aria-valuetext", number(value));
  }

  typed() {
    const value = Number(this.box.value.replace("−", "-").replace(",", ".").trim() || NaN);
    const { low, high } = this.live;
    if (!Number.isFinite(value)) {
      setText(this.error, `“${this.box.value.slice(0, 24)}” is not a number`);
    } else if ((value < low || value > high) && !this.live.positions.includes(value)) {
      setText(this.error, `${number(value)} is outside ${number(low)} … ${number(high)}`);
    } else {
      setText(this.error, "");
      this.on.type(this.name, value);
      this.box.blur();
    }
  }
}

export const nearest = (positions, value) => {
  let best = 0;
  for (let i = 1; i < positions.length; i++) {
    if (Math.abs(positions[i] - value) < Math.abs(positions[best] - value)) best = i;
  }
  return best;
};

export class Transport {
  constructor(clock, on) {
    const jump = (t) => {
      on.seek(t);
      on.rest();
    };
    const nudge = (by) => jump(Math.round(clock.t) + by);
    const button = (name, title, action) =>
      element("button", { type: "button", class: "stage-icon", title, "aria-label": title, "data-do": name, onclick: action }, icon(name));
    this.playing = null;
    this.play = button("play", "Play (space)", on.toggle);
    const loop = button("loop", "Loop", () => {
      clock.loop = !clock.loop;
      loop.setAttribute("aria-pressed", String(clock.loop));
    });
    loop.setAttribute("aria-pressed", String(clock.loop));
    this.scrub = element("input", { type: "range", min: 0, value: 0, step: 1, "aria-label": "Step", class: "stage-scrub" });
    this.scrub.addEventListener("input", () => on.seek(Number(this.scrub.value)));
    this.scrub.addEventListener("change", () => on.rest());
    const speed = element(
      "select",
      { "aria-label": "Speed", class: "stage-select", onchange: () => (clock.speed = Number(speed.value)) },
      ...SPEEDS.map((value) => element("option", { value, selected: value === clock.speed }, `${number(value)}×`)),
    );
    this.count = element("span", { class: "stage-count" });
    this.root = element(
      "div",
      { class: "stage-transport", role: "group", "aria-label": "Playback" },
      button("first", "To the start (Home)", () => jump(0)),
      button("back", "One step back (←)", () => nudge(-1)),
      this.play,
      button("forward", "One step on (→)", () => nudge(1)),
      button("last", "To the end (End)", () => jump(Infinity)),
      this.scrub,
      this.count,
      loop,
      speed,
    );
  }

  show(t, steps, playing) {
    this.scrub.max = steps;
    this.scrub.value = Math.floor(t);
    fill(this.scrub);
    setText(this.count, `step ${Math.floor(t)} / ${steps}`);
    if (this.playing === playing) return;
    this.playing = playing;
    this.play.replaceChildren(icon(playing ? "pause" : "play"));
    this.play.title = playing ? "Pause (space)" : "Play (space)";
    this.play.setAttribute("aria-label", this.play.title);
  }
}

export function viewControls(on) {
  const heights = element(
    "select",
    { "aria-label": "Height", class: "stage-select", onchange: (event) => on.height(event.target.value) },
    ...Object.entries(HEIGHTS).map(([value, text]) => element("option", { value }, text)),
  );
  const boxes = {};
  const list = Object.entries(OVERLAYS).map(([name, text]) => {
    boxes[name] = element("input", { type: "checkbox", "data-show": name, onchange: (event) => on.overlay(name, event.target.checked) });
    return element("label", { class: "stage-check" }, boxes[name], text);
  });
  const root = element(
    "details",
    { class: "stage-view" },
    element("summary", { class: "stage-select" }, "View"),
    element(
      "div",
      { class: "stage-view-list" },
      element("label", {}, "height", heights),
      ...list,
      element("button", { type: "button", class: "stage-reset", onclick: on.resetView }, "reset camera and zoom"),
    ),
  );
  // A press anywhere else closes it, as with any menu.
  const close = (event) => root.contains(event.target) || root.removeAttribute("open");
  document.addEventListener("pointerdown", close);
  on.leave(() => document.removeEventListener("pointerdown", close));
  return { root, heights, boxes };
}
