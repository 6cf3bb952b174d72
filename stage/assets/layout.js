// The stage's own elements, in the order in which they are read.

import { Transport, viewControls } from "./controls.js";
import { DataPlot } from "./data.js";
import { element } from "./format.js";
import { Present } from "./present.js";
import { Readouts, Taylor } from "./readouts.js";

export function build(parent, stage) {
  const style = element("link", { rel: "stylesheet", href: new URL("stage.css", import.meta.url).href });
  const canvas = (name) => element("canvas", { class: "stage-layer", "aria-hidden": "true", "data-layer": name });
  const [maps, signs, paths, reliefPaths] = ["maps", "signs", "paths", "relief"].map(canvas);
  const contour = element("div", { class: "stage-plot", "data-plot": "contour" });
  const relief = element("div", { class: "stage-plot", "data-plot": "relief" });
  const handle = (name) => element("button", { type: "button", class: "stage-handle", "data-handle": name, hidden: true });
  const [start, end] = ["start", "end"].map(handle);
  const transport = new Transport(stage.clock, {
    toggle: () => stage.toggle(),
    seek: (t) => stage.clock.seek(t),
    rest: () => stage.rest(),
  });
  const view = viewControls({
    leave: (undo) => stage.leave(undo),
    height: async (kind) => {
      stage.heightKind = kind;
      await stage.drawSurface();
      stage.drawAll();
      stage.rest();
    },
    overlay: (name, on) => {
      stage.show[name] = on;
      stage.drawAll();
      stage.rest();
    },
    resetView: async () => {
      stage.plots.drawn = null;
      await stage.drawSurface();
      stage.drawAll();
    },
  });
  const present = new Present(stage);
  transport.root.append(view.root, present.codeButton, present.button);
  const lives = element("div", { class: "stage-lives" });
  const narrator = element("p", { class: "stage-narrator", "data-narrator": true });
  const summary = element("p", { class: "stage-hidden", role: "status", "aria-live": "polite" });
  const readouts = new Readouts();
  const taylor = new Taylor();
  taylor.root.hidden = true;
  const data = new DataPlot(stage);
  const panels = element("div", { class: "stage-panels" });
  const root = element(
    "div",
    { class: "stage", "data-stage": true, "data-state": "busy", "data-step": 0 },
    style,
    element(
      "div",
      { class: "stage-plots" },
      element("div", { class: "stage-figure", role: "group", "aria-label": "Contour map" }, contour, maps, signs, paths, end, start),
      element("div", { class: "stage-figure", role: "group", "aria-label": "Relief" }, relief, reliefPaths),
    ),
    transport.root,
    lives,
    narrator,
    element("div", { class: "stage-numbers" }, readouts.root, taylor.root),
    panels,
    summary,
    present.code,
  );
  present.bind(root);
  parent.replaceChildren(root);
  return { root, contour, relief, maps, signs, paths, reliefPaths, start, end, transport, lives, narrator, summary, readouts, taylor, data, panels, heights: view.heights, boxes: view.boxes };
}
