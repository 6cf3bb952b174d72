// The stage: takes the server's messages, holds what is shown, and draws it.

import { run as runOf, unpack } from "./bank.js";
import { Layer, measured } from "./canvas.js";
import { Clock, movesFreely } from "./clock.js";
import { Curves } from "./curves.js";
import { drawContour, drawSigns } from "./contour.js";
import { LiveSlider, nearest } from "./controls.js";
import { build } from "./layout.js";
import { element } from "./format.js";
import { bindHandles, bindKeys, placeHandles } from "./hands.js";
import { Link, post } from "./link.js";
import { Maps } from "./maps.js";
import { Plots } from "./plots.js";
import { writeNumbers } from "./readouts.js";
import { drawRelief } from "./relief.js";
import { readTheme } from "./theme.js";

const stages = new WeakMap();

export async function render(component) {
  let stage = stages.get(component.parentElement);
  if (!stage) stages.set(component.parentElement, (stage = new Stage(component)));
  stage.component = component;
  await stage.receive(component.data);
}

export function remove(component) {
  stages.get(component.parentElement)?.destroy();
  stages.delete(component.parentElement);
}

async function loadPlotly() {
  if (!window.Plotly) {
    await new Promise((resolve, reject) => {
      const source = new URL("plotly.min.js", import.meta.url).href;
      document.head.append(element("script", { src: source, onload: resolve, onerror: reject }));
    });
  }
  return window.Plotly;
}

