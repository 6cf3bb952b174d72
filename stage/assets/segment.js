// The chord test: a straight line from the start to a second point, against the surface below it.

import { dot, label } from "./canvas.js";
import { number } from "./format.js";

const SHARE = "share";

// What the test finds at the slider's place: the point αA + (1−α)B, the chord above it and the surface at it.
export function chordTest(stage) {
  const { header, cut } = stage;
  const heights = cut.heights;
  const last = heights.length - 1;
  const share = stage.valueOf(SHARE);
  const place = (1 - share) * last;
  const before = Math.min(Math.floor(place), last - 1);
  const curve = heights[before] + (place - before) * (heights[before + 1] - heights[before]);
  const chord = share * heights[0] + (1 - share) * heights[last];
  const point = [0, 1].map((i) => share * header.start[i] + (1 - share) * header.end[i]);
  // Heights travel in 32 bits: a gap below their rounding is none.
  const noise = 1e-6 * Math.max(...[heights[0], heights[last], curve].map(Math.abs));
  const gap = Math.abs(chord - curve) <= noise ? 0 : chord - curve;
  return { share, point, curve, chord, gap };
}

export const holds = ({ gap }) => gap >= 0;

export function sayTest({ share, curve, chord, gap }) {
  const where = `α = ${number(share)}: chord ${number(chord)}, surface ${number(curve)}`;
  if (gap === 0) return `${where}: equal`;
  return `${where}: the surface is ${number(Math.abs(gap), 3)} ${gap > 0 ? "below, as convexity demands" : "above: not convex"}`;
}

export function drawSegment(context, plane, stage) {
  const { theme, header } = stage;
  const test = chordTest(stage);
  const [ax, ay] = [plane.x(header.start[0]), plane.y(header.start[1])];
  const [bx, by] = [plane.x(header.end[0]), plane.y(header.end[1])];
  for (const [style, width] of [[theme.halo, 5], [theme.text, 2]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.stroke();
  }
  dot(context, plane.x(test.point[0]), plane.y(test.point[1]), 5.5, holds(test) ? theme.good : theme.bad, theme.halo, 2);
  const style = { align: "center", font: `600 13px ${theme.font}` };
  label(context, "A", ax, ay + 21, theme.text, theme.halo, style);
  label(context, "B", bx, by + 21, theme.text, theme.halo, style);
}

// The chord in the air, the surface's own line under it, and the gap between them.
export function drawSegmentInAir(context, camera, plots, stage) {
  const { theme, header, cut } = stage;
  const last = cut.heights.length - 1;
  const out = [0, 0];
  const at = (t, height) => {
    const [x, y] = [0, 1].map((i) => (1 - t) * header.start[i] + t * header.end[i]);
    return [...camera.project(x, y, plots.scale.relief(height), out)];
  };
  const trace = (heightAt, color, dash, width) => {
    context.setLineDash(dash);
    for (const [style, extra] of [[theme.halo, 2.5], [color, 0]]) {
      context.strokeStyle = style;
      context.lineWidth = width + extra;
      context.beginPath();
      for (let k = 0; k <= last; k += 4) {
        const [x, y] = at(k / last, heightAt(k));
        if (k) context.lineTo(x, y);
        else context.moveTo(x, y);
      }
      context.stroke();
    }
    context.setLineDash([]);
  };
  const test = chordTest(stage);
  const color = holds(test) ? theme.good : theme.bad;
  const [first, final] = [cut.heights[0], cut.heights[last]];
  trace((k) => cut.heights[k], theme.text, [], 2);
  trace((k) => first + (k / last) * (final - first), color, [6, 4], 2.4);
  const [low, high] = [at(1 - test.share, test.curve), at(1 - test.share, test.chord)];
  context.strokeStyle = color;
  context.lineWidth = 3.5;
  context.beginPath();
  context.moveTo(...low);
  context.lineTo(...high);
  context.stroke();
  dot(context, ...low, 4.5, theme.text, theme.halo, 2);
  dot(context, ...high, 4.5, color, theme.halo, 2);
}

export const CUT = {
  title: "The cut from A, left, to B, right",
  cursor: (stage) => 1 - stage.valueOf(SHARE),
  take: (stage, at) => stage.put(SHARE, 1 - at),
  key: (stage) => stage.valueOf(SHARE),
  note: (stage) => sayTest(chordTest(stage)),
  chart: (stage) => {
    const { heights } = stage.cut;
    const last = heights.length - 1;
    const test = chordTest(stage);
    const color = holds(test) ? stage.theme.good : stage.theme.bad;
    const t = 1 - test.share;
    return {
      xRange: [0, 1],
      series: [
        { x: Float64Array.from(heights, (_, k) => k / last), y: heights, color: stage.theme.text },
        { x: [0, 1], y: [heights[0], heights[last]], color, dash: [6, 4] },
        { x: [t, t], y: [test.curve, test.chord], color, width: 5 },
      ],
    };
  },
};
