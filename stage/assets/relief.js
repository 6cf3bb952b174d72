// What moves over the relief: the same paths, through the same camera, without a redraw of the scene below.

import { arrow, dot, label } from "./canvas.js";
import { number } from "./format.js";
import { at, quadraticModel } from "./local.js";
import { drawSegmentInAir } from "./segment.js";
import { STRIDE, drawPaths } from "./trail.js";

const SAMPLES = 20;
const MESH = 9;

export function drawRelief(layer, plots, stage) {
  const context = layer.clear();
  const camera = plots.camera();
  if (!camera) return;
  const { theme, runs, t } = stage;
  const box = plots.relief._fullLayout.scene;
  const frame = { x: box.xaxis.range, y: box.yaxis.range };
  const place = placer(plots, camera, frame);
  if (stage.show.model && runs[0].hessians) drawModel(context, camera, plots, at(runs[0], Math.floor(t)), theme, frame);
  if (stage.cut) drawSegmentInAir(context, camera, plots, stage);
  const paths = drawPaths(layer, stage, camera.key, place, 0);
  if (stage.show.arrows) drawStep(context, paths[0].placed, runs[0], Math.floor(t), theme.racers[0], theme);
  for (const { placed: [x, y], tip, color } of paths) {
    if (!Number.isNaN(x)) dot(context, x, y, 4, theme.background, color, 2.5);
    if (!tip) continue;
    context.globalAlpha = tip[2] ? 1 : 0.4;
    dot(context, tip[0], tip[1], 6, color, theme.halo, 2.5);
    context.globalAlpha = 1;
  }
}

// From a point of a path to pixels, and 1 where it is seen, 0 where not; null outside the frame.
function placer(plots, camera, frame) {
  const lift = 0.004 * (plots.scale.top - plots.scale.floor);
  const seen = visibility(plots, camera);
  const out = [0, 0];
  return (x, y, value) => {
    if (!(x >= frame.x[0] && x <= frame.x[1] && y >= frame.y[0] && y <= frame.y[1])) return null;
    const z = plots.scale.relief(value) + lift;
    camera.project(x, y, z, out);
    return [out[0], out[1], Number(seen(x, y, z))];
  };
}

// The step ahead, with the losses at both of its ends.
function drawStep(context, placed, run, step, color, theme) {
  if (step >= run.length - 1) return;
  const [from, to] = [step, step + 1].map((i) => placed.subarray(STRIDE * i, STRIDE * i + 2));
  if (Number.isNaN(from[0] + to[0])) return;
  arrow(context, from[0], from[1], to[0], to[1], color, theme.halo, 2.6);
  const style = { align: "center", font: `600 12px ${theme.font}` };
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 50) return;
  label(context, number(run.values[step], 5), from[0], from[1] - 18, theme.text, theme.halo, style);
  label(context, number(run.values[step + 1], 5), to[0], to[1] - 14, color, theme.halo, style);
}

// A point is hidden when the ground rises above the straight line from it to the camera.
function visibility(plots, camera) {
  const { top } = plots.scale;
  return (x, y, z) => {
    const [dx, dy, dz] = [camera.eye[0] - x, camera.eye[1] - y, camera.eye[2] - z];
    const end = dz > 0 ? Math.min(1, (top - z) / dz) : 1;
    for (let k = 1; k <= SAMPLES; k++) {
      const share = (end * k) / SAMPLES;
      if (plots.heightAt(x + share * dx, y + share * dy) > z + share * dz) return false;
    }
    return true;
  };
}

// The quadratic model as a net of lines around the point, cut at the scene's own heights.
function drawModel(context, camera, plots, here, theme, frame) {
  const model = quadraticModel(here);
  const { scale } = plots;
  const [rx, ry] = [0.22 * (frame.x[1] - frame.x[0]), 0.22 * (frame.y[1] - frame.y[0])];
  const out = [0, 0];
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.75;
  context.lineWidth = 1;
  context.beginPath();
  for (const across of [false, true]) {
    for (let i = 0; i < MESH; i++) {
      let open = false;
      for (let k = 0; k <= 24; k++) {
        const [u, v] = [(2 * i) / (MESH - 1) - 1, k / 12 - 1];
        const [dx, dy] = across ? [u * rx, v * ry] : [v * rx, u * ry];
        const value = model(dx, dy);
        if (value > scale.high || value < scale.low - 0.1 * (scale.high - scale.low)) {
          open = false;
          continue;
        }
        camera.project(here.x + dx, here.y + dy, scale.relief(value), out);
        if (open) context.lineTo(out[0], out[1]);
        else context.moveTo(out[0], out[1]);
        open = true;
      }
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}
