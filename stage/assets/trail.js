// The racers' paths on a layer: faint ahead of the clock, solid behind it, pale where a hill stands before them.

// A path on a layer has for each step x, y, and 1 where it is seen, 0 where not; x is NaN outside of the layer.
export const STRIDE = 3;

// How much is left of the colour of what is still ahead, and of what is hidden.
const PALE = 0.3;
const THIN = 1.5;
const INK = 2.4;
const HALO = 5;

const OUTSIDE = [NaN, NaN, 0];

// `place` makes of x, y and a value such a point, null outside of the layer; equal `view`s place every point the same.
// `radius` is that of the dots at steps, 0 for none. Returns every racer's path, with its head between two steps as `tip`.
export function drawPaths(layer, stage, view, place, radius) {
  const { context } = layer;
  const { runs, theme, t, clock } = stage;
  // While the clock runs, the paths stay where they are: only their heads are placed again.
  const key = [stage.version, stage.plots.revision, view].join();
  if (layer.key !== key) Object.assign(layer, { key, placed: runs.map((run) => pathOf(run, place)) });
  const paths = runs.map((run, racer) => ({
    placed: layer.placed[racer],
    tip: tipOf(run, t, place),
    color: theme.racers[racer],
    halo: theme.halo,
    from: 0,
    to: Math.min(Math.floor(t), run.length - 1),
    end: run.length - 1,
    dot: null,
  }));
  context.lineJoin = "round";
  if (clock.playing) {
    drawGrowing(layer, paths, [key, theme.name].join(), radius);
    return paths;
  }
  layer.trail = null;
  for (const path of paths) ahead(context, path, path.to, PALE);
  for (const path of paths) hidden(context, path, path.tip, PALE);
  for (const path of paths) under(context, path, path.tip);
  for (const path of paths) over(context, path, path.tip, radius);
  return paths;
}

function pathOf({ points, values, length }, place) {
  const path = new Float64Array(STRIDE * length);
  for (let i = 0, k = 0; i < length; i++) {
    const [x, y, seen] = place(points[2 * i], points[2 * i + 1], values[i]) ?? OUTSIDE;
    path[k++] = x;
    path[k++] = y;
    path[k++] = seen;
  }
  return path;
}

function tipOf(run, t, place) {
  const { x, y, value } = headOf(run, t);
  return place(x, y, value);
}

// The moving point between two steps.
export function headOf(run, t) {
  const step = Math.min(Math.floor(t), run.length - 1);
  const share = step < run.length - 1 ? t - step : 0;
  const mix = (array, width, k) =>
    share ? array[width * step + k] * (1 - share) + array[width * (step + 1) + k] * share : array[width * step + k];
  return { x: mix(run.points, 2, 0), y: mix(run.points, 2, 1), value: mix(run.values, 1, 0) };
}

// While the clock runs the paths only grow: what was drawn is kept on sheets, and a frame adds its own steps.
function drawGrowing(layer, paths, key, radius) {
  const { context } = layer;
  const trail = (layer.trail = sized(layer.trail, layer));
  const grown = trail.key === key && paths.every(({ to }, i) => to >= trail.kept[i].from);
  if (!grown) {
    for (const sheet of [trail.pale, trail.under, trail.over]) sheet.clearRect(0, 0, layer.width, layer.height);
    Object.assign(trail, { key, kept: paths.map(() => ({ from: 0, dot: null })) });
  }
  paths.forEach((path, i) => {
    Object.assign(path, trail.kept[i]);
    // Pale from the sheet to the layer only: where two pieces of a pale line meet, they would show.
    if (!grown) ahead(trail.pale, path, 0, 1);
    if (!isLonger(path)) return;
    hidden(trail.pale, path, null, 1);
    under(trail.under, path, null);
    over(trail.over, path, null, radius);
    path.from = path.to;
    trail.kept[i] = { from: path.from, dot: path.dot };
  });
  context.globalAlpha = PALE;
  put(layer, trail.pale);
  context.globalAlpha = 1;
  for (const path of paths) hidden(context, path, path.tip, PALE);
  put(layer, trail.under);
  for (const path of paths) under(context, path, path.tip);
  put(layer, trail.over);
  for (const path of paths) over(context, path, path.tip, 0);
}

// The sheets there are, where they are as large as the layer: a thumb or a relief in the hand moves the paths in each frame.
function sized(trail, { canvas, ratio }) {
  const { width, height } = canvas;
  if (trail?.pale.canvas.width === width && trail.pale.canvas.height === height) return trail;
  const sheet = () => {
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.lineJoin = "round";
    return context;
  };
  return { pale: sheet(), under: sheet(), over: sheet() };
}

function put({ context, canvas, ratio }, sheet) {
  context.drawImage(sheet.canvas, 0, 0, canvas.width / ratio, canvas.height / ratio);
}

// Steps that are too short to see wait for the next ones: drawn one by one, their rims would add up.
function isLonger({ placed, from, to }) {
  const [a, b] = [STRIDE * from, STRIDE * to];
  const short = Math.hypot(placed[b] - placed[a], placed[b + 1] - placed[a + 1]) < 0.5;
  return to > from && !(short && placed[a + 2] === placed[b + 2]);
}

function ahead(context, { placed, color, end }, from, alpha) {
  pen(context, color, THIN);
  for (const seen of [false, true]) {
    context.globalAlpha = seen ? alpha : PALE * alpha;
    trace(context, placed, from, end, null, seen);
  }
  context.globalAlpha = 1;
}

function hidden(context, { placed, color, from, to }, tip, alpha) {
  pen(context, color, INK);
  context.globalAlpha = alpha;
  trace(context, placed, from, to, tip, false);
  context.globalAlpha = 1;
}

function under(context, { placed, halo, from, to }, tip) {
  pen(context, halo, HALO);
  trace(context, placed, from, to, tip, true);
}

function over(context, path, tip, radius) {
  const { placed, color, from, to } = path;
  pen(context, color, INK);
  trace(context, placed, from, to, tip, true);
  if (!radius) return;
  context.fillStyle = color;
  context.beginPath();
  let [x, y] = path.dot ?? [-1e9, 0];
  for (let i = Math.max(from, 1); i <= to; i++) {
    const [dx, dy] = [placed[STRIDE * i] - x, placed[STRIDE * i + 1] - y];
    if (!(dx * dx + dy * dy >= 4)) continue;
    context.moveTo((x += dx) + radius, (y += dy));
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  path.dot = [x, y];
  context.fill();
}

function pen(context, color, width) {
  context.lineCap = "round";
  context.strokeStyle = color;
  context.lineWidth = width;
}

// The line from one step to another, and on to the tip, where it is seen or where it is not.
function trace(context, placed, from, to, tip, seen) {
  context.beginPath();
  let drawn = false;
  let down = false;
  let [x, y] = [0, 0];
  const last = tip ? to + 1 : to;
  for (let i = from + 1; i <= last; i++) {
    const before = STRIDE * (i - 1);
    const [point, at] = i > to ? [tip, 0] : [placed, STRIDE * i];
    const [px, py] = [point[at], point[at + 1]];
    const both = placed[before + 2] > 0 && point[at + 2] > 0;
    if (both !== seen || !Number.isFinite(px - placed[before])) {
      down = false;
      continue;
    }
    if (!down) context.moveTo((x = placed[before]), (y = placed[before + 1]));
    down = true;
    // A step of less than half a pixel adds to the work and not to the picture.
    if (i < last && (px - x) ** 2 + (py - y) ** 2 < 0.25) continue;
    context.lineTo((x = px), (y = py));
    drawn = true;
  }
  if (drawn) context.stroke();
}
