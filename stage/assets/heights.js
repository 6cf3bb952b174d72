// How a value becomes a height: linear, logarithmic above the lowest value, or logarithmic to both sides of zero.

export const HEIGHTS = { linear: "linear", log: "log", signed_log: "signed log" };

export function heightScale(kind, z) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of z) {
    // A function may have holes, and walls without end around them.
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const span = high - low || 1;
  if (kind === "log") {
    const floor = 1e-4 * span;
    const up = (value) => Math.log10(Math.max(value - low, 0) + floor);
    return scale(up, up, (height) => 10 ** height - floor + low);
  }
  if (kind === "signed_log") {
    const unit = 1e-2 * Math.max(Math.abs(low), Math.abs(high)) || 1;
    const up = (value) => Math.asinh(value / unit);
    return scale(up, up, (height) => Math.sinh(height) * unit);
  }
  // Level lines of a bowl are evenly spaced when their heights grow as squares.
  return scale(
    (value) => value,
    (value) => Math.sqrt(Math.max(value - low, 0)),
    (level) => level ** 2 + low,
  );

  function scale(relief, contour, valueOfLevel) {
    return { relief, contour, valueOfLevel, low, high, floor: relief(low), top: relief(high) };
  }
}
