// What moves over the contour map: paths, arrows, the local model, critical points, labels of level lines.

import { arrow, critical, dot, free, label, labelBox, lineWithin, sharesWithin } from "./canvas.js";
import { number } from "./format.js";
import { at, eigen, modelCurves } from "./local.js";
import { titleOf } from "./readouts.js";
import { drawSegment } from "./segment.js";
import { drawPaths } from "./trail.js";

const ARROW = 54;
// So many critical points have room for their names.
const NAMED = 4;
// Pixels from a sign down to its name, where there is room.
const BESIDE = [17, -17, 32, -32];

// The fixed signs: drawn again only when the surface or the frame changes. Returns the boxes that they and their names
// take, the names last.
export function drawSigns(layer, plots, stage) {
  const context = layer.clear();
  const plane = plots.plane();
  const { theme, header, show } = stage;
  const { left, top, width, height } = plane.frame;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  const points = show.critical ? header.critical.map((point) => ({ ...point, px: plane.x(point.x), py: plane.y(point.y) })) : [];
  const radius = points.length > 60 ? 2.5 : 5;
  const taken = points.map(({ px, py }) => [px - radius, py - radius, 2 * radius, 2 * radius]);
  const style = { align: "center", font: `12px ${theme.font}` };
  context.font = style.font;
  const names = points.length <= NAMED ? namesOf(context, plane.frame, points, taken) : [];
  if (show.labels) drawLevelLabels(context, plots, plane, theme, taken);
  for (const { kind, px, py } of points) critical(context, kind, px, py, radius, theme.text, theme.halo);
  for (const { text, x, y } of names) label(context, text, x, y, theme.text, theme.halo, style);
  context.restore();
  return taken;
}

// The names of critical points in the frame, each where it covers nothing that is taken; none without such a place. What
// they take is added to that.
function namesOf(context, { left, top, width, height }, points, taken) {
  const names = [];
  for (const { kind, z, px, py } of points) {
    if (px < left || px > left + width || py < top || py > top + height) continue;
    const text = `${kind} ${number(z, 3)}`;
    const wide = context.measureText(text).width + 6;
    const x = Math.min(Math.max(px, left + wide / 2), left + width - wide / 2);
    const y = BESIDE.map((off) => py + off).find((at) => {
      const box = labelBox(x, at, wide);
      return box[1] > top && box[1] + box[3] < top + height && free(taken, box);
    });
    if (y === undefined) continue;
    names.push({ text, x, y });
    taken.push(labelBox(x, y, wide));
  }
  return names;
}

// Along the frame's diagonal, wherever a level line crosses it with room for a number.
function drawLevelLabels(context, plots, plane, theme, taken) {
  const { scene, n, scale, levels } = plots;
  let previous = -Infinity;
  for (let k = 1; k < n; k++) {
    const before = scale.contour(scene.z[(k - 1) * n + k - 1]);
    const after = scale.contour(scene.z[k * n + k]);
    for (const level of levels) {
      if ((before - level) * (after - level) >= 0) continue;
      const share = k - 1 + (level - before) / (after - before);
      const x = plane.x(scene.x[0] + (share / (n - 1)) * (scene.x[n - 1] - scene.x[0]));
      const y = plane.y(scene.y[0] + (share / (n - 1)) * (scene.y[n - 1] - scene.y[0]));
      if (x - previous < 44 || !free(taken, labelBox(x, y, 36))) continue;
      previous = x;
      label(context, number(scale.valueOfLevel(level), 2), x, y, theme.text, theme.halo, { align: "center", font: `11px ${theme.font}` });
    }
  }
}

export function drawContour(layer, plots, stage) {
  const context = layer.clear();
  const plane = plots.plane();
  const { left, top, width, height } = plane.frame;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  const { theme, runs, t } = stage;
  const here = at(runs[0], Math.floor(t));
  if (stage.show.model && here.hessian) drawModel(context, plane, here, theme, stage.header.surface.box);
  if (stage.cut) drawSegment(context, plane, stage);
  const paths = drawPaths(layer, stage, plane.key, (x, y) => [plane.x(x), plane.y(y), 1], 3);
  if (stage.show.eigenvectors && here.hessian) drawEigenvectors(context, plane, here, theme);
  if (stage.show.arrows && here.gradient) drawArrows(context, plane, runs[0], here, theme, plots.taken);
  context.restore();
  runs.forEach((run, racer) => drawExit(context, plane, run, theme.racers[racer], theme, titleOf(stage, racer), runs.length > 1));
  drawHeads(context, plane.frame, paths);
}

function drawHeads(context, { left, top, width, height }, paths) {
  for (const { tip: [x, y], color, halo } of paths) {
    if (x < left || x > left + width || y < top || y > top + height) continue;
    dot(context, x, y, 6, color, halo, 2.5);
  }
}

