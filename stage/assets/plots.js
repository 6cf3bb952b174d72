// The two Plotly figures: drawn once per surface, recoloured with the theme, and the maps from data to pixels.

import { spread } from "./bank.js";
import { cameraOf } from "./camera.js";
import { heightScale } from "./heights.js";
import { lighten, uncut } from "./reliefscene.js";
import { LOST, MISSING, say } from "./webgl.js";

const LEVELS = 18;
// The relief of the page that was left, for the next one: a new one has to compile its shaders before it shows anything.
const spares = [];

// The task after a frame's callbacks runs once that frame is handed on to the screen.
const framePainted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

const rows = (flat, n, map) => {
  const out = new Array(n);
  for (let i = 0; i < n; i++) {
    const row = (out[i] = new Float32Array(n));
    for (let j = 0; j < n; j++) row[j] = map(flat[i * n + j]);
  }
  return out;
};

const axisColors = (theme, axis) => ({
  [`${axis}.color`]: theme.text,
  [`${axis}.gridcolor`]: theme.line,
  [`${axis}.linecolor`]: theme.line,
  [`${axis}.tickfont.size`]: theme.small,
});

export class Plots {
  constructor(Plotly, contour, relief) {
    // Where a label on the map would cover a sign or a name.
    this.taken = [];
    // Plotly.js takes a revision 0 as none, so visits count from 1.
    Object.assign(this, { Plotly, contour, relief, drawn: null, complete: false, flat: false, lost: false, visit: 1 });
    relief.addEventListener("webglcontextlost", (event) => this.lose(event), true);
  }

  // The map in one empty element, and in the other's place the relief that was left, if there is one.
  static at(Plotly, contour, relief) {
    const spare = spares.pop();
    if (!spare) return new Plots(Plotly, contour, relief);
    // It still shows another page's surface.
    spare.relief.hidden = true;
    spare.visit += 1;
    spare.contour = contour;
    relief.replaceWith(spare.relief);
    return spare;
  }

  // The page is left.
  release() {
    Object.assign(this, { drawn: null, oncontour: null, onmorph: null, oncamera: null, onregain: null });
    const kept = this.complete && !this.lost && !spares.length;
    this.complete = false;
    this.Plotly.purge(this.contour);
    this.relief.remove();
    if (kept) spares.push(this);
    else if (!this.flat) this.Plotly.purge(this.relief);
  }

  // Draws a surface; `scene` has x, y and z, `key` names what is drawn so that an equal one is not drawn again.
  async show(key, scene, figures, heightKind, theme) {
    const wanted = [key, heightKind, theme.name, theme.small].join();
    if (this.drawn === wanted) return;
    const fresh = this.drawn === null || this.figureKey !== JSON.stringify(figures);
    this.figureKey = JSON.stringify(figures);
    this.setHeights(scene, heightKind);
    const traces = this.traces(scene, figures, theme);
    const settings = figures.contour.config;
    if (fresh) {
      const contourLayout = structuredClone(figures.contour.layout);
      const reliefLayout = structuredClone(figures.relief.layout);
      reliefLayout.scene.zaxis.range = this.zRange();
      // A turned camera stays for the next surface, not for the next page.
      reliefLayout.uirevision = this.visit;
      await this.Plotly.react(this.contour, [traces.contour], this.colored(contourLayout, theme), settings);
      this.drawn = wanted;
      // The place may have changed while something was drawn there, or since the page before.
      await this.fit([this.contour]);
      // The map can be touched before the relief, which takes far longer, is there.
      this.oncontour?.();
      await framePainted();
      // The page may have been left meanwhile.
      if (!this.relief.isConnected) return;
      this.relief.hidden = false;
      if (!this.flat) await this.raise(traces.relief, this.colored(reliefLayout, theme), settings);
      say(this.relief, this.flat ? MISSING : "");
      this.complete = true;
    } else {
      this.drawn = wanted;
      await this.recolor(theme);
      await this.restyle(traces);
    }
  }

