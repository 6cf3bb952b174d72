// The powers of a real 2×2 matrix from its eigenvalues and the angle between its eigenvectors.

import { number } from "./format.js";

export const FACTOR = 1000;
// An eigenvalue that a hand put on the unit circle is on it as far as the six digits in the address say.
export const ON_CIRCLE = 2e-6;
// Steps that are looked at one by one on every move. Slower than that, only the eigenvalue's own answer is told.
const MOST = 5000;
const ROUNDING = 1e-9;

// λᵗ of a real λ; between the steps of a negative one the real part of its principal power.
const power = (value, t) => (value === 0 ? Number(t === 0) : Math.abs(value) ** t * (value < 0 ? Math.cos(Math.PI * t) : 1));

// state: {re, im, other, angle}. With im ≠ 0 the eigenvalues are re ± im·i, else they are re and other. Angle in degrees.
export class Powers {
  constructor({ re, im, other, angle }) {
    this.paired = im !== 0;
    Object.assign(this, { re, im, other, angle, tilt: Math.tan((angle * Math.PI) / 360) });
    this.sizes = this.paired ? [Math.hypot(re, im), Math.hypot(re, im)] : [Math.abs(re), Math.abs(other)];
    this.radius = Math.max(...this.sizes);
    // Of the matrix of unit eigenvectors.
    this.condition = 1 / this.tilt;
  }

  // λ₁ᵗ as [real, imaginary], and λ₂ᵗ.
  eigenvalues(t) {
    if (!this.paired) return [[power(this.re, t), 0], [power(this.other, t), 0]];
    const [size, turn] = [this.radius ** t, t * Math.atan2(this.im, this.re)];
    const [x, y] = [size * Math.cos(turn), size * Math.sin(turn)];
    return [[x, y], [x, -y]];
  }

  // Wᵗ = V diag(λᵗ) V⁻¹ as rows [[a, b], [c, a]].
  at(t) {
    const [[x, y], [z]] = this.eigenvalues(t);
    if (this.paired) return [[x, -y / this.tilt], [y * this.tilt, x]];
    const [middle, half] = [(x + z) / 2, (x - z) / 2];
    return [[middle, half / this.tilt], [half * this.tilt, middle]];
  }

  // The ellipse that Wᵗ makes of the unit circle: half axes, and the angle of the longer one.
  ellipse(t) {
    const [[a, b], [c]] = this.at(t);
    const [even, odd] = [(b + c) / 2, (c - b) / 2];
    const most = Math.hypot(a, odd) + Math.abs(even);
    const least = most && Math.min(this.#determinant(t) / most, most);
    return { most, least, turn: (Math.atan2(even, 0) + Math.atan2(odd, a)) / 2 };
  }

  #determinant(t) {
    return (this.sizes[0] * this.sizes[1]) ** t;
  }

  norm(t) {
    const [[a, b], [c]] = this.at(t);
    return Math.hypot(a, (c - b) / 2) + Math.abs(b + c) / 2;
  }

  // What becomes of ‖Wᵗ‖: `predicted` and `measured` steps to lose or gain `FACTOR`, the latter null where there are too
  // many to look at; the `peak` of what vanishes in the end.
  fate() {
    const { radius, condition } = this;
    const pace = Math.log(radius);
    if (Math.abs(radius - 1) <= ON_CIRCLE) return { kind: "neither" };
    const predicted = Math.max(1, Math.ceil(Math.log(FACTOR) / Math.abs(pace) - ROUNDING));
    // |λ|ᵗ ≤ ‖Wᵗ‖ ≤ κ(V)|λ|ᵗ bounds where to look.
    const late = Math.log(condition) / Math.abs(pace);
    if (pace > 0) return { kind: "explodes", predicted, measured: predicted > MOST ? null : this.#first(predicted) };
    const bound = Math.max(predicted, Math.ceil((Math.log(FACTOR) + Math.log(condition)) / -pace)) + 1;
    const measured = bound - predicted > MOST ? null : this.#last(bound) + 1;
    return { kind: "vanishes", predicted, measured, peak: late > MOST ? null : this.peak(Math.ceil(late)) };
  }

  #first(bound) {
    for (let t = 1; t < bound; t++) if (this.norm(t) >= FACTOR * (1 - ROUNDING)) return t;
    return bound;
  }

  #last(bound) {
    for (let t = bound; t > 0; t--) if (this.norm(t) > (1 / FACTOR) * (1 + ROUNDING)) return t;
    return 0;
  }

  peak(steps) {
    const best = { norm: 1, step: 0 };
    for (let t = 1; t <= steps; t++) {
      const norm = this.norm(t);
      if (norm > best.norm * (1 + ROUNDING)) Object.assign(best, { norm, step: t });
    }
    return best;
  }
}

export const complexText = ([re, im]) => {
  if (im === 0) return number(re);
  return `${number(re)} ${im < 0 ? "−" : "+"} ${number(Math.abs(im))}i`;
};

const plural = (count) => `${count} step${count === 1 ? "" : "s"}`;

// The narrator: what the numbers say about this matrix.
export function narrate(powers, steps) {
  const { kind, predicted, measured, peak } = powers.fate();
  const size = `|λ| = ${number(powers.radius)}`;
  const apart = `eigenvectors ${number(powers.angle, 3)}° apart`;
  if (kind === "neither") {
    const { norm, step } = powers.peak(steps);
    const grown = step ? ` With ${apart} it still reaches ${number(norm, 3)} at step ${step}, but never more than κ(V) = ${number(powers.condition, 3)}.` : "";
    return `Neither: ${size}. ‖Wᵗ‖ goes neither to 0 nor to ∞, however many steps.${turning(powers)}${grown}${across(powers)}`;
  }
  if (kind === "explodes") {
    const sooner = measured === null || measured === predicted ? "" : `, ${plural(predicted - measured)} before |λ|ᵗ: ${apart}`;
    return `Explodes: ${size} gains a factor ${FACTOR} in ${plural(measured ?? predicted)}${sooner}.${across(powers)}`;
  }
  const alone = measured === null || measured === predicted ? "" : `; |λ|ᵗ alone needs ${predicted}`;
  const first = peak?.step ? ` First it grows: to ${number(peak.norm, 3)} at step ${peak.step}, with ${apart}.` : "";
  return `Vanishes: ${size} loses a factor ${FACTOR} in ${plural(measured ?? predicted)}${alone}.${first}`;
}

// How what stays goes on moving.
function turning({ paired, re, im, other }) {
  if (paired) return ` Every step turns by ${number((Math.abs(Math.atan2(im, re)) * 180) / Math.PI, 3)}°.`;
  return Math.min(re, other) === -1 ? " Along the eigenvector of −1 every step flips it." : "";
}

function across(powers) {
  const least = Math.min(...powers.sizes);
  return least < 1 - ON_CIRCLE ? ` Along the other eigenvector it vanishes: |λ| = ${number(least)}.` : "";
}
