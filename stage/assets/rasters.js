// Maps to be clicked: 8-bit pictures over two axes, coloured here for the page's theme.

import { unpackMap } from "./bank.js";
import { ticks, tickText } from "./chart.js";
import { measured } from "./canvas.js";
import { element, number, setText } from "./format.js";
import { basinColors } from "./maps.js";
import { readTheme } from "./theme.js";

const mounted = new WeakMap();
const NONE = 255;

export function render(component) {
  let rasters = mounted.get(component.parentElement);
  if (!rasters) mounted.set(component.parentElement, (rasters = new Rasters(component.parentElement)));
  rasters.component = component;
  rasters.receive(component.data);
}

export function remove(component) {
  mounted.get(component.parentElement)?.destroy();
  mounted.delete(component.parentElement);
}

const along = ({ low, high, log }, share) => (log ? low * (high / low) ** share : low + (high - low) * share);
const share = ({ low, high, log }, value) => (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));

function places(axis, count) {
  const ends = axis.log ? [Math.log10(axis.low), Math.log10(axis.high)] : [axis.low, axis.high];
  return ticks(...ends, axis.log, count).map((tick) => ({
    text: tickText(tick, axis.log),
    at: share(axis, axis.log ? 10 ** tick : tick),
  }));
}

class Rasters {
  constructor(parent) {
    const style = element("link", { rel: "stylesheet", href: new URL("rasters.css", import.meta.url).href });
    this.grid = element("div", { class: "rasters-grid" });
    this.legend = element("div", { class: "rasters-legend" });
    this.told = element("output", { class: "rasters-told" });
    this.root = element("div", { class: "rasters", "data-rasters": "", "data-state": "busy" }, this.grid, this.legend, this.told);
    parent.append(style, this.root);
  }

  destroy() {
    this.gone = true;
  }

  async receive(data) {
    const sent = unpackMap(data);
    this.sent = sent;
    this.root.dataset.state = "busy";
    // A PNG keeps every byte as it was sent: nothing is scaled, and no colour profile applies.
    const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
    const images = await Promise.all(
      sent.panels.map((_, i) => createImageBitmap(new Blob([sent[i]], { type: "image/png" }), options)),
    );
    if (this.gone || this.sent !== sent) return;
    this.levels = images.map((image) => {
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      const { data: pixels } = context.getImageData(0, 0, image.width, image.height);
      return { width: image.width, height: image.height, values: pixels.filter((_, i) => i % 4 === 0) };
    });
    this.build();
    this.paint();
    this.root.dataset.state = "ready";
  }

  build() {
    const { panels, axes, clickable } = this.sent;
    const few = panels.length === 1;
    this.grid.dataset.count = panels.length;
    this.canvases = this.levels.map(({ width, height }, i) =>
      element("canvas", {
        width,
        height,
        role: "img",
        "aria-label": `${panels[i].title}: ${panels[i].about}`,
        class: clickable ? "rasters-live" : "",
        onclick: (event) => clickable && this.pick(i, event),
        onpointermove: (event) => this.tell(i, event),
        onpointerleave: () => setText(this.told, ""),
      }),
    );
    this.bars = panels.map(() => element("div", { class: "rasters-bar" }));
    const scaled = (axis, name, style, count) =>
      element("div", { class: `rasters-${name}` }, ...places(axis, count).map(({ text, at }) => element("span", { style: style(at) }, text)));
    const figures = panels.map((panel, i) => {
      const mark = panel.mark && panel.mark.map((value, k) => share(axes[k], value));
      const inside = mark?.every((at) => at >= 0 && at <= 1);
      const dot = inside ? [element("i", { style: `left:${100 * mark[0]}%;bottom:${100 * mark[1]}%` })] : [];
      return element(
        "figure",
        {},
        element("figcaption", {}, panel.title),
        element(
          "div",
          { class: "rasters-plot" },
          element("b", { class: "rasters-name-y" }, axes[1].label),
          scaled(axes[1], "y", (at) => `bottom:${100 * at}%`, few ? 6 : 4),
          element("div", { class: "rasters-frame" }, this.canvases[i], ...dot),
          scaled(axes[0], "x", (at) => `left:${100 * at}%`, few ? 6 : 4),
          element("b", { class: "rasters-name-x" }, axes[0].label),
        ),
        this.bars[i],
      );
    });
    this.grid.replaceChildren(...figures);
  }

