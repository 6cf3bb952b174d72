// What stands in the relief's place where a browser has no WebGL, or has taken it away.

import { element } from "./format.js";

const INSTEAD = "The map shows the same surface, and the paths on it.";
export const MISSING = `The relief needs WebGL, which this browser does not have or has switched off. ${INSTEAD}`;
export const LOST = `The browser has taken the graphics card away from this page. The relief comes back with it, or when the page is loaded again. ${INSTEAD}`;

// Words over `plot`; none with an empty text.
export function say(plot, text) {
  const figure = plot.parentElement;
  figure?.querySelector(".stage-missing")?.remove();
  if (text) figure?.append(element("p", { class: "stage-missing", role: "status" }, text));
}
