// A small line chart on a canvas, light enough to be drawn again on every move of a thumb.

import { number, superscript } from "./format.js";

const MARGIN = { left: 46, right: 12, top: 10, bottom: 24 };

const nice = (low, high, count) => {
  const raw = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((m) => m * power >= raw * (1 - 1e-9)) * power;
  const out = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) out.push(k * step);
  return out;
};

// Places on the axis: where it is logarithmic, decades; within two decades round numbers between them.
export function ticks(low, high, log, count) {
  if (!log) return nice(low, high, count);
  const [from, to] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  if (to - from < 2) {
    const between = [];
    for (let k = from - 1; k <= to; k++) for (const m of [1, 2, 5]) between.push(k + Math.log10(m));
    const shown = between.filter((v) => v >= low - 1e-9 && v <= high + 1e-9);
    return shown.length >= 2 ? shown : nice(10 ** low, 10 ** high, 3).map(Math.log10);
  }
  const step = Math.max(1, Math.ceil((to - from) / count));
  const decades = [];
  for (let k = from; k <= to; k += step) decades.push(k);
  return decades;
}

export const tickText = (tick, log) => {
  if (!log) return number(tick, 3);
  return Math.abs(tick) >= 4 && Number.isInteger(tick) ? `10${superscript(tick)}` : number(10 ** tick, 3);
};

function extent(series, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const { y: values } of series) {
    for (let i = 0; i < values.length; i++) {
      const value = log ? Math.log10(values[i]) : values[i];
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(low <= high)) return [0, 1];
  const pad = 0.05 * (high - low) || 0.5;
  return [low - pad, high + pad];
}

// chart: {series: [{x, y, color, dash, width}], logX, logY, yRange, floorY, capY, marks: [{at, text, color}], levels, xLabel}
export function drawChart(layer, chart, theme) {
  const context = layer.clear();
  const { width, height } = layer;
  const plot = { left: MARGIN.left, top: MARGIN.top, width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const lines = [...chart.series, ...(chart.levels ?? []).map(({ at }) => ({ y: [at] }))];
  const [x0, x1] = chart.xRange;
  let [y0, y1] = chart.yRange ?? extent(lines, chart.logY);
  if (chart.logY) {
    // Rounding noise far below what matters would squeeze the part that is looked at.
    y0 = Math.max(y0, chart.floorY ?? -18);
    y1 = Math.min(y1, chart.capY ?? 14);
    const room = Math.max(0, 0.6 - (y1 - y0)) / 2;
    [y0, y1] = [y0 - room, y1 + room];
  }
  const px = (x) => plot.left + (((chart.logX ? Math.log10(x) : x) - x0) / (x1 - x0 || 1)) * plot.width;
  const py = (y) => {
    const v = chart.logY ? Math.log10(y) : y;
    return plot.top + (1 - (Math.min(Math.max(v, y0 - 9), y1 + 9) - y0) / (y1 - y0 || 1)) * plot.height;
  };

  context.font = `11px ${theme.font}`;
  context.fillStyle = theme.text;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of ticks(y0, y1, chart.logY, 4)) {
    const y = plot.top + (1 - (tick - y0) / (y1 - y0)) * plot.height;
    line(context, plot.left, y, plot.left + plot.width, y);
    context.fillText(tickText(tick, chart.logY), plot.left - 6, y);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  const bottom = plot.top + plot.height;
  line(context, plot.left, bottom, plot.left + plot.width, bottom);
  for (const tick of ticks(x0, x1, chart.logX, plot.width > 220 ? 5 : 3)) {
    const x = plot.left + ((tick - x0) / (x1 - x0 || 1)) * plot.width;
    line(context, x, bottom, x, bottom + 4);
    context.fillText(tickText(tick, chart.logX), x, bottom + 6);
  }

  context.save();
  context.beginPath();
  context.rect(plot.left, plot.top - 2, plot.width, plot.height + 4);
  context.clip();
  const notes = [];
  for (const level of chart.levels ?? []) {
    context.setLineDash([5, 4]);
    context.strokeStyle = level.color ?? theme.text;
    line(context, plot.left, py(level.at), plot.left + plot.width, py(level.at));
    context.setLineDash([]);
    const high = py(level.at) - 2 < plot.top + 12;
    notes.push([level.text, plot.left + plot.width - 2, py(level.at) + (high ? 14 : -2), level.color ?? theme.text]);
  }
  drawMarks(context, chart.marks ?? [], px, plot, theme);
  for (const one of chart.series) {
    context.strokeStyle = one.color;
    context.lineWidth = one.width ?? 2;
    context.setLineDash(one.dash ?? []);
    context.lineJoin = "round";
    context.beginPath();
    let open = false;
    for (let i = 0; i < one.y.length; i++) {
      const value = one.y[i];
      // A logarithmic slider may begin with an exact zero.
      if (chart.logX && !(one.x[i] > 0)) continue;
      if (!Number.isFinite(value) || (chart.logY && value <= 0)) {
        open = open && chart.logY && value === 0;
        continue;
      }
      if (open) context.lineTo(px(one.x[i]), py(value));
      else context.moveTo(px(one.x[i]), py(value));
      open = true;
    }
    context.stroke();
    context.setLineDash([]);
  }
  // Over the curves, which would cross them out.
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.strokeStyle = theme.halo;
  context.lineWidth = 3;
  for (const [text, x, y, color] of notes) {
    context.strokeText(text, x, y);
    context.fillStyle = color;
    context.fillText(text, x, y);
  }
  context.restore();
  const fromX = (pixel) => {
    const value = x0 + ((pixel - plot.left) / plot.width) * (x1 - x0);
    return chart.logX ? 10 ** value : value;
  };
  return { plot, fromX, toX: px };
}

function drawMarks(context, marks, px, plot, theme) {
  context.textBaseline = "top";
  marks.forEach((mark, i) => {
    const x = px(mark.at);
    context.strokeStyle = context.fillStyle = mark.color ?? theme.text;
    context.setLineDash([3, 3]);
    line(context, x, plot.top, x, plot.top + plot.height);
    context.setLineDash([]);
    const right = x < plot.left + plot.width * 0.6;
    context.textAlign = right ? "left" : "right";
    context.fillText(mark.text, x + (right ? 4 : -4), plot.top + 2 + 13 * i);
  });
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
