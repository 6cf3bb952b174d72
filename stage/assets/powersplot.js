// What the page on long-term dependencies draws: eigenvalues in their plane, the unit circle under Wᵗ, norms against t.

import { arrow, dot, label } from "./canvas.js";
import { drawChart } from "./chart.js";
import { number } from "./format.js";

// Half the width of what is shown of the complex plane.
export const REACH = 1.62;
const GHOSTS = 24;
// Steps that the trail of a point is long: more would cover what it runs over.
const TRAIL = 10;
const DECADES = 12;
const NAMES = ["λ₁", "λ₂"];

const font = (theme, weight = 400) => `${weight} 12px ${theme.font}`;

// Draws with a share of the ink: cheaper than mixing colours on every move.
function faint(context, share, draw) {
  context.globalAlpha = share;
  draw();
  context.globalAlpha = 1;
}

function circle(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, Math.max(radius, 0), 0, 2 * Math.PI);
}

function line(context, ...points) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

export function planeScale({ width, height }) {
  const unit = Math.min(width, height) / (2 * REACH);
  const [cx, cy] = [width / 2, height / 2];
  return { unit, toX: (x) => cx + x * unit, toY: (y) => cy - y * unit, fromX: (px) => (px - cx) / unit, fromY: (py) => (cy - py) / unit };
}

// The colours of λ₁ and λ₂: a conjugate pair is one thing.
export const colorsOf = (powers, theme) => (powers.paired ? [theme.racers[0], theme.racers[0]] : [theme.racers[0], theme.racers[1]]);

export function drawPlane(layer, theme, powers, t, steps) {
  const context = layer.clear();
  const { width, height } = layer;
  const scale = planeScale(layer);
  const { unit, toX, toY } = scale;
  const [cx, cy] = [toX(0), toY(0)];
  context.fillStyle = theme.racers[0];
  faint(context, 0.07, () => context.fillRect(0, 0, width, height));
  circle(context, cx, cy, unit);
  context.fillStyle = theme.background;
  context.fill();
  context.fillStyle = theme.racers[1];
  faint(context, 0.1, () => context.fill());
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  line(context, [0, cy], [width, cy]);
  line(context, [cx, 0], [cx, height]);
  circle(context, cx, cy, unit);
  context.strokeStyle = theme.good;
  context.lineWidth = 2;
  context.stroke();
  const colors = colorsOf(powers, theme);
  const count = powers.paired || powers.re !== powers.other ? 2 : 1;
  for (let which = 0; which < count; which++) drawOrbit(context, scale, powers, which, steps, colors[which]);
  const say = (text, x, y, align) => label(context, text, x, y, theme.text, theme.halo, { align, font: font(theme) });
  say("|λ| < 1: vanishes", cx, cy + 0.62 * unit, "center");
  say("|λ| > 1: explodes", 10, 16, "left");
  say("Re", width - 8, cy + 12, "right");
  say("Im", cx + 7, 12, "left");
  for (const at of [-1, 1]) {
    say(number(at), toX(at) + 5, cy + 11, "left");
    say(at < 0 ? "−i" : "i", cx + 6, toY(at) + (at < 0 ? 12 : -9), "left");
  }
  if (t >= 1.5) powers.eigenvalues(t).forEach(([x, y], which) => dot(context, toX(x), toY(y), 4, colors[which], theme.background, 1.5));
  return scale;
}

// Where the powers of an eigenvalue go.
function drawOrbit(context, { toX, toY }, powers, which, steps, color) {
  const path = [];
  for (let s = 1; s <= steps; s++) {
    const [x, y] = powers.eigenvalues(s)[which];
    if (Math.hypot(x, y) > 4 * REACH) break;
    path.push([toX(x), toY(y)]);
  }
  context.strokeStyle = context.fillStyle = color;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  // Steps that turn far would cross out the disk.
  if (Math.abs(Math.atan2(powers.im, powers.re)) < Math.PI / 4) faint(context, 0.4, () => line(context, ...path));
  context.setLineDash([]);
  context.beginPath();
  for (const [x, y] of path) {
    context.moveTo(x + 1.8, y);
    context.arc(x, y, 1.8, 0, 2 * Math.PI);
  }
  faint(context, 0.75, () => context.fill());
}

export function drawHandleNames(layer, theme, powers, { toX, toY }) {
  const places = powers.eigenvalues(1);
  const together = !powers.paired && powers.re === powers.other;
  places.forEach(([x, y], which) => {
    if (which && together) return;
    const text = together ? `${NAMES[0]} = ${NAMES[1]}` : NAMES[which];
    // Two on the real axis are named on either side of it.
    const second = which === 1 && !powers.paired;
    const left = x > 1.2 || second;
    const [px, py] = [toX(x) + (left ? -16 : 16), toY(y) + (y < 0 || second ? 17 : -17)];
    label(layer.context, text, px, py, colorsOf(powers, theme)[which], theme.halo, { align: left ? "right" : "left", font: font(theme, 600) });
  });
}

// Round lengths for the rings that say how large a picture is.
function rings(reach) {
  const decade = 10 ** Math.floor(Math.log10(reach));
  const step = [0.2, 0.5, 1, 2, 5].map((m) => m * decade).find((length) => reach / length < 4.5);
  return [1, 2, 3, 4].map((k) => k * step).filter((radius) => radius < 0.97 * reach);
}

