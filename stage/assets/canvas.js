// A canvas laid over a figure, sharp on every screen.

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
export function critical(context, kind, x, y, color, halo) {
  const trace = {
    minimum: () => context.arc(x, y, 5, 0, 2 * Math.PI),
    maximum: () => polygon([[0, -6], [6, 5], [-6, 5]]),
    saddle: () => cross(5),
    degenerate: () => polygon([[0, -6], [6, 0], [0, 6], [-6, 0]]),
  }[kind];
  const polygon = (corners) => {
    corners.forEach(([dx, dy], i) => (i ? context.lineTo(x + dx, y + dy) : context.moveTo(x + dx, y + dy)));
    context.closePath();
  };
  const cross = (r) => {
    for (const s of [-1, 1]) {
      context.moveTo(x - r, y - s * r);
      context.lineTo(x + r, y + s * r);
    }
  };
  context.lineCap = "round";
  for (const [style, width] of [[halo, 5.5], [color, 2]]) {
    context.beginPath();
    trace();
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke();
  }
}
