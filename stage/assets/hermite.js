// The curve between the nodes that the server sent: cubics through exact values and slopes.

export class Curve {
  constructor({ nodes, heights, slopes }) {
    Object.assign(this, { nodes, heights, slopes });
  }

  // The last node at or before x.
  before(x) {
    let [low, high] = [0, this.nodes.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.nodes[middle] <= x) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  // The value at x; NaN where there is none.
  at(x) {
    const { nodes, heights, slopes } = this;
    if (!(x >= nodes[0] && x <= nodes[nodes.length - 1])) return NaN;
    const i = this.before(x);
    if (nodes[i] === x) return heights[i];
    const width = nodes[i + 1] - nodes[i];
    const t = (x - nodes[i]) / width;
    const s = 1 - t;
    const bend = s * width * slopes[i] - t * width * slopes[i + 1];
    return heights[i] + t * t * (3 - 2 * t) * (heights[i + 1] - heights[i]) + t * s * bend;
  }

  // Where between a and b the curve is farthest above their chord, or least far below it: the weight of a there, the
  // height above, how far apart the two ever are, and whether the curve is undefined on the way.
  highest(a, b) {
    const [atA, atB] = [this.at(a), this.at(b)];
    const found = { alpha: NaN, above: -Infinity, apart: 0, undefined: false };
    const look = (alpha, x, evenly) => {
      const above = this.at(x) - (alpha * atA + (1 - alpha) * atB);
      if (Number.isNaN(above)) {
        // A node without a value may only mark a jump.
        found.undefined ||= evenly;
        return;
      }
      if (above > found.above) Object.assign(found, { alpha, above });
      found.apart = Math.max(found.apart, Math.abs(above));
    };
    const [low, high] = a < b ? [a, b] : [b, a];
    for (let i = this.before(low) + 1; this.nodes[i] < high; i++) look((this.nodes[i] - b) / (a - b), this.nodes[i], false);
    // Between two nodes that are close together there would be none.
    for (let k = 1; k < 64; k++) look(k / 64, (k / 64) * a + (1 - k / 64) * b, true);
    return found;
  }
}
