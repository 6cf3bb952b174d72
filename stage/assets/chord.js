// The chord test: a curve, two ends that are dragged on it, and α under the thumb. The server is told on release only.

import { unpackMap } from "./bank.js";
import { Layer } from "./canvas.js";
import { drawChord, drawCurve, inside } from "./chordplot.js";
import { LiveSlider } from "./controls.js";
import { element, number, setText } from "./format.js";
import { Curve } from "./hermite.js";
import { Link } from "./link.js";
import { readTheme } from "./theme.js";

const tests = new WeakMap();
const READOUTS = {
  chord_value: "chord αf(A) + (1 − α)f(B)",
  curve_value: "curve f(αA + (1 − α)B)",
  gap: "chord − curve",
};

export function render(component) {
  let test = tests.get(component.parentElement);
  if (!test) tests.set(component.parentElement, (test = new ChordTest(component)));
  test.component = component;
  test.receive(component.data);
}

export function remove(component) {
  tests.get(component.parentElement)?.destroy();
  tests.delete(component.parentElement);
}

class ChordTest {
  constructor(component) {
    this.component = component;
    this.link = new Link((request) => this.component.setStateValue("request", request));
    this.held = null;
    this.build(component.parentElement);
    this.root.chord = this;
    this.layers = { curve: new Layer(this.canvases.curve), chord: new Layer(this.canvases.chord) };
    this.observer = new ResizeObserver(() => this.redraw());
    this.observer.observe(this.figure);
  }

  build(parent) {
    const canvas = (name) => element("canvas", { class: "stage-layer", "aria-hidden": "true", "data-layer": `chord-${name}` });
    this.canvases = { curve: canvas("curve"), chord: canvas("chord") };
    this.handles = { a: this.handle("a"), b: this.handle("b") };
    this.figure = element(
      "div",
      { class: "stage-figure", role: "group", "aria-label": "Curve and chord" },
      ...Object.values(this.canvases),
      ...Object.values(this.handles),
    );
    this.lives = element("div", { class: "stage-lives" });
    this.narrator = element("p", { class: "stage-narrator", "data-chord-narrator": true });
    this.verdict = element("span", { "data-readout": "verdict" });
    this.cells = Object.fromEntries(Object.keys(READOUTS).map((name) => [name, element("td", { "data-readout": name })]));
    this.where = element("th", { scope: "row" });
    const titles = ["", ...Object.values(READOUTS)].map((title) => element("th", { scope: "col" }, title));
    const summary = element("p", { class: "stage-hidden", role: "status", "aria-live": "polite" });
    this.summary = summary;
    this.root = element(
      "div",
      { class: "stage", "data-chord": true, "data-state": "busy" },
      element("link", { rel: "stylesheet", href: new URL("stage.css", import.meta.url).href }),
      this.figure,
      this.lives,
      this.narrator,
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...titles)),
        element("tbody", {}, element("tr", {}, this.where, ...Object.values(this.cells))),
      ),
      element("div", {}, this.verdict),
      summary,
    );
    parent.replaceChildren(this.root);
  }

  handle(end) {
    const button = element("button", { type: "button", class: "stage-handle", "data-handle": end });
    const to = (x) => this.moveEnd(end, x);
    button.addEventListener("pointerdown", (event) => {
      this.held = end;
      button.setPointerCapture(event.pointerId);
      event.preventDefault();
      button.focus({ preventScroll: true });
    });
    button.addEventListener("pointermove", (event) => {
      if (this.held === end) to(this.scale.fromX(event.clientX - this.figure.getBoundingClientRect().left - this.figure.clientLeft));
    });
    button.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      this.held = end;
      const [low, high] = this.header.domain;
      to(this[end] + (by * (event.shiftKey ? 10 : 1) * (high - low)) / 120);
    });
    for (const over of ["pointerup", "pointercancel", "keyup", "blur"]) button.addEventListener(over, () => this.release(end));
    return button;
  }

  receive(bytes) {
    const { nodes, heights, slopes, ...header } = unpackMap(bytes);
    if (this.link.answered(header.seq) === "late") return this.redraw();
    this.header = header;
    this.curve = new Curve({ nodes, heights, slopes });
    // What is under a hand stays there, and so does what the server has yet to hear of.
    if (!this.held && !this.slider?.held && !this.link.busy) {
      Object.assign(this, { a: header.a, b: header.b, alpha: header.alpha });
      this.showSlider(header.positions);
    }
    this.redraw();
    this.rest();
  }

  showSlider(positions) {
    const live = { name: "alpha", label: "α, the weight of A", low: 0, high: 1, marks: this.header.marks };
    Object.assign(live, { value: this.alpha, positions, index: positions.indexOf(this.alpha) });
    if (this.slider) return this.slider.update(live);
    this.slider = new LiveSlider(live, {
      hold: () => {},
      move: (name, index, value) => {
        this.alpha = value;
        this.draw();
      },
      release: () => this.ask(),
      type: (name, value) => {
        this.alpha = value;
        this.showSlider([...new Set([...this.slider.live.positions, value])].sort((one, other) => one - other));
        this.draw();
        this.ask();
      },
    });
    this.lives.append(this.slider.root);
  }

  moveEnd(end, x) {
    const [low, high] = this.header.domain;
    // A few thousand places are finer than a hand, and short in the address.
    const places = Math.max(0, 3 - Math.floor(Math.log10(high - low)));
    // And no negative zero.
    this[end] = Math.min(Math.max(Number(x.toFixed(places)), low), high) + 0;
    this.moved = true;
    this.draw();
  }

  release(end) {
    if (this.held !== end) return;
    this.held = null;
    if (this.moved) this.ask();
    this.moved = false;
  }

  ask() {
    this.link.ask(() => ({ settings: { a: this.a, b: this.b, alpha: this.alpha } }));
    this.rest();
  }

  rest() {
    this.root.dataset.state = this.link.busy ? "busy" : "ready";
    setText(this.summary, `${this.narrator.textContent} ${this.verdict.textContent}`);
  }

  // All numbers of this chord at this α.
  measure() {
    const { a, b, alpha } = this;
    // A zero that interpolation missed in its last digits is a zero.
    const zero = this.header.tolerance / 50;
    const clean = (height) => (Math.abs(height) < zero ? 0 : height);
    const [atA, atB, x] = [clean(this.curve.at(a)), clean(this.curve.at(b)), alpha * a + (1 - alpha) * b];
    const chord = clean(alpha * atA + (1 - alpha) * atB);
    const value = alpha === 1 ? atA : alpha === 0 ? atB : clean(this.curve.at(x));
    const gap = chord - value;
    const close = this.header.tolerance + 1e-13 * Math.max(Math.abs(atA), Math.abs(atB), Math.abs(value));
    const tone = Number.isNaN(gap) ? "none" : gap > close ? "good" : gap < -close ? "bad" : "even";
    return { a, b, alpha, atA, atB, x, chord, value, gap: tone === "even" ? 0 : gap, close, tone };
  }

  redraw() {
    if (!this.header || !this.figure.clientWidth) return;
    this.theme = readTheme(this.root);
    this.scale = drawCurve(this.layers.curve, this.curve, this.header, this.theme);
    this.draw();
  }

  draw() {
    if (!this.scale) return;
    const start = performance.now();
    const test = this.measure();
    this.labels = drawChord(this.layers.chord, this.scale, test, this.theme);
    for (const [end, handle] of Object.entries(this.handles)) this.placeHandle(end, handle, test);
    setText(this.where, `α = ${number(test.alpha)}, x = ${number(test.x)}`);
    setText(this.cells.chord_value, number(test.chord));
    setText(this.cells.curve_value, number(test.value));
    setText(this.cells.gap, number(test.gap));
    this.cells.gap.classList.toggle("stage-bad", test.tone === "bad");
    setText(this.narrator, narrate(test));
    const [verdict, words] = judge(test, this.farthest());
    this.verdict.dataset.verdict = verdict;
    this.verdict.classList.toggle("stage-bad", verdict === "broken");
    setText(this.verdict, words);
    performance.measure("chord:draw", { start, end: performance.now() });
    this.draws = (this.draws ?? 0) + 1;
    if (this.draws % 4000 === 0) performance.clearMeasures("chord:draw");
  }

  // Looked for once for each chord: moving α changes nothing about it.
  farthest() {
    const { a, b, curve, known } = this;
    if (known?.a !== a || known.b !== b || known.curve !== curve) this.known = { a, b, curve, found: curve.highest(a, b) };
    return { ...this.known.found };
  }

  placeHandle(end, handle, test) {
    const y = end === "a" ? test.atA : test.atB;
    const { toX, toY, plot } = this.scale;
    // In a hole the handle waits on the axis.
    const top = Number.isNaN(y) ? plot.top + plot.height : inside(toY(y), plot);
    handle.style.transform = `translate(${toX(this[end])}px, ${top}px)`;
    handle.style.setProperty("--racer", this.theme.racers[0]);
    const where = Number.isNaN(y) ? "where the function is undefined" : `y ${number(y)}`;
    handle.setAttribute("aria-label", `End point ${end.toUpperCase()}, x ${number(this[end])}, ${where}. Arrow keys move it.`);
  }

  destroy() {
    this.observer.disconnect();
    this.link.forget();
  }
}

