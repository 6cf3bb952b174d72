// What moves over the relief: the same paths, through the same camera, without a redraw of the scene below.

import { arrow, dot, label } from "./canvas.js";
import { headOf } from "./contour.js";
import { number } from "./format.js";
import { at, quadraticModel } from "./local.js";
import { drawSegmentInAir } from "./segment.js";

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
  // While the clock runs, the paths stay where they are: only their heads are placed again.
  const key = [stage.version, plots.revision, camera.key].join();
  if (layer.key !== key) {
    layer.key = key;
    layer.placed = runs.map((run) =>
      Array.from({ length: run.length }, (_, i) => place(run.points[2 * i], run.points[2 * i + 1], run.values[i])),
    );
  }
  runs.forEach((run, racer) => {
    const placed = layer.placed[racer];
    const reached = Math.min(Math.floor(t), run.length - 1);
    const color = theme.racers[racer];
    stroke(context, placed.slice(reached), color, theme.halo, 0.35, 1.5);
    const head = headOf(run, t);
    const tip = place(head.x, head.y, head.value);
    stroke(context, [...placed.slice(0, reached + 1), tip], color, theme.halo, 1, 2.6);
    if (racer === 0 && stage.show.arrows && reached < run.length - 1) drawStep(context, placed, run, reached, color, theme);
    if (placed[0]) dot(context, placed[0][0], placed[0][1], 4, theme.background, color, 2.5);
    if (tip) {
      context.globalAlpha = tip[2] ? 1 : 0.4;
      dot(context, tip[0], tip[1], 6, color, theme.halo, 2.5);
      context.globalAlpha = 1;
    }
  });
}

// From a point of a path to pixels, and whether it is seen; null outside the frame.
function placer(plots, camera, frame) {
  const lift = 0.004 * (plots.scale.top - plots.scale.floor);
  const seen = visibility(plots, camera);
  const out = [0, 0];
  return (x, y, value) => {
    if (!(x >= frame.x[0] && x <= frame.x[1] && y >= frame.y[0] && y <= frame.y[1])) return null;
    const z = plots.scale.relief(value) + lift;
    camera.project(x, y, z, out);
    return [out[0], out[1], seen(x, y, z)];
  };
}

// The step ahead, with the losses at both of its ends.
function drawStep(context, placed, run, step, color, theme) {
  const [from, to] = [placed[step], placed[step + 1]];
  if (!from || !to) return;
  arrow(context, from[0], from[1], to[0], to[1], color, theme.halo, 2.6);
  const style = { align: "center", font: `600 12px ${theme.font}` };
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 50) return;
  label(context, number(run.values[step], 5), from[0], from[1] - 18, theme.text, theme.halo, style);
  label(context, number(run.values[step + 1], 5), to[0], to[1] - 14, color, theme.halo, style);
}

// Solid where the line is seen, faint where a hill stands before it; broken where it is outside the frame.
function stroke(context, placed, color, halo, alpha, width) {
  context.lineCap = context.lineJoin = "round";
  for (const visible of [false, true]) {
    context.beginPath();
    let pen = null;
    for (let i = 1; i < placed.length; i++) {
      const [from, to] = [placed[i - 1], placed[i]];
      if (!from || !to || (from[2] && to[2]) !== visible) {
        pen = null;
        continue;
      }
      if (!pen) context.moveTo((pen = from)[0], from[1]);
      // A step of less than half a pixel adds to the work and not to the picture.
      if (i < placed.length - 1 && Math.hypot(to[0] - pen[0], to[1] - pen[1]) < 0.5) continue;
      context.lineTo((pen = to)[0], to[1]);
    }
    context.globalAlpha = visible ? alpha : 0.3 * alpha;
    if (visible && alpha === 1) {
      context.strokeStyle = halo;
      context.lineWidth = width + 2.6;
      context.stroke();
    }
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }
  context.globalAlpha = 1;
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
      for (let k = 0; k <= 32; k++) {
        const [u, v] = [(2 * i) / (MESH - 1) - 1, k / 16 - 1];
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
