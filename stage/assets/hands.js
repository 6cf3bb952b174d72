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

// The handles lie at the start of the first run and at the chord's other end, unless that is outside of what is shown.
export function placeHandles(stage) {
  const { start, end } = stage.parts;
  put(stage, start, stage.runs[0].points, `Start point`, stage.theme.racers[0]);
  put(stage, end, stage.header.end, "End of the chord", stage.theme.text);
}

function put(stage, handle, point, title, color) {
  const plane = stage.plots.plane();
  const { left, top, width, height } = plane.frame;
  const [px, py] = point ? [plane.x(point[0]), plane.y(point[1])] : [NaN, NaN];
  handle.hidden = !(px >= left - 1 && px <= left + width + 1 && py >= top - 1 && py <= top + height + 1);
  if (handle.hidden) return;
  handle.style.transform = `translate(${px}px, ${py}px)`;
  handle.style.setProperty("--racer", color);
  handle.setAttribute("aria-label", `${title}, x ${number(point[0])}, y ${number(point[1])}. Arrow keys move it.`);
}

export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

export function bindHandles(stage) {
  const { start, end, contour } = stage.parts;
  const inBox = (x, y) => {
    const [x0, x1, y0, y1] = stage.header.surface.box;
    // Four digits are finer than a hand, and they are what the address has room for.
    const within = (value, low, high) => Number(Math.min(Math.max(value, low), high).toPrecision(4));
    return [within(x, x0, x1), within(y, y0, y1)];
  };
  const under = (event) => {
    const outer = contour.getBoundingClientRect();
    const plane = stage.plots.plane();
    return inBox(plane.fromX(event.clientX - outer.left), plane.fromY(event.clientY - outer.top));
  };
  const bind = (handle, names, present) => {
    const settings = (point) => Object.fromEntries(names.map((name, i) => [name, point[i]]));
    let held = false;
    let dragged = null;
    const drag = (to) => {
      dragged = to;
      stage.ask(settings(to), { drag: true, single: true });
    };
    const release = () => {
      held = false;
      if (dragged) stage.ask(settings(dragged));
      dragged = null;
    };
    handle.addEventListener("pointerdown", (event) => {
      held = true;
      handle.setPointerCapture(event.pointerId);
      event.preventDefault();
      handle.focus({ preventScroll: true });
    });
    handle.addEventListener("pointermove", (event) => held && drag(under(event)));
    handle.addEventListener("keydown", (event) => {
      const by = ARROWS[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      const [x0, x1, y0, y1] = stage.header.surface.box;
      const [x, y] = dragged ?? present();
      const size = event.shiftKey ? 0.1 : 0.01;
      drag(inBox(x + by[0] * size * (x1 - x0), y + by[1] * size * (y1 - y0)));
    });
    for (const over of ["pointerup", "pointercancel", "keyup", "blur"]) handle.addEventListener(over, release);
  };
  bind(start, ["x", "y"], () => stage.header.start);
  bind(end, ["bx", "by"], () => stage.header.end);

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
    if (px >= left && px <= left + width && py >= top && py <= top + height) {
      const [x, y] = under(event);
      stage.ask({ x, y });
    }
  };
  window.addEventListener("pointerup", up, true);
  stage.leave(() => window.removeEventListener("pointerup", up, true));
}
