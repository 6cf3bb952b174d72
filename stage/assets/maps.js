// Maps under the paths: one byte a pixel from the server, coloured here, asked for again when what they show has changed.

import { unpackMap } from "./bank.js";
import { measured } from "./canvas.js";
import { post } from "./link.js";

export const MAPS = ["basins", "curvature", "final"];
const NOWHERE = 15;
const SHADES = 15;

// Minima by hue, in the order of their heights; saddles are grey stripes' colour, for nobody wants to end there.
const HUES = {
  light: ["#4c9fd6", "#f0a93b", "#3fb58a", "#d77fae", "#e8d94b", "#8c7cd0", "#9c6b3f", "#57c6c9"],
  dark: ["#2f7fb8", "#b97a14", "#1f8a63", "#a4527f", "#a79a1e", "#6a5ab0", "#7b5230", "#2f9396"],
};
const SADDLE = { light: "#5a5f66", dark: "#aab2bb" };

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

export class Maps {
  constructor(stage) {
    this.stage = stage;
    this.shown = new Map();
    this.busy = new Set();
  }

  // What a map is asked with: the settings that it may depend on, and not where the start or the clock are.
  question(kind) {
    const { settings } = this.stage.request({}, {});
    const { said, lives, data } = this.stage.header;
    const local = lives.filter((live) => live.local).map(({ name }) => name);
    for (const name of ["x", "y", "bx", "by", "step", "show", "height", ...local]) delete settings[name];
    const decided = lives.filter((live) => live.open).map(({ value }) => value);
    return JSON.stringify([kind, said.surface, said.optimizers, said.rates, said.steps, data?.points, settings, decided]);
  }

  // What is marked on a surface moves with it: it is asked for while a knob of the surface is under a hand.
  async refreshFacts() {
    const { stage } = this;
    const moving = stage.header.lives.filter(({ moves }) => moves);
    const now = moving.map(({ name }) => stage.valueOf(name)).join();
    const known = stage.header.facts ?? moving.map(({ value }) => value).join();
    if (now === known || this.busy.has("facts")) return;
    const answer = await this.ask("facts");
    if (stage.gone || !answer) return;
    // The header may be another one by now, which brought its own.
    if (stage.header.lives.filter(({ moves }) => moves).length !== moving.length) return;
    Object.assign(stage.header, unpackMap(answer).facts, { facts: now });
    stage.version += 1;
    stage.drawAll();
  }

  async ask(kind) {
    this.busy.add(kind);
    const { said, page } = this.stage.header;
    const request = { ...this.stage.request({}, {}), seq: 0, have: [] };
    const answer = await post(`live/${page}/${kind}`, { said, request });
    this.busy.delete(kind);
    return answer;
  }

  // Asks for what is shown and out of date; one question a map at a time, the newest when it is answered.
  async refresh() {
    for (const kind of MAPS) {
      if (!this.stage.show[kind] || this.busy.has(kind)) continue;
      const question = this.question(kind);
      if (this.shown.get(kind)?.question === question) continue;
      const answer = await this.ask(kind);
      if (this.stage.gone) return;
      if (answer) {
        this.shown.set(kind, { question, ...unpackMap(answer) });
        measured("stage:map", () => this.stage.drawMaps());
      } else this.shown.set(kind, { question });
      this.refresh();
    }
  }

  draw(layer, plots, theme) {
    const context = layer.clear();
    const { box } = this.stage.header.surface;
    const plane = plots.plane();
    const { left, top, width, height } = plane.frame;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    for (const kind of MAPS) {
      const map = this.shown.get(kind);
      if (!this.stage.show[kind] || !map?.pixels) continue;
      const image = this.image(kind, map, theme);
      const [x0, x1, y0, y1] = [plane.x(box[0]), plane.x(box[1]), plane.y(box[2]), plane.y(box[3])];
      // The pixels are samples that lie on the frame, half of each outer one is beyond it.
      const [dx, dy] = [(x1 - x0) / (image.width - 1) / 2, (y0 - y1) / (image.height - 1) / 2];
      context.imageSmoothingEnabled = kind === "curvature";
      context.drawImage(image, x0 - dx, y1 - dy, x1 - x0 + 2 * dx, y0 - y1 + 2 * dy);
      context.strokeStyle = theme.bad;
      context.lineWidth = 2;
      for (const line of map.lines) {
        context.beginPath();
        line.forEach(([x, y], i) => (i ? context.lineTo(plane.x(x), plane.y(y)) : context.moveTo(plane.x(x), plane.y(y))));
        context.stroke();
      }
    }
    context.restore();
  }

  image(kind, map, theme) {
    if (map.theme === theme.name) return map.image;
    map.theme = theme.name;
    const n = Math.sqrt(map.pixels.length);
    map.image ??= new OffscreenCanvas(n, n);
    const context = map.image.getContext("2d");
    const data = context.createImageData(n, n);
    const words = new Uint32Array(data.data.buffer);
    const colors = COLORS[kind](theme, map.places);
    // Rows come from low y to high, a picture's from its top.
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) words[(n - 1 - i) * n + j] = colors[map.pixels[i * n + j]];
    context.putImageData(data, 0, 0);
    return map.image;
  }
}

const word = ([r, g, b], alpha) => ((Math.round(255 * alpha) << 24) | (b << 16) | (g << 8) | r) >>> 0;

export function basinColors(theme, places) {
  const page = channels(theme.name === "dark" ? "#11161b" : "#ffffff");
  const colors = new Uint32Array(256);
  for (let label = 0; label < 16; label++) {
    const place = places[label];
    for (let shade = 0; shade < 16; shade++) {
      if (label === NOWHERE || !place) {
        colors[16 * label + shade] = 0;
        continue;
      }
      const base = channels(place.kind === "saddle" ? SADDLE[theme.name] : HUES[theme.name][label % 8]);
      // Quick starts are pale, slow ones full.
      const share = 0.35 + (0.65 * shade) / SHADES;
      colors[16 * label + shade] = word(base.map((value, i) => Math.round(page[i] + (value - page[i]) * share)), 0.66);
    }
  }
  return colors;
}

function curvatureColors(theme) {
  const base = channels(theme.bad);
  return Uint32Array.from({ length: 256 }, (_, i) => (i >> 4 === 1 ? word(base, 0.12 + (0.4 * (i & 15)) / SHADES) : 0));
}

// From the best end to the worst, told apart by lightness too.
const ENDS = { light: ["#0f7f6a", "#f3ead2", "#a4552f"], dark: ["#35c9a8", "#3a3a35", "#e08a5b"] };

function finalColors(theme) {
  const stops = ENDS[theme.name].map(channels);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const share = (2 * i) / 255;
    const from = Math.min(Math.floor(share), 1);
    return word(stops[from].map((value, k) => Math.round(value + (stops[from + 1][k] - value) * (share - from))), 0.8);
  });
}

const COLORS = { basins: basinColors, curvature: curvatureColors, final: finalColors };