class Stage {
  constructor(component) {
    this.component = component;
    this.clock = new Clock((moving) => this.moved(moving));
    this.link = new Link((request) => this.send(request));
    this.maps = new Maps(this);
    this.undos = [];
    this.sliders = new Map();
    // What was drawn from older runs, or from an older bank, is told by these counts.
    this.version = this.banks = 0;
    this.position = 0;
    this.drawing = Promise.resolve();
    this.show = {};
    this.parts = build(component.parentElement, this);
    this.layers = Object.fromEntries(["maps", "signs", "paths", "reliefPaths"].map((name) => [name, new Layer(this.parts[name])]));
    this.parts.root.stage = this;
    this.curves = new Curves(this.parts.panels, this);
    this.plotly = loadPlotly();
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.parts.root);
    bindKeys(this);
    bindHandles(this);
  }

  get t() {
    return this.clock.t;
  }

  async receive(bytes, direct = false) {
    const message = unpack(bytes);
    if (message.missing) {
      this.link.forget();
      return this.ask({});
    }
    const { header, scene, bank, cut } = message;
    const cause = this.link.answered(header.seq, direct);
    if (cause === "late") return this.themed();
    const first = !this.header;
    // What the stage asked for itself is no reason to move its clock or its overlays.
    const same = (part) => JSON.stringify(part(header)) === JSON.stringify(part(this.header));
    const fresh = first || (cause === "other" && !(same((h) => h.view) && same((h) => h.surface)));
    const names = (racers) => racers.map(({ key, title }) => key + title).join();
    const racersChanged = first || names(header.racers) !== names(this.header.racers);
    Object.assign(this, { header, scene, bank, cut });
    this.banks += 1;
    const otherTheme = this.wear(readTheme(this.parts.root));
    this.over = { ...header.lives.find(({ name }) => name === header.over), positions: bank.positions };
    this.positions = bank.positions;
    const slider = this.sliders.get(header.over);
    if (!slider?.held) this.position = nearest(bank.positions, this.over.value);
    else this.position = nearest(bank.positions, slider.value);
    this.clock.steps = header.steps;
    this.clock.t = Math.min(this.clock.t, header.steps);
    if (fresh) this.adoptView(header.view, first);
    this.updateSliders();
    if (racersChanged || otherTheme) this.parts.readouts.racers(header.racers, this.theme);
    this.curves.choose(header.panels);
    this.parts.taylor.root.hidden = !header.panels.includes("taylor");
    this.lookUp();
    await this.drawSurface();
    this.drawAll();
    // A page is answered with one run, so that it is there at once; the rest of the slider comes by the direct way.
    if (!header.whole && !this.link.busy) this.ask({}, { drag: true });
    if (first && header.view.step === null && movesFreely()) this.clock.play();
    this.mark();
  }

  // The address, or a link on the page, says what is shown.
  adoptView(view, first) {
    this.show = Object.fromEntries(Object.keys(this.parts.boxes).map((name) => [name, view.show.includes(name)]));
    for (const [name, box] of Object.entries(this.parts.boxes)) box.checked = this.show[name];
    this.heightKind = view.height;
    this.parts.heights.value = view.height;
    if (view.step !== null) {
      this.clock.pause();
      this.clock.t = Math.min(view.step, this.clock.steps);
    } else if (!first) {
      this.clock.t = 0;
      if (movesFreely()) this.clock.play();
      else this.clock.pause();
    }
  }

  updateSliders() {
    const wanted = this.header.lives.map(({ name }) => name);
    for (const [name, slider] of this.sliders) {
      if (wanted.includes(name)) continue;
      slider.root.remove();
      this.sliders.delete(name);
    }
    for (const live of this.header.lives) {
      const known = this.sliders.get(live.name);
      if (known) known.update(live);
      else {
        const slider = new LiveSlider(live, {
          hold: (name) => this.want(name),
          move: (name, index, value) => this.thumb(name, index, value),
          release: () => this.rest(),
          type: (name, value) => this.ask({ [name]: value }),
        });
        this.sliders.set(live.name, slider);
        this.parts.lives.append(slider.root);
      }
    }
  }

  lookUp() {
    this.version += 1;
    this.runs = this.header.racers.map((_, racer) => runOf(this.bank, racer, this.position));
  }

  // The thumb's value, also where its bank is not here yet.
  valueOf(name) {
    return this.sliders.get(name)?.value;
  }

  // While something is dragged the server answers directly: a run of the whole page would keep the hand waiting.
  async send(request) {
    if (!request.drag) return this.component.setStateValue("request", request);
    const answer = await post(`live/${this.header.page}`, { said: this.header.said, request });
    // A server that is away or busy is asked again by the link itself.
    if (answer && !this.gone) await this.receive(answer, true);
  }

  // A value was pointed at somewhere else than on its slider.
  put(name, value) {
    const slider = this.sliders.get(name);
    const index = nearest(slider.live.positions, value);
    slider.put(index);
    this.thumb(name, index, slider.live.positions[index]);
  }

  // The thumb of a live slider is somewhere else: look up, draw, and ask the server for nothing.
  thumb(name, index, value) {
    if (this.sliders.get(name).live.local) return this.drawMoving();
    if (name !== this.header.over || !this.header.whole) {
      const held = this.sliders.get(name).held;
      return this.ask({ [name]: value }, { drag: true, over: held ? name : this.header.over, single: !held });
    }
    this.position = index;
    this.lookUp();
    if (this.bank.grids.length) {
      const size = this.bank.grids.shape[1] ** 2;
      const z = this.bank.grids.subarray(index * size, (index + 1) * size);
      this.plots?.morph(this.header.surface.box, z, this.heightKind, this.header.figures, this.theme);
    }
    this.drawAll();
  }

  // A hand is on another slider: its bank is asked for before it moves, and marks that it would move are hidden.
  want(name) {
    if (this.sliders.get(name).live.local) return;
    if (name !== this.header.over) this.ask({}, { drag: true, over: name });
    for (const slider of this.sliders.values()) slider.marks.classList.toggle("stage-old", slider.name !== name);
  }

  request(changes, how) {
    const settings = { x: this.header.start[0], y: this.header.start[1] };
    if (this.header.end) [settings.bx, settings.by] = this.header.end;
    // What the page decides by itself is said once a hand has moved it.
    for (const { name, open, value } of this.header.lives) {
      if (!open || this.valueOf(name) !== value) settings[name] = this.valueOf(name);
    }
    settings.height = this.heightKind;
    settings.show = Object.keys(this.show).filter((name) => this.show[name]).join(" ");
    settings.step = this.clock.playing ? "play" : Math.floor(this.clock.t);
    return { settings: { ...settings, ...changes }, over: this.header.over, drag: false, single: false, ...how };
  }

  // Asks the server: while something is dragged for a picture only, else also to put the settings into the address.
  ask(changes, how = {}) {
    this.link.ask(() => this.request(changes, how));
    this.mark();
  }

  // A hand has let go: the settings go into the address, and the first slider is live again.
  rest() {
    for (const slider of this.sliders.values()) slider.marks.classList.remove("stage-old");
    this.ask({}, { over: this.header.lives.find(({ local }) => !local).name });
  }

  mark() {
    const { root } = this.parts;
    root.dataset.state = this.link.busy || !this.plots?.complete ? "busy" : "ready";
    root.dataset.step = Math.floor(this.t);
  }

  // One drawing at a time, in the order of the messages: plotly.js loads slowly and messages do not wait for it.
  drawSurface() {
    this.drawing = this.drawing.then(async () => {
      const Plotly = await this.plotly;
      if (this.gone) return;
      const fresh = !this.plots;
      const plots = this.plots ?? Plots.at(Plotly, this.parts.contour, this.parts.relief);
      if (plots.morphing) return;
      this.plots = plots;
      this.parts.relief = plots.relief;
      plots.oncontour = () => this.drawAll();
      await plots.show(this.header.scene, this.scene, this.header.figures, this.heightKind, this.theme);
      if (!fresh || this.gone) return;
      plots.onmorph = () => this.drawAll();
      plots.onregain = () => this.drawSurface().then(() => this.drawAll());
      plots.oncamera = () => this.drawRelief();
      plots.contour.on("plotly_relayout", () => this.drawAll());
    });
    return this.drawing;
  }

  moved(moving) {
    this.drawMoving();
    if (!moving) this.mark();
    else this.parts.root.dataset.step = Math.floor(this.t);
    if (moving && !this.clock.playing) this.mark();
  }

  drawMaps() {
    if (this.plots?.drawn) this.maps.draw(this.layers.maps, this.plots, this.theme);
  }

  drawAll() {
    if (!this.plots?.drawn) return;
    this.maps.refresh();
    this.maps.refreshFacts();
    this.drawMaps();
    this.plots.taken = drawSigns(this.layers.signs, this.plots, this);
    placeHandles(this);
    this.drawMoving();
  }

  drawMoving() {
    if (!this.plots?.drawn || !this.runs) return;
    measured("stage:contour", () => drawContour(this.layers.paths, this.plots, this));
    measured("stage:relief", () => this.drawRelief());
    measured("stage:curves", () => this.curves.draw());
    this.parts.data.draw();
    writeNumbers(this);
  }

  drawRelief() {
    if (this.plots?.drawn && this.runs) drawRelief(this.layers.reliefPaths, this.plots, this);
  }

  resized() {
    cancelAnimationFrame(this.resizing);
    this.resizing = requestAnimationFrame(async () => {
      await this.plots?.resize();
      this.drawAll();
    });
  }

  async themed() {
    if (!this.header || !this.wear(readTheme(this.parts.root))) return;
    this.parts.readouts.racers(this.header.racers, this.theme);
    await this.drawSurface();
    this.drawAll();
  }

  // What listens outside the stage is taken back when the page is left.
  leave(undo) {
    this.undos.push(undo);
  }

  // Whether it is another one than before.
  wear(theme) {
    const other = JSON.stringify(theme) !== JSON.stringify(this.theme);
    this.theme = theme;
    this.parts.root.style.colorScheme = theme.name;
    return other;
  }

  destroy() {
    this.gone = true;
    this.clock.pause();
    this.observer.disconnect();
    this.link.forget();
    for (const undo of this.undos) undo();
    this.plots?.release();
  }
}
