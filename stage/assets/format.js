// Numbers and words as a person reads them.

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export const superscript = (n) =>
  (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((digit) => SUPERSCRIPT[digit]).join("");

export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  let text;
  if (exponent >= 6 || exponent < -4) {
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    const short = String(Number(mantissa));
    text = `${short === "1" ? "" : short === "-1" ? "-" : `${short}·`}10${superscript(Number(power))}`;
  } else {
    text = String(Number(value.toPrecision(Math.max(digits, exponent + 1))));
  }
  return text.replace("-", "−");
}

export const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};

export const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