function narrate({ alpha, x, chord, value, gap, tone }) {
  if (Number.isNaN(chord)) return "An end of the chord is where the function is undefined: there is no chord.";
  const at = `α = ${number(alpha)}: the chord is at ${number(chord)}`;
  if (Number.isNaN(value)) return `${at}, the function is undefined at x = ${number(x)}.`;
  const side = { good: `${number(gap)} below`, bad: `${number(-gap)} above`, even: "on the chord" }[tone];
  return `${at}, the curve at ${number(value)}: ${side}.`;
}

// About this chord at all α, and what that says about the function.
function judge({ a, b, atA, atB, alpha, gap, tone, close }, found) {
  const missing = [["A", a, atA], ["B", b, atB]].find(([, , value]) => Number.isNaN(value));
  if (missing) return ["none", `The function is undefined at ${missing[0]}, x = ${number(missing[1])}.`];
  if (a === b) return ["none", "A and B are the same point: there is no chord to test."];
  if (tone === "bad" && -gap > found.above) Object.assign(found, { alpha, above: -gap });
  if (found.above > close) {
    const where = `at α = ${number(found.alpha, 3)} the curve is ${number(found.above)} above it`;
    return ["broken", `This chord is broken: ${where}. One broken chord is enough: the function is not convex.`];
  }
  if (found.undefined) {
    return ["undefined", "This chord crosses a place where the function is undefined; a convex function's domain has no gap."];
  }
  if (found.apart <= close) return ["equal", "This chord holds with equality: between A and B the curve is straight."];
  return ["holds", "This chord holds. That proves nothing about the others: convex means that every chord does."];
}
