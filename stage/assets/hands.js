// Keys, and the start point under a hand.

import { number } from "./format.js";

const TYPING = "input, select, textarea, button, a, summary, [contenteditable]";

export function bindKeys(stage) {
  const { clock } = stage;
  const nudge = (by) => clock.seek(Math.round(clock.t) + by);
  const actions = {
    " ": () => stage.toggle(),
    ArrowRight: () => nudge(1),
    ArrowLeft: () => nudge(-1),
    Home: () => clock.seek(0),
    End: () => clock.seek(clock.steps),
  };
  const pressed = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key];
    if (!action || !stage.header || event.target.closest?.(TYPING)) return;
    event.preventDefault();
    action();
    if (event.key !== " ") stage.rest();
  };
  document.addEventListener("keydown", pressed);
  stage.leave(() => document.removeEventListener("keydown", pressed));
  stage.toggle = () => {
    if (clock.playing) {
      clock.pause();
      clock.seek(Math.floor(clock.t));
      stage.rest();
    } else clock.play();
  };
}

// The handle lies where the first run begins, unless that is outside of what the map shows.
export function placeStart(stage) {
  const { handle } = stage.parts;
  const plane = stage.plots.plane();
  const [x, y] = stage.runs[0].points;
  const { left, top, width, height } = plane.frame;
  const [px, py] = [plane.x(x), plane.y(y)];
  handle.hidden = px < left - 1 || px > left + width + 1 || py < top - 1 || py > top + height + 1;
  handle.style.transform = `translate(${px}px, ${py}px)`;
  handle.style.setProperty("--racer", stage.theme.racers[0]);
  handle.setAttribute("aria-label", `Start point, x ${number(x)}, y ${number(y)}. Arrow keys move it.`);
}

export function bindStart(stage) {
  const { handle, contour } = stage.parts;
  const inBox = (x, y) => {
    const [x0, x1, y0, y1] = stage.header.surface.box;
    // Four digits are finer than a hand, and they are what the address has room for.
    const within = (value, low, high) => Number(Math.min(Math.max(value, low), high).toPrecision(4));
    return { x: within(x, x0, x1), y: within(y, y0, y1) };
  };
  const under = (event) => {
    const outer = contour.getBoundingClientRect();
    const plane = stage.plots.plane();
    return inBox(plane.fromX(event.clientX - outer.left), plane.fromY(event.clientY - outer.top));
  };
  let held = false;
  let dragged = null;
  handle.addEventListener("pointerdown", (event) => {
    held = true;
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
    handle.focus({ preventScroll: true });
  });
  handle.addEventListener("pointermove", (event) => {
    if (!held) return;
    drag(under(event));
  });
  const drag = (to) => {
    dragged = to;
    stage.ask(to, { drag: true, single: true });
  };
  const release = () => {
    held = false;
    if (dragged) stage.ask(dragged);
    dragged = null;
  };
  handle.addEventListener("pointerup", release);
  handle.addEventListener("pointercancel", release);
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const [x0, x1, y0, y1] = stage.header.surface.box;
    const { x, y } = dragged ?? { x: stage.header.start[0], y: stage.header.start[1] };
    const size = event.shiftKey ? 0.1 : 0.01;
    drag(inBox(x + by[0] * size * (x1 - x0), y + by[1] * size * (y1 - y0)));
  });
  handle.addEventListener("keyup", release);
  handle.addEventListener("blur", release);

  // A press on the map that does not become a drag puts the start there. Plotly covers the window while a button is
  // down, so the release is heard of at the window.
  let down = null;
  contour.addEventListener("pointerdown", (event) => (down = event.button === 0 ? event : null), true);
  const up = (event) => {
    const pressed = down;
    down = null;
    if (!pressed || Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > 4) return;
    const { left, top, width, height } = stage.plots.plane().frame;
    const outer = contour.getBoundingClientRect();
    const [px, py] = [event.clientX - outer.left, event.clientY - outer.top];
    if (px >= left && px <= left + width && py >= top && py <= top + height) stage.ask(under(event));
  };
  window.addEventListener("pointerup", up, true);
  stage.leave(() => window.removeEventListener("pointerup", up, true));
}