function drawArrows(context, plane, run, here, theme, taken) {
  const [x, y] = [plane.x(here.x), plane.y(here.y)];
  const [gx, gy] = here.gradient;
  // In pixels, so that the arrow shows the direction on the screen; its length says nothing, the readout does.
  const [px, py] = [plane.x(here.x - gx) - x, plane.y(here.y - gy) - y];
  const size = Math.hypot(px, py);
  if (size > 0) {
    const [ux, uy] = [px / size, py / size];
    arrow(context, x, y, x + ARROW * ux, y + ARROW * uy, theme.text, theme.halo, 2, [5, 4]);
    const places = [1, 0.5].flatMap((share) =>
      [14, -14].map((off) => [x + share * ARROW * ux - off * uy, y + share * ARROW * uy + off * ux]),
    );
    const place = places.find((at) => free(taken, labelBox(...at, 26)));
    if (place) label(context, "−∇f", ...place, theme.text, theme.halo, { align: "center", font: `12px ${theme.font}` });
  }
  if (here.step < run.length - 1) {
    const next = at(run, here.step + 1);
    const [nx, ny] = [plane.x(next.x), plane.y(next.y)];
    arrow(context, x, y, nx, ny, theme.racers[0], theme.halo, 3);
    const style = { align: "center", font: `600 12px ${theme.font}` };
    label(context, number(here.value, 5), x, y - 20, theme.text, theme.halo, style);
    if (Math.hypot(nx - x, ny - y) > 60) label(context, number(next.value, 5), nx, ny - 16, theme.racers[0], theme.halo, style);
  }
}

function drawEigenvectors(context, plane, here, theme) {
  const { values, vectors } = eigen(...here.hessian);
  const [x, y] = [plane.x(here.x), plane.y(here.y)];
  const flattest = Math.min(...values.map(Math.abs));
  values.forEach((value, i) => {
    // The half axes of the curvature ellipse are as 1/√|λ|.
    const size = 92 * Math.sqrt(flattest / Math.abs(value) || 1);
    const reach = Math.max(size, 12);
    const [dx, dy] = [vectors[i][0] * reach, -vectors[i][1] * reach];
    const color = value >= 0 ? theme.good : theme.bad;
    for (const sign of [-1, 1]) arrow(context, x, y, x + sign * dx, y + sign * dy, color, theme.halo, 2);
    const flip = dx < 0 ? -1 : 1;
    label(context, `λ${i ? "₂" : "₁"} = ${number(value, 3)}`, x + flip * dx + 8, y + flip * dy - 8, color, theme.halo, { font: `12px ${theme.font}` });
  });
  if (values[1] > 0) {
    context.strokeStyle = theme.text;
    context.lineWidth = 1.2;
    context.beginPath();
    const [p, q] = values.map((value) => Math.max(92 * Math.sqrt(flattest / value), 2));
    context.ellipse(x, y, p, q, -Math.atan2(vectors[0][1], vectors[0][0]), 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawModel(context, plane, here, theme, box) {
  const { center, curves } = modelCurves(here, Math.hypot(box[1] - box[0], box[3] - box[2]));
  context.strokeStyle = theme.text;
  context.setLineDash([8, 6]);
  context.lineWidth = 1.4;
  for (const curve of curves) {
    context.beginPath();
    // A curve may reach far beyond the frame, and each of its dashes out there would be made as well.
    lineWithin(context, plane.frame, curve.map(([x, y]) => [plane.x(x), plane.y(y)]));
    context.stroke();
  }
  context.setLineDash([]);
  if (center) {
    const [x, y] = center.map((value, i) => (i ? plane.y(value) : plane.x(value)));
    dot(context, x, y, 4, theme.halo, theme.text, 1.6);
    label(context, "model's centre", x + 9, y + 11, theme.text, theme.halo, { font: `11px ${theme.font}` });
  }
}

// Where a path leaves the frame: an arrow on the frame, and what became of the run.
function drawExit(context, plane, run, color, theme, title, named) {
  const { left, top, width, height } = plane.frame;
  const inside = (x, y) => x >= left && x <= left + width && y >= top && y <= top + height;
  let [x0, y0] = [plane.x(run.points[0]), plane.y(run.points[1])];
  for (let i = 1; i < run.length; i++) {
    const [x1, y1] = [plane.x(run.points[2 * i]), plane.y(run.points[2 * i + 1])];
    if (inside(x0, y0) && !inside(x1, y1)) {
      const [dx, dy] = [x1 - x0, y1 - y0];
      const [, share] = sharesWithin(plane.frame, [x0, y0], [x1, y1]);
      const [ex, ey] = [x0 + share * dx, y0 + share * dy];
      const size = Math.hypot(dx, dy);
      arrow(context, ex - (dx / size) * 16, ey - (dy / size) * 16, ex, ey, color, theme.halo, 3);
      const said = run.divergedAt === null ? null : `diverged at step ${run.divergedAt}`;
      if (said) {
        const onRight = ex > left + width / 2;
        const y = Math.min(Math.max(ey - 16, top + 12), top + height - 12);
        label(context, named ? `${title}: ${said}` : said, ex + (onRight ? -10 : 10), y, color, theme.halo, { align: onRight ? "right" : "left", font: `600 12px ${theme.font}` });
      }
      return;
    }
    [x0, y0] = [x1, y1];
  }
}