  paint() {
    const theme = readTheme(this.root);
    measured("rasters:draw", () => {
      this.colors = this.sent.places ? basinColors(theme, this.sent.places).map((color) => opaque(color, theme)) : heatColors(this.sent.heat);
      this.levels.forEach(({ width, height, values }, i) => {
        const context = this.canvases[i].getContext("2d");
        const image = context.createImageData(width, height);
        const words = new Uint32Array(image.data.buffer);
        for (let k = 0; k < values.length; k++) words[k] = this.colors[values[k]];
        context.putImageData(image, 0, 0);
      });
    });
    this.sent.panels.forEach(({ parts }, i) =>
      this.bars[i].replaceChildren(
        ...parts.map(([label, part]) => {
          const text = part >= 0.005 ? `${Math.round(100 * part)} %` : "";
          return element("span", { style: `flex:${part};background:${this.css(label)}`, title: `${(100 * part).toFixed(1)} %` }, part >= 0.1 ? text : "");
        }),
      ),
    );
    this.legend.replaceChildren(...(this.sent.places ? this.keys() : [this.bar()]));
  }

  css(label) {
    if (label < 0) return "transparent";
    const color = this.colors[label * 16 + 12];
    return `rgba(${color & 255},${(color >> 8) & 255},${(color >> 16) & 255},${(color >>> 24) / 255})`;
  }

  keys() {
    const named = this.sent.places.map((place, label) => ({ ...place, label })).filter(({ text }) => text);
    return named.map(({ text, label }) => element("span", {}, element("i", { style: `background:${this.css(label)}` }), text));
  }

  bar() {
    const { scale, heat } = this.sent;
    const stops = [0, 0.25, 0.5, 0.75, 1].map((at) => heat[Math.round(at * (heat.length - 1))]);
    const spans = places(scale, 6).map(({ text, at }) => element("span", { style: `left:${100 * at}%` }, text));
    return element(
      "div",
      { class: "rasters-scale" },
      element("b", {}, scale.label),
      element("div", { style: `background:linear-gradient(90deg,${stops.join()})` }),
      element("div", { class: "rasters-x" }, ...spans),
    );
  }

  // Shares of both axes, from the lower left corner.
  place(i, event) {
    const { left, bottom, width, height } = this.canvases[i].getBoundingClientRect();
    const clip = (at) => Math.min(Math.max(at, 0), 1);
    return { x: clip((event.clientX - left) / width), y: clip((bottom - event.clientY) / height) };
  }

  pick(i, event) {
    this.component.setTriggerValue("picked", { panel: i, ...this.place(i, event) });
  }

  tell(i, event) {
    const { axes, scale, places: named } = this.sent;
    const { x, y } = this.place(i, event);
    const { width, height, values } = this.levels[i];
    const value = values[Math.min(Math.floor((1 - y) * height), height - 1) * width + Math.min(Math.floor(x * width), width - 1)];
    const where = `${axes[0].label} ${number(along(axes[0], x), 3)}, ${axes[1].label} ${number(along(axes[1], y), 3)}`;
    const what = named ? named[value >> 4]?.text : value === NONE ? "none" : `${scale.label} ${number(along(scale, value / (NONE - 1)), 2)}`;
    setText(this.told, what ? `${where}: ${what}` : where);
  }
}

// What the stage lays over a surface stands here on the page; what has no colour stays open for the hatching below.
function opaque(color, theme) {
  const alpha = (color >>> 24) / 255;
  if (!alpha) return 0;
  const page = theme.name === "dark" ? [17, 22, 27] : [255, 255, 255];
  const mixed = page.map((part, i) => Math.round(part + (((color >>> (8 * i)) & 255) - part) * alpha));
  return ((255 << 24) | (mixed[2] << 16) | (mixed[1] << 8) | mixed[0]) >>> 0;
}

function heatColors(heat) {
  const colors = new Uint32Array(256);
  heat.forEach((text, level) => {
    const [r, g, b] = text.match(/\d+(\.\d+)?/g).map((part) => Math.round(Number(part)));
    colors[level] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
  return colors;
}
