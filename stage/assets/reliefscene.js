// What plotly.js does for every relief and nobody here wants, switched off: two thirds of the work of a frame, frames
// while nothing moves, and a camera that does not follow the hand.
//
// Private plotly.js API, so plotly is pinned, and tests/browser/test_views.py counts what a frame draws.

import { spread } from "./bank.js";

const LONG = 721;
// Milliseconds after the last frame for which the camera is still looked at: it follows two frames behind.
const AWAKE = 200;

// Before it draws a surface plotly.js cuts each cell into four or sixteen that look the same, and sends all of them to
// the graphics card; but no longer once that surface has had more than 720 points in a row. So every relief begins with
// this one: as many points over the same box, of which only two have a height, so that there is nothing to see.
export function uncut(trace, scale) {
  const [xs, ys] = [trace.x, trace.y];
  const z = [scale.floor, scale.top].map((height) => new Float32Array(LONG).fill(NaN).fill(height, 0, 1));
  return { ...trace, x: spread(xs[0], xs.at(-1), LONG), y: [ys[0], ys.at(-1)], z, surfacecolor: z };
}

// `rendered` is called with every frame.
export async function lighten(scene, rendered) {
  unpick(scene.glplot);
  followTheHand(scene.camera.view);
  await drawOnDemand(scene, rendered);
}

// Nobody asks what is below the pointer, so no frame is drawn a second time, and read back, to find that.
function unpick(glplot) {
  for (const surface of [...glplot.objects]) {
    glplot.remove(surface);
    surface.pickSlots = 0;
    glplot.add(surface);
  }
}

function followTheHand(view) {
  // With every drawing plotly.js sets the camera upright half a second from now, and is deaf to the hand until then.
  const { _active: turntable } = view;
  const { lookAt } = turntable;
  turntable.lookAt = (time, ...rest) => lookAt.call(turntable, Math.min(time, performance.now()), ...rest);
  // It lets a camera run on at the hand's pace until the next frame: the slower the machine, the further it ends from
  // where the hand has left it, and from where plotly.js believes it to be.
  for (const name of ["rotate", "pan"]) {
    const move = view[name];
    view[name] = (time, ...by) => {
      move.call(view, time, ...by);
      view.idle(time);
    };
  }
}

// Plotly.js looks at the camera in every frame for as long as there is a relief, seen or not: 8 % of a core. Here it is
// looked at after a drawing and under a hand, until it rests.
async function drawOnDemand({ glplot, camera, container, graphDiv }, rendered) {
  let until = 0;
  let running = false;
  const frame = () => {
    running = !glplot._stopped && !glplot.contextLost;
    if (!running) return;
    if (camera.tick()) glplot.redraw();
    running = performance.now() < until;
    if (running) requestAnimationFrame(frame);
  };
  const wake = () => {
    until = performance.now() + AWAKE;
    if (!running) requestAnimationFrame(frame);
    running = true;
  };
  const { onrender } = glplot;
  glplot.onrender = (...args) => {
    onrender.apply(glplot, args);
    rendered();
    wake();
  };
  graphDiv.on("plotly_relayout", wake);
  for (const kind of ["mousedown", "mousemove", "wheel", "touchstart", "touchmove"]) {
    container.addEventListener(kind, ({ buttons }) => (buttons || kind !== "mousemove") && wake(), { passive: true });
  }
  // Plotly.js's own loop ends when it finds the scene stopped.
  glplot._stopped = true;
  await new Promise(requestAnimationFrame);
  glplot._stopped = false;
  // What was purged in between could not be disposed of.
  if (graphDiv._fullLayout) wake();
  else glplot.dispose();
}