  async raise(trace, layout, settings) {
    // Plotly.js writes a turned camera into the layout that the relief was first drawn with, so that one stays in use.
    const kept = Object.assign(this.relief.layout ?? {}, layout);
    if (!this.relief.layout) {
      await this.Plotly.react(this.relief, [uncut(trace, this.scale)], kept, settings);
      await this.hook();
      if (!this.relief.isConnected) return;
    }
    await this.Plotly.react(this.relief, [trace], kept, settings);
    // Without WebGL plotly.js leaves a white sheet with a link to elsewhere.
    this.flat = !this.relief._fullLayout.scene._scene?.glplot;
    if (this.flat) this.relief.replaceChildren();
    else await this.fit([this.relief]);
  }

  // What the graphics card held is gone, so the relief is drawn anew as a whole once there is a card again.
  lose(event) {
    // A browser gives back only what was not taken as lost for good; and plotly.js would mend a figure that is no more.
    event.preventDefault();
    event.stopPropagation();
    event.target.addEventListener("webglcontextrestored", () => this.regain(), { once: true });
    this.lost = true;
    this.Plotly.purge(this.relief);
    say(this.relief, LOST);
    this.oncamera?.();
  }

  regain() {
    this.lost = false;
    this.drawn = null;
    this.onregain?.();
  }

  setHeights(scene, heightKind) {
    this.scene = scene;
    this.n = scene.x.length;
    this.revision = (this.revision ?? 0) + 1;
    this.scale = heightScale(heightKind, scene.z);
  }

  traces(scene, figures, theme) {
    const scale = this.scale;
    const low = scale.contour(scale.low);
    const step = (scale.contour(scale.high) - low) / LEVELS || 1;
    const colorscale = figures.contour.scales[theme.name];
    this.levels = Array.from({ length: LEVELS - 1 }, (_, i) => low + (i + 1) * step);
    return {
      contour: {
        ...figures.contour.trace,
        x: scene.x,
        y: scene.y,
        z: rows(scene.z, this.n, scale.contour),
        contours: { ...figures.contour.trace.contours, start: low + step, end: low + (LEVELS - 0.5) * step, size: step },
        line: { ...figures.contour.trace.line, color: theme.level },
        colorscale,
      },
      relief: {
        ...figures.relief.trace,
        x: scene.x,
        y: scene.y,
        z: rows(scene.z, this.n, scale.relief),
        surfacecolor: rows(scene.z, this.n, scale.contour),
        colorscale,
      },
    };
  }

  zRange() {
    const { floor, top } = this.scale;
    return [floor - 0.02 * (top - floor), top + 0.02 * (top - floor)];
  }

