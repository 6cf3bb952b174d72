// The row of linked curves: the page's choice of panels, drawn together, each a place to move the cursor or the thumb.

import { Layer } from "./canvas.js";
import { drawChart } from "./chart.js";
import { element, setText } from "./format.js";
import { PANELS } from "./panels.js";

// Where the cursor stands on a panel's own axis.
function cursorOf(panel, stage) {
  if (panel.cursor) return panel.cursor(stage);
  if (panel.pick) return stage.positions[stage.position];
  return panel.toTime ? panel.toTime(stage.t) : stage.t;
}

export class Curves {
  constructor(root, stage) {
    Object.assign(this, { root, stage, charts: [] });
  }

  choose(names) {
    const wanted = names.filter((name) => name in PANELS);
    if (wanted.join() === this.charts.map(({ name }) => name).join()) return;
    this.charts = wanted.map((name) => this.chart(name, PANELS[name]));
    this.root.replaceChildren(...this.charts.map(({ root }) => root), this.stage.parts.data.root);
  }

  chart(name, panel) {
    const canvas = element("canvas", { role: "img", "aria-label": panel.title, "data-panel": name });
    const note = element("span", { class: "stage-note" });
    const cursor = element("i", { class: "stage-cursor" });
    const box = element("div", { class: "stage-canvas" }, canvas, cursor);
    const root = element("figure", { class: "stage-panel" }, element("figcaption", {}, panel.title, note), box);
    const chart = { name, panel, layer: new Layer(canvas), cursor, note, root };
    this.bind(chart, box);
    return chart;
  }

  // A press or drag moves the shared cursor, or takes a value for the slider that the curve is drawn against.
  bind(chart, box) {
    const follow = (event) => {
      if (!chart.drawn) return;
      const at = chart.drawn.fromX(event.offsetX);
      if (chart.panel.take) chart.panel.take(this.stage, at);
      else if (chart.panel.pick) this.stage.put(this.stage.header.over, at);
      else this.stage.clock.seek(Math.round(at - (chart.panel.toTime?.(0) ?? 0)));
    };
    box.addEventListener("pointerdown", (event) => {
      box.setPointerCapture(event.pointerId);
      chart.held = true;
      follow(event);
    });
    box.addEventListener("pointermove", (event) => chart.held && follow(event));
    for (const end of ["pointerup", "pointercancel"]) {
      box.addEventListener(end, () => {
        if (chart.held) this.stage.rest();
        chart.held = false;
      });
    }
  }

  // A chart is drawn again when what it shows has changed; the cursor alone moves with the clock and the thumb.
  draw() {
    const { stage } = this;
    for (const chart of this.charts) {
      const { clientWidth, clientHeight } = chart.root;
      const { panel } = chart;
      const about = panel.key ? panel.key(stage) : 0;
      const shown = [panel.pick ? stage.banks : stage.version, about, stage.theme.name, clientWidth, clientHeight].join();
      if (chart.shown !== shown) {
        chart.shown = shown;
        chart.drawn = drawChart(chart.layer, chart.panel.chart(stage), stage.theme);
        setText(chart.note, chart.panel.note?.(stage) ?? "");
      }
      const { plot, toX } = chart.drawn;
      const x = toX(cursorOf(panel, stage));
      chart.cursor.hidden = !(x >= plot.left - 1 && x <= plot.left + plot.width + 1);
      chart.cursor.style.transform = `translateX(${x}px)`;
    }
  }
}
