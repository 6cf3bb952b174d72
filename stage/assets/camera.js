// The camera that plotly.js looks at a relief with.

// As one matrix from data to pixels. Private plotly.js API, so plotly is pinned and tests/browser/test_projection.py checks
// it against a known projection; null where it is not there.
export function cameraOf(relief) {
  const scene = relief._fullLayout?.scene?._scene;
  const params = scene?.glplot?.cameraParams;
  if (!params?.model || !scene.dataScale) return null;
  const canvas = scene.glplot.canvas;
  const box = canvas.getBoundingClientRect();
  const outer = relief.getBoundingClientRect();
  const viewModel = multiply(params.view, params.model);
  const all = multiply(params.projection, viewModel);
  const [sx, sy, sz] = scene.dataScale;
  const eye = eyeOf(viewModel).map((value, i) => value / scene.dataScale[i]);
  const [left, top] = [box.left - outer.left, box.top - outer.top];
  return {
    eye,
    // Equal keys put every point on the same pixel.
    key: [...all, sx, sy, sz, left, top, box.width, box.height].join(),
    project(x, y, z, out) {
      const [a, b, c] = [x * sx, y * sy, z * sz];
      const w = all[3] * a + all[7] * b + all[11] * c + all[15];
      out[0] = left + ((all[0] * a + all[4] * b + all[8] * c + all[12]) / w + 1) * 0.5 * box.width;
      out[1] = top + (1 - (all[1] * a + all[5] * b + all[9] * c + all[13]) / w) * 0.5 * box.height;
      return out;
    },
  };
}

function multiply(a, b) {
  const out = new Float64Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[k * 4 + row] * b[column * 4 + k];
      out[column * 4 + row] = sum;
    }
  }
  return out;
}

// Where the camera stands: the point that an affine view matrix A p + t sends to zero, by Cramer's rule.
function eyeOf(m) {
  const columns = [0, 1, 2].map((i) => [m[4 * i], m[4 * i + 1], m[4 * i + 2]]);
  const t = [-m[12], -m[13], -m[14]];
  const determinant = (a, b, c) =>
    a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1]) + c[0] * (a[1] * b[2] - a[2] * b[1]);
  const whole = determinant(...columns);
  return [0, 1, 2].map((i) => determinant(...columns.map((column, k) => (k === i ? t : column))) / whole);
}