export function drawCircle(layer, theme, powers, t) {
  const context = layer.clear();
  const { width, height } = layer;
  const [cx, cy] = [width / 2, height / 2];
  const shapes = Array.from({ length: Math.floor(t) + 1 }, (_, s) => powers.ellipse(s));
  const now = powers.ellipse(t);
  const reach = 1.3 * Math.max(now.most, ...shapes.map(({ most }) => most));
  const unit = Math.min(width, height) / 2 / reach;
  const [ink, point] = [theme.racers[2], theme.racers[3]];
  context.lineWidth = 1;
  context.strokeStyle = theme.line;
  line(context, [0, cy], [width, cy]);
  line(context, [cx, 0], [cx, height]);
  const shown = rings(reach).filter((radius) => Math.abs(radius - 1) > 1e-9);
  for (const radius of shown) {
    circle(context, cx, cy, radius * unit);
    context.stroke();
  }
  if (!powers.paired) {
    const half = (powers.angle * Math.PI) / 360;
    [1, -1].forEach((side, which) => {
      const [dx, dy] = [2 * width * Math.cos(half), -2 * width * side * Math.sin(half)];
      context.strokeStyle = colorsOf(powers, theme)[which];
      context.setLineDash([6, 5]);
      faint(context, 0.6, () => line(context, [cx - dx, cy - dy], [cx + dx, cy + dy]));
      context.setLineDash([]);
    });
  }
  const trace = (shape) => {
    context.beginPath();
    context.ellipse(cx, cy, shape.most * unit, shape.least * unit, -shape.turn, 0, 2 * Math.PI);
  };
  const every = Math.ceil(shapes.length / GHOSTS);
  context.strokeStyle = ink;
  for (let s = 0; s < shapes.length; s += every) {
    trace(shapes[s]);
    faint(context, 0.35, () => context.stroke());
  }
  circle(context, cx, cy, unit);
  context.setLineDash([4, 4]);
  context.strokeStyle = theme.text;
  context.lineWidth = 1.5;
  context.stroke();
  context.setLineDash([]);
  const away = Math.SQRT1_2 * unit;
  for (const radius of shown) label(context, number(radius, 3), cx + radius * away + 3, cy + radius * away + 4, theme.text, theme.halo, { font: `11px ${theme.font}` });
  label(context, "|x| = 1", cx - away - 4, cy - away - 6, theme.text, theme.halo, { align: "right", font: font(theme) });

  trace(now);
  context.fillStyle = ink;
  faint(context, 0.22, () => context.fill());
  context.strokeStyle = ink;
  context.lineWidth = 2.5;
  context.stroke();
  // One point of the circle, (0, 1), and where it has been.
  const image = (s) => {
    const [[, b], [, d]] = powers.at(s);
    return [cx + b * unit, cy - d * unit];
  };
  context.strokeStyle = point;
  context.lineWidth = 1.5;
  const from = Math.max(shapes.length - TRAIL, 0);
  line(context, ...shapes.slice(from).map((_, k) => image(from + k)), image(t));
  const [dx, dy] = [Math.cos(now.turn) * now.most * unit, -Math.sin(now.turn) * now.most * unit];
  arrow(context, cx, cy, cx + dx, cy + dy, ink, theme.halo);
  dot(context, ...image(t), 5, point, theme.background, 1.5);
  const lost = now.most * unit < 5;
  if (lost) label(context, `all within ${number(now.most, 2)}`, cx, cy + 22, ink, theme.halo, { align: "center", font: font(theme, 600) });
  return { unit, reach };
}

// Norms over all steps, with the eigenvalues' prediction; `toY` places a norm.
export function drawNorms(layer, theme, powers, t, steps) {
  const x = Float64Array.from({ length: steps + 1 }, (_, s) => s);
  const shapes = Array.from(x, (s) => powers.ellipse(s));
  const most = shapes.map((shape) => shape.most);
  const logs = [...most, powers.radius ** steps].filter((value) => value > 0).map(Math.log10);
  const low = Math.max(Math.min(-3.4, ...logs) - 0.3, -DECADES);
  const high = Math.min(Math.max(3.4, ...logs) + 0.3, DECADES);
  const series = powers.sizes.map((size, which) => ({
    x,
    y: Array.from(x, (s) => (s || size ? size ** s : 1)),
    color: colorsOf(powers, theme)[which],
    dash: [6, 5],
    width: 1.8,
  }));
  if (powers.paired) series.pop();
  series.unshift({ x, y: shapes.map((shape) => shape.least), color: theme.racers[2], width: 1 });
  series.push({ x, y: most, color: theme.racers[2], width: 3 });
  const { plot, fromX, toX } = drawChart(
    layer,
    {
      series,
      logY: true,
      xRange: [0, steps],
      yRange: [low, high],
      levels: [{ at: 1000, text: "a thousandfold" }, { at: 0.001, text: "a thousandth" }],
    },
    theme,
  );
  const { context } = layer;
  const toY = (norm) => plot.top + (1 - (Math.min(Math.max(Math.log10(norm), low), high) - low) / (high - low)) * plot.height;
  const at = Math.floor(t);
  context.strokeStyle = theme.text;
  context.lineWidth = 1.5;
  faint(context, 0.5, () => line(context, [toX(at), plot.top], [toX(at), plot.top + plot.height]));
  let step = 0;
  most.forEach((norm, s) => (step = norm > most[step] * (1 + 1e-9) ? s : step));
  // A peak is a place that both sides fall away from.
  if (step > 0 && step < steps) {
    const [px, py] = [toX(step), toY(most[step])];
    dot(context, px, py, 4.5, theme.background, theme.racers[2], 2.5);
    const left = px > plot.left + 0.6 * plot.width;
    label(context, `peak ${number(most[step], 3)} at step ${step}`, px + (left ? -9 : 9), py - 12, theme.text, theme.halo, { align: left ? "right" : "left", font: font(theme, 600) });
  }
  if (most[at] > 0) dot(context, toX(at), toY(most[at]), 5, theme.racers[2], theme.background, 2);
  return { plot, fromX, toX, toY };
}
