// The numbers below the figures of a matrix's powers, and the keys that say which line is which.

import { element, number, setText } from "./format.js";
import { colorsOf } from "./powersplot.js";

const READOUTS = {
  matrix: "W",
  eigenvalues: "λ₁, λ₂",
  radius: "|λ|, the larger",
  prediction: "|λ|ᵗ",
  norm: "‖Wᵗ‖, most stretched",
  least: "least stretched",
  condition: "κ(V)",
};

export class Numbers {
  constructor() {
    const titles = Object.values(READOUTS).map((title) => element("th", { scope: "col" }, title));
    const cell = ([name, title]) => [name, element("td", { "data-readout": name, "data-title": title })];
    this.cells = Object.fromEntries(Object.entries(READOUTS).map(cell));
    this.root = element(
      "table",
      { class: "powers-numbers" },
      element("thead", {}, element("tr", {}, ...titles)),
      element("tbody", {}, element("tr", {}, ...Object.values(this.cells))),
    );
  }

  show(powers, t) {
    const [first, second] = powers.at(1).map((row) => row.map((entry) => number(entry, 3)).join(", "));
    const [one, other] = powers.eigenvalues(1);
    const { most, least } = powers.ellipse(t);
    const texts = {
      matrix: `(${first}; ${second})`,
      eigenvalues: powers.paired ? `${number(one[0])} ± ${number(Math.abs(one[1]))}i` : `${number(one[0])}, ${number(other[0])}`,
      radius: number(powers.radius),
      prediction: number(powers.radius ** t),
      norm: number(most),
      least: number(least),
      condition: number(powers.condition),
    };
    for (const [name, text] of Object.entries(texts)) setText(this.cells[name], text);
  }
}

// `keys` are elements by figure; they change with the theme, and where a pair becomes two real eigenvalues.
export function showKeys(keys, powers, theme) {
  const [one, other] = colorsOf(powers, theme);
  const made = `${theme.name} ${powers.paired}`;
  if (keys.made === made) return;
  keys.made = made;
  const ink = theme.racers[2];
  const lines = {
    plane: [["|λ| = 1: neither", theme.good, "solid", 2], ["λ², λ³, …", one, "dotted", 3]],
    circle: [["image of the circle", ink, "solid", 3], ["of one point", theme.racers[3], "solid", 2]],
    norms: [
      ["‖Wᵗ‖", ink, "solid", 3],
      ["least stretched", ink, "solid", 1],
      [powers.paired ? "|λ|ᵗ" : "|λ₁|ᵗ", one, "dashed", 2],
      ...(powers.paired ? [] : [["|λ₂|ᵗ", other, "dashed", 2]]),
    ],
  };
  for (const [figure, shown] of Object.entries(lines)) {
    const spans = shown.map(([text, color, dash, weight]) => element("span", { style: `--color:${color};--dash:${dash};--weight:${weight}px` }, text));
    keys[figure].replaceChildren(...spans);
  }
}
