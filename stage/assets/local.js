// What a gradient and a Hessian say about the neighbourhood of a point.

// Eigenvalues, largest first, and unit eigenvectors of [[a, b], [b, c]].
export function eigen(a, b, c) {
  const middle = (a + c) / 2;
  const radius = Math.hypot((a - c) / 2, b);
  const angle = radius === 0 ? 0 : 0.5 * Math.atan2(2 * b, a - c);
  const first = [Math.cos(angle), Math.sin(angle)];
  return { values: [middle + radius, middle - radius], vectors: [first, [-first[1], first[0]]] };
}

export function at(run, t) {
  const step = Math.min(t, run.length - 1);
  const pair = (array, width) => array && [...array.subarray(step * width, step * width + width)];
  return {
    step,
    x: run.points[2 * step],
    y: run.points[2 * step + 1],
    value: run.values[step],
    norm: run.norms[step],
    gradient: pair(run.gradients, 2),
    hessian: pair(run.hessians, 3),
    terms: step < run.length - 1 ? pair(run.terms, 3) : null,
  };
}

// The second-order Taylor model around a point: f + gᵀd + ½dᵀHd.
export const quadraticModel = ({ value, gradient: [gx, gy], hessian: [a, b, c] }) => (dx, dy) =>
  value + gx * dx + gy * dy + (a * dx * dx + 2 * b * dx * dy + c * dy * dy) / 2;

// Level curves of that model through the point and further in, as lists of [x, y]; hyperbolas at a saddle.
export function modelCurves(here, reach) {
  const [a, b, c] = here.hessian;
  const { values, vectors } = eigen(a, b, c);
  if (Math.abs(values[0] * values[1]) < 1e-12) return { center: null, curves: [] };
  const determinant = a * c - b * b;
  const [gx, gy] = here.gradient;
  const center = [here.x - (c * gx - b * gy) / determinant, here.y - (a * gy - b * gx) / determinant];
  const [dx, dy] = [here.x - center[0], here.y - center[1]];
  const height = a * dx * dx + 2 * b * dx * dy + c * dy * dy;
  const point = (p, q) => [0, 1].map((i) => center[i] + p * vectors[0][i] + q * vectors[1][i]);
  const curves = [];
  for (const share of [1, 0.5, 0.15]) {
    const [p, q] = values.map((value) => Math.sqrt(Math.abs((share * height) / value)));
    if (values[0] * values[1] > 0) {
      curves.push(Array.from({ length: 65 }, (_, i) => point(p * Math.cos((i * Math.PI) / 32), q * Math.sin((i * Math.PI) / 32))));
    } else {
      const limit = Math.acosh(1 + reach / Math.max(Math.min(p, q), 1e-9));
      const opensAlongFirst = height > 0;
      for (const side of [-1, 1]) {
        curves.push(
          Array.from({ length: 65 }, (_, i) => {
            const u = (limit * (i - 32)) / 32;
            return opensAlongFirst
              ? point(side * p * Math.cosh(u), q * Math.sinh(u))
              : point(p * Math.sinh(u), side * q * Math.cosh(u));
          }),
        );
      }
    }
  }
  return { center, curves };
}
