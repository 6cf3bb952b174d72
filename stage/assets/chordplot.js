// What the chord test draws: the curve once, and above it the chord, the gap and their labels on every move.

import { dot, label, overlap } from "./canvas.js";
import { drawChart } from "./chart.js";
import { number } from "./format.js";

const FONT = 13;
const HANDLE = 14;
const COLUMN = 4;

// The curve and its axes, and how places on it become pixels.
export function drawCurve(layer, curve, header, theme) {
  const { plot, fromX, toX } = drawChart(
    layer,
    { series: [{ x: curve.nodes, y: curve.heights, color: theme.racers[1], width: 2.5 }], xRange: header.domain, yRange: header.view },
    theme,
  );
  const [low, high] = header.view;
  // Far out of sight is all the same to the eye, and large coordinates are not to a canvas.
  const toY = (y) => plot.top + Math.min(Math.max(1 - (y - low) / (high - low), -20), 21) * plot.height;
  // The curve's pixels column by column, for labels that keep off it.
  const columns = Float32Array.from({ length: Math.ceil(layer.width / COLUMN) + 1 }, (_, i) => toY(curve.at(fromX(i * COLUMN))));
  return { plot, fromX, toX, toY, columns };
}

// `test` is what ChordTest.measure found. The labels' boxes, by name.
export function drawChord(layer, scale, test, theme) {
  const context = layer.clear();
  const { plot, toX, toY } = scale;
  const { a, b, atA, atB, x, chord, value, gap } = test;
  const ends = { a: [toX(a), toY(atA)], b: [toX(b), toY(atB)] };
  const color = { good: theme.good, bad: theme.bad, even: theme.text, none: theme.text }[test.tone];
  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top - 2, plot.width, plot.height + 4);
  context.clip();
  context.lineCap = "round";
  if (Number.isFinite(chord)) {
    stroke(context, ends.a, ends.b, theme.racers[0], 2.5);
    context.setLineDash([2, 5]);
    stroke(context, [toX(x), Math.max(toY(chord), toY(Number.isFinite(value) ? value : chord))], [toX(x), plot.top + plot.height], theme.text, 1);
    context.setLineDash([]);
    if (Number.isFinite(gap)) {
      stroke(context, [toX(x), toY(chord)], [toX(x), toY(value)], color, 5);
      dot(context, toX(x), toY(value), 5, color, theme.background);
    }
    dot(context, toX(x), toY(chord), 5.5, theme.background, theme.racers[0], 3);
  }
  context.restore();

  const labels = {};
  const taken = Object.values(ends)
    .filter(([, y]) => Number.isFinite(y))
    .map(([px, py]) => [px - HANDLE, py - HANDLE, 2 * HANDLE, 2 * HANDLE]);
  if (Number.isFinite(gap)) taken.push([toX(x) - 6, Math.min(toY(chord), toY(value)) - 6, 12, Math.abs(toY(chord) - toY(value)) + 12]);
  const write = (name, text, px, py, tint) => {
    const box = place(context, text, px, inside(py, plot), { scale, ends, taken, theme });
    label(context, text, box[0], box[1] + box[3] / 2, tint, theme.halo, { font: fontOf(theme) });
    taken.push(box);
    labels[name] = box;
  };
  if (Number.isFinite(atA)) write("a", `A (${number(a)}, ${number(atA)})`, ...ends.a, theme.text);
  if (Number.isFinite(atB)) write("b", `B (${number(b)}, ${number(atB)})`, ...ends.b, theme.text);
  if (Number.isFinite(gap)) write("gap", number(Math.abs(gap)), toX(x), (inside(toY(chord), plot) + inside(toY(value), plot)) / 2, color);
  return labels;
}

export const inside = (py, plot) => Math.min(Math.max(py, plot.top), plot.top + plot.height);

const fontOf = (theme) => `600 ${FONT}px ${theme.font}`;

function stroke(context, from, to, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

// The box beside a point where a label covers least: other labels and handles count most, then the lines.
function place(context, text, px, py, { scale, ends, taken, theme }) {
  context.font = fontOf(theme);
  const [width, height] = [context.measureText(text).width + 4, FONT + 5];
  const { plot, columns } = scale;
  let [best, least] = [null, Infinity];
  for (const reach of [HANDLE + 3, 2.6 * HANDLE, 4.4 * HANDLE]) {
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [-1, -1], [1, 1], [-1, 1]]) {
      const left = px + dx * reach + (dx - 1) * (width / 2);
      const top = py + dy * reach - height / 2;
      const box = [
        Math.min(Math.max(left, plot.left), plot.left + plot.width - width),
        Math.min(Math.max(top, plot.top), plot.top + plot.height - height),
        width,
        height,
      ];
      let cost = reach / 10;
      for (const other of taken) cost += 20 * overlap(box, other);
      for (let at = box[0] + 2; at < box[0] + width; at += 8) {
        const share = (at - ends.b[0]) / (ends.a[0] - ends.b[0]);
        const onChord = share >= 0 && share <= 1 ? ends.b[1] + share * (ends.a[1] - ends.b[1]) : NaN;
        for (const line of [onChord, columns[Math.round(at / COLUMN)]]) cost += line > box[1] - 2 && line < box[1] + height + 2 ? 4 : 0;
      }
      if (cost < least) [best, least] = [box, cost];
    }
  }
  return best;
}
