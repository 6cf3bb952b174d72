// The data that a surface is made from: points that can be dragged, and what the model makes of them at the cursor.

import { unpackMap } from "./bank.js";
import { Layer, dot } from "./canvas.js";
import { headOf } from "./trail.js";
import { element, number, setText } from "./format.js";
import { post } from "./link.js";

const REACH = 16;
const PAD = 12;

export class DataPlot {
  constructor(stage) {
    this.stage = stage;
    this.canvas = element("canvas", { role: "img", "aria-label": "Data points", "data-panel": "data" });
    this.note = element("span", { class: "stage-note" });
    this.box = element("div", { class: "stage-canvas" }, this.canvas);
    this.root = element("figure", { class: "stage-panel stage-data", hidden: true }, element("figcaption", {}, "The data", this.note), this.box);
    this.layer = new Layer(this.canvas);
    this.lines = [];
    this.bind();
  }

  scale() {
    const [low, high] = this.stage.header.data.span;
    const { width, height } = this.layer;
    return {
      x: (u) => PAD + ((u - low) / (high - low)) * (width - 2 * PAD),
      y: (v) => height - PAD - ((v - low) / (high - low)) * (height - 2 * PAD),
      u: (x) => low + ((x - PAD) / (width - 2 * PAD)) * (high - low),
      v: (y) => low + ((height - PAD - y) / (height - 2 * PAD)) * (high - low),
    };
  }

  bind() {
    let held = null;
    this.box.addEventListener("pointerdown", (event) => {
      const { points } = this.stage.header.data;
      const { x, y } = this.scale();
      const distances = points.map(([u, v]) => Math.hypot(x(u) - event.offsetX, y(v) - event.offsetY));
      const nearest = distances.indexOf(Math.min(...distances));
      if (distances[nearest] > REACH) return;
      held = nearest;
      this.box.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.box.addEventListener("pointermove", (event) => {
      if (held === null) return;
      const { names, reach } = this.stage.header.data;
      const { u, v } = this.scale();
      const within = (value) => Number(Math.min(Math.max(value, reach[0]), reach[1]).toFixed(2));
      this.moved = { [names[2 * held]]: within(u(event.offsetX)), [names[2 * held + 1]]: within(v(event.offsetY)) };
      this.stage.ask(this.moved, { drag: true, single: true });
    });
    const release = () => {
      held = null;
      if (this.moved) this.stage.ask(this.moved);
      this.moved = null;
    };
    this.box.addEventListener("pointerup", release);
    this.box.addEventListener("pointercancel", release);
  }

  draw() {
    const { stage } = this;
    const { data } = stage.header;
    this.root.hidden = !data;
    if (!data) return;
    this.refresh();
    const { theme } = stage;
    const context = this.layer.clear();
    const { x, y } = this.scale();
    const [low, high] = data.span;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(x(low), y(high), x(high) - x(low), y(low) - y(high));
    for (const [from, to] of [[[low, 0], [high, 0]], [[0, low], [0, high]]]) {
      context.beginPath();
      context.moveTo(x(from[0]), y(from[1]));
      context.lineTo(x(to[0]), y(to[1]));
      context.stroke();
    }
    context.strokeStyle = theme.text;
    context.lineWidth = 2.4;
    for (const line of this.lines) {
      context.beginPath();
      line.forEach(([u, v], i) => (i ? context.lineTo(x(u), y(v)) : context.moveTo(x(u), y(v))));
      context.stroke();
    }
    data.points.forEach(([u, v], i) => {
      const first = data.classes[i] > 0;
      const color = !data.decides ? theme.racers[1] : first ? theme.racers[1] : theme.racers[0];
      dot(context, x(u), y(v), 8, color, theme.halo, 2);
      if (!data.decides) return;
      // Told apart by sign as well as by colour.
      context.strokeStyle = theme.background;
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(x(u) - 4, y(v));
      context.lineTo(x(u) + 4, y(v));
      if (first) {
        context.moveTo(x(u), y(v) - 4);
        context.lineTo(x(u), y(v) + 4);
      }
      context.stroke();
    });
  }

  // The model's line for the weights at the cursor, one question at a time.
  async refresh() {
    const { stage } = this;
    const head = headOf(stage.runs[0], stage.t);
    const key = [stage.header.surface.key, head.x, head.y].join();
    if (key === this.key || this.busy) return;
    this.busy = true;
    const { said, page } = stage.header;
    const request = { settings: {}, seq: 0, at: [head.x, head.y] };
    const answer = await post(`live/${page}/fit`, { said, request });
    this.busy = false;
    if (stage.gone || !stage.header.data) return;
    this.key = key;
    this.lines = answer ? unpackMap(answer).lines : [];
    setText(this.note, stage.header.data.decides ? `the border at weights (${number(head.x, 3)}, ${number(head.y, 3)})` : `the line at weights (${number(head.x, 3)}, ${number(head.y, 3)})`);
    this.draw();
  }
}
