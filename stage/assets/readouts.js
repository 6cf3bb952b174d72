// The numbers at the cursor: a row for each racer, the narrator's sentence, and the Taylor prediction of the next step.

import { element, number, setText } from "./format.js";
import { at } from "./local.js";

const COLUMNS = [
  ["x", "x"],
  ["y", "y"],
  ["loss", "loss"],
  ["gradient_norm", "‖∇f‖"],
  ["status", "status"],
];

export class Readouts {
  constructor() {
    this.body = element("tbody");
    this.root = element(
      "table",
      { class: "stage-readouts" },
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "optimizer"), ...COLUMNS.map(([, title]) => element("th", { scope: "col" }, title)))),
      this.body,
    );
  }

  racers(racers, theme) {
    this.cells = racers.map(({ key, title: text, parts }, i) => {
      const row = Object.fromEntries(COLUMNS.map(([name]) => [name, element("td", { "data-readout": name, "data-racer": key })]));
      const swatch = element("i", { class: "stage-swatch", style: `background:${theme.racers[i]}` });
      const title = element("span", {}, text);
      return { row, title, moving: Boolean(parts), tr: element("tr", {}, element("th", { scope: "row" }, swatch, title), ...Object.values(row)) };
    });
    this.body.replaceChildren(...this.cells.map(({ tr }) => tr));
  }

  show(stage) {
    const { t } = stage;
    stage.runs.forEach((run, racer) => {
      const here = at(run, Math.floor(t));
      const { row, title, moving } = this.cells[racer];
      if (moving) setText(title, titleOf(stage, racer));
      setText(row.x, number(here.x, 5));
      setText(row.y, number(here.y, 5));
      setText(row.loss, number(here.value, 6));
      setText(row.gradient_norm, number(here.norm, 4));
      setText(row.status, statusOf(run, t, stage.header));
      row.status.classList.toggle("stage-bad", run.divergedAt !== null);
    });
  }
}

// Everything at the cursor that is written in words and numbers.
export function writeNumbers(stage) {
  const { readouts, taylor, transport, narrator, summary } = stage.parts;
  readouts.show(stage);
  if (!taylor.root.hidden) taylor.show(stage.runs[0], stage.t, stage.header.racers[0].key === "gd");
  transport.show(stage.t, stage.header.steps, stage.clock.playing);
  const text = stage.header.texts[stage.position] ?? "";
  setText(narrator, text);
  if (!stage.clock.playing) {
    const cells = stage.header.racers.map((_, i) => {
      const { points, values, length } = stage.runs[i];
      const step = Math.min(Math.floor(stage.t), length - 1);
      return `${titleOf(stage, i)} at step ${step}: x ${number(points[2 * step])}, y ${number(points[2 * step + 1])}, loss ${number(values[step])}`;
    });
    setText(summary, cells.join(". "));
  }
}

// A racer's title; numbers in it that move with a slider are those of the thumb.
export function titleOf(stage, racer) {
  const { title, parts } = stage.header.racers[racer];
  return parts?.map((part) => (part.name ? `${part.label} ${number(stage.valueOf(part.name))}` : part)).join(", ") ?? title;
}

export function statusOf(run, t, { steps, stops }) {
  if (run.divergedAt !== null) return `diverged at step ${run.divergedAt}`;
  const last = run.length - 1;
  if (run.stoppedAt !== null && Math.floor(t) >= last) return `stopped at step ${last}: ${stops[run.stoppedBy]}`;
  if (run.values[last] > run.values[0]) return `loss higher than at the start after ${steps} steps`;
  return Math.floor(t) >= last ? "end of the run" : `step ${Math.floor(t)}`;
}

// Linear and quadratic term of the step ahead, their sum, and what the surface then does.
export class Taylor {
  constructor() {
    const row = (name, title) => {
      const value = element("td", { "data-taylor": name });
      const bar = element("i", { class: `stage-bar stage-bar-${name}` });
      this[name] = { value, bar };
      return element("tr", {}, element("th", { scope: "row" }, title), value, element("td", { class: "stage-bar-cell" }, bar));
    };
    this.head = element("p", { class: "stage-taylor-head" });
    this.titles = { linear: element("span"), quadratic: element("span") };
    this.verdict = element("p", { class: "stage-taylor-verdict" });
    this.root = element(
      "section",
      { class: "stage-taylor", "aria-label": "Taylor prediction of the next step" },
      this.head,
      element(
        "table",
        {},
        row("linear", this.titles.linear),
        row("quadratic", this.titles.quadratic),
        row("predicted", "predicted change"),
        row("actual", "what happens"),
        row("gap", "gap"),
      ),
      this.verdict,
    );
  }

  show(run, t, gradientStep) {
    const here = at(run, Math.floor(t));
    setText(this.titles.linear, gradientStep ? "slope −ε gᵀg" : "slope gᵀs");
    setText(this.titles.quadratic, gradientStep ? "curvature ½ε² gᵀHg" : "curvature ½ sᵀHs");
    if (!here.terms) {
      setText(this.head, run.divergedAt === null ? "The run ends here: no step ahead." : `Nothing to predict: the run left the map at step ${run.divergedAt}.`);
      setText(this.verdict, "");
      for (const name of ["linear", "quadratic", "predicted", "actual", "gap"]) this.fill(name, NaN, 1);
      return;
    }
    const [linear, quadratic, actual] = here.terms;
    const predicted = linear + quadratic;
    // Arrays travel in 32 bits: a gap below their rounding is agreement, not a finding.
    const noise = 4e-7 * Math.max(Math.abs(linear), Math.abs(quadratic), Math.abs(actual));
    const gap = Math.abs(actual - predicted) < noise ? 0 : actual - predicted;
    const largest = Math.max(...[linear, quadratic, predicted, actual].map(Math.abs)) || 1;
    const [gx, gy] = here.gradient;
    setText(
      this.head,
      `Before step ${here.step + 1}: loss ${number(here.value, 5)}, gradient (${number(gx)}, ${number(gy)})`,
    );
    Object.entries({ linear, quadratic, predicted, actual, gap }).forEach(([name, value]) => this.fill(name, value, largest));
    const next = at(run, here.step + 1);
    setText(
      this.verdict,
      `${-linear < quadratic ? "The curvature term outweighs the slope: the loss rises" : "The slope outweighs the curvature term: the loss should fall"}. The step to (${number(next.x)}, ${number(next.y)}) takes it from ${number(here.value, 5)} to ${number(next.value, 5)}.`,
    );
    this.verdict.classList.toggle("stage-bad", actual > 0);
  }

  fill(name, value, largest) {
    const { value: cell, bar } = this[name];
    const shown = Number.isNaN(value) ? "–" : name === "gap" && value === 0 ? "0 (to rounding)" : `${value > 0 ? "+" : ""}${number(value, 6)}`;
    setText(cell, shown);
    const share = Number.isFinite(value) ? Math.min(50, (50 * Math.abs(value)) / largest) : 0;
    bar.style.left = `${value < 0 ? 50 - share : 50}%`;
    bar.style.width = `${share}%`;
    bar.classList.toggle("stage-up", value > 0);
  }
}