  colored(layout, theme) {
    const fonts = { family: theme.font, color: theme.text, size: theme.small };
    Object.assign(layout, { font: fonts, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" });
    for (const axis of [layout.xaxis, layout.yaxis, layout.scene?.xaxis, layout.scene?.yaxis, layout.scene?.zaxis]) {
      if (axis) Object.assign(axis, { color: theme.text, gridcolor: theme.line, linecolor: theme.line, tickcolor: theme.line });
    }
    if (layout.scene) layout.scene.zaxis.showticklabels = false;
    return layout;
  }

  recolor(theme) {
    const flat = (...axes) => Object.assign({ "font.color": theme.text }, ...axes.map((axis) => axisColors(theme, axis)));
    return Promise.all([
      this.Plotly.relayout(this.contour, flat("xaxis", "yaxis")),
      this.raised && this.Plotly.relayout(this.relief, flat("scene.xaxis", "scene.yaxis", "scene.zaxis")),
    ]);
  }

  restyle({ contour, relief }) {
    const each = (trace, names) => Object.fromEntries(names.map((name) => [name, [trace[name]]]));
    return Promise.all([
      this.Plotly.restyle(this.contour, {
        ...each(contour, ["x", "y", "z", "colorscale", "contours"]),
        "line.color": contour.line.color,
      }),
      this.raised && this.Plotly.update(
        this.relief,
        each(relief, ["x", "y", "z", "surfacecolor", "colorscale"]),
        // Plotly.js takes note of a turned camera when the hand lets go; until then this would set it back.
        { "scene.zaxis.range": this.zRange(), "scene.camera": this.relief._fullLayout.scene._scene.getCamera() },
      ),
    ]);
  }

  // A knob of the surface is moving: new heights, at the pace that the machine draws them, the newest first.
  morph(box, z, heightKind, figures, theme) {
    const n = Math.sqrt(z.length);
    const scene = { x: spread(box[0], box[1], n), y: spread(box[2], box[3], n), z };
    this.pending = { scene, heightKind, figures, theme };
    if (this.morphing) return;
    this.morphing = true;
    const next = async () => {
      const work = this.pending;
      this.pending = null;
      if (!work) {
        this.morphing = false;
        return;
      }
      this.drawn = "moving";
      this.setHeights(work.scene, work.heightKind);
      await this.restyle(this.traces(work.scene, work.figures, work.theme));
      this.onmorph?.();
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }

  resize() {
    return this.fit([...(this.drawn ? [this.contour] : []), ...(this.complete && this.raised ? [this.relief] : [])]);
  }

  // Each of these figures gets the size of its place.
  fit(drawn) {
    // What was purged has no layout, and what is hidden no size.
    const off = ({ clientWidth, clientHeight, _fullLayout: now }) =>
      now && clientWidth && Math.max(Math.abs(clientWidth - now.width), Math.abs(clientHeight - now.height)) >= 1;
    return Promise.all(drawn.filter(off).map((plot) => this.Plotly.Plots.resize(plot)));
  }

  // The contour's axes: data to pixels of the figure and back, and the frame that paths are clipped to.
  plane() {
    const { xaxis, yaxis } = this.contour._fullLayout;
    return {
      // Equal keys put every point on the same pixel.
      key: [...xaxis.range, ...yaxis.range, xaxis._offset, yaxis._offset, xaxis._length, yaxis._length].join(),
      x: (value) => xaxis._offset + xaxis.l2p(value),
      y: (value) => yaxis._offset + yaxis.l2p(value),
      fromX: (pixel) => xaxis.p2l(pixel - xaxis._offset),
      fromY: (pixel) => yaxis.p2l(pixel - yaxis._offset),
      frame: { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length },
    };
  }

  get raised() {
    return !this.flat && !this.lost;
  }

  camera() {
    return this.raised ? cameraOf(this.relief) : null;
  }

  async hook() {
    const scene = this.relief._fullLayout.scene._scene;
    if (!scene?.glplot) return;
    // `lose` answers for a lost card. Plotly's own mending would go on with what was purged.
    scene.glplot.oncontextloss = null;
    await lighten(scene, () => this.oncamera?.());
  }

  // Height of the drawn surface at a point, between grid points linearly.
  heightAt(x, y) {
    const { scene, n, scale } = this;
    const u = ((x - scene.x[0]) / (scene.x[n - 1] - scene.x[0])) * (n - 1);
    const v = ((y - scene.y[0]) / (scene.y[n - 1] - scene.y[0])) * (n - 1);
    if (!(u >= 0 && v >= 0 && u <= n - 1 && v <= n - 1)) return NaN;
    const [j, i] = [Math.min(n - 2, Math.floor(u)), Math.min(n - 2, Math.floor(v))];
    const [du, dv] = [u - j, v - i];
    const at = (row, column) => scale.relief(scene.z[row * n + column]);
    return (
      (at(i, j) * (1 - du) + at(i, j + 1) * du) * (1 - dv) + (at(i + 1, j) * (1 - du) + at(i + 1, j + 1) * du) * dv
    );
  }
}
