// A canvas laid over a figure, sharp on every screen, and the signs that are drawn on it.

export class Layer {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  fit() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    if (this.width === width && this.height === height && this.ratio === ratio) return;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  clear() {
    this.fit();
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.context.clearRect(0, 0, this.width, this.height);
    return this.context;
  }
}

export function arrow(context, x0, y0, x1, y1, color, halo, width = 2.5, dash = []) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 1.5)) return;
  const head = Math.min(10, 0.6 * length);
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [bx, by] = [x1 - ux * head, y1 - uy * head];
  for (const [style, extra] of [[halo, 2.5], [color, 0]]) {
    context.strokeStyle = context.fillStyle = style;
    context.lineWidth = width + extra;
    context.lineCap = "round";
    context.setLineDash(extra ? [] : dash);
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(bx, by);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(x1 + ux * (extra / 2), y1 + uy * (extra / 2));
    context.lineTo(bx - uy * (head * 0.5 + extra / 2) - (ux * extra) / 2, by + ux * (head * 0.5 + extra / 2) - (uy * extra) / 2);
    context.lineTo(bx + uy * (head * 0.5 + extra / 2) - (ux * extra) / 2, by - ux * (head * 0.5 + extra / 2) - (uy * extra) / 2);
    context.closePath();
    context.fill();
  }
}

// From where to where a straight line lies in a frame, in shares of its length; nowhere if the first is not the smaller.
// Source: Liang and Barsky, ACM Transactions on Graphics 3(1), 1984.
export function sharesWithin({ left, top, width, height }, [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  let [enter, leave] = [0, 1];
  for (const [step, room] of [[-dx, x0 - left], [dx, left + width - x0], [-dy, y0 - top], [dy, top + height - y0]]) {
    if (step < 0) enter = Math.max(enter, room / step);
    else if (step > 0) leave = Math.min(leave, room / step);
    else if (room < 0) leave = -1;
  }
  return [enter, leave];
}

// The parts of a line through points that lie in a frame.
export function lineWithin(context, frame, points) {
  let open = false;
  for (let i = 1; i < points.length; i++) {
    const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
    const [enter, leave] = sharesWithin(frame, points[i - 1], points[i]);
    if (enter < leave) {
      if (!open || enter > 0) context.moveTo(x0 + enter * (x1 - x0), y0 + enter * (y1 - y0));
      context.lineTo(x0 + leave * (x1 - x0), y0 + leave * (y1 - y0));
    }
    open = enter < leave && leave === 1;
  }
}

// How much two boxes of left, top, width and height have in common.
export function overlap(one, other) {
  const across = Math.min(one[0] + one[2], other[0] + other[2]) - Math.max(one[0], other[0]);
  const down = Math.min(one[1] + one[3], other[1] + other[3]) - Math.max(one[1], other[1]);
  return across > 0 && down > 0 ? across * down : 0;
}

export const free = (taken, box) => taken.every((other) => !overlap(box, other));

// What a label takes around its middle.
export const labelBox = (x, y, width) => [x - width / 2, y - 7, width, 14];

export function label(context, text, x, y, color, halo, { align = "left", font = "12px sans-serif" } = {}) {
  context.font = font;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = color;
  context.fillText(text, x, y);
}

export function dot(context, x, y, radius, fill, edge, width = 2) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = width;
  context.strokeStyle = edge;
  context.stroke();
}

// Signs for the kinds of critical points: told apart by shape, not by colour alone.
const SIGNS = {
  minimum: (path, x, y, r) => path.arc(x, y, r, 0, 2 * Math.PI),
  maximum: (path, x, y, r) => polygon(path, [[x, y - 1.2 * r], [x + 1.2 * r, y + r], [x - 1.2 * r, y + r]]),
  degenerate: (path, x, y, r) => polygon(path, [[x, y - 1.2 * r], [x + 1.2 * r, y], [x, y + 1.2 * r], [x - 1.2 * r, y]]),
  saddle: (path, x, y, r) => {
    for (const s of [-1, 1]) {
      path.moveTo(x - r, y - s * r);
      path.lineTo(x + r, y + s * r);
    }
  },
};

function polygon(path, corners) {
  corners.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
}

export function critical(context, kind, x, y, radius, color, halo) {
  const path = new Path2D();
  SIGNS[kind](path, x, y, radius);
  context.lineCap = "round";
  for (const [style, width] of [[halo, 1.1 * radius], [color, 0.4 * radius]]) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke(path);
  }
}

// Every draw is on the browser's own record, where tests and benchmarks find it.
export function measured(name, draw) {
  const start = performance.now();
  draw();
  performance.measure(name, { start, end: performance.now() });
  if (performance.getEntriesByName(name).length > 4000) performance.clearMeasures(name);
}
