// Runs in every measured page before its own scripts, and notes when things happen, on the page's own clock.

(() => {
  const probe = (window.probe = { measures: [], inputs: [], requests: [], frames: [], changes: [], pointer: 0 });
  const now = () => performance.now();

  // The task after a frame's callbacks runs once the frame is handed on to be put on the screen.
  const afterThisFrame = (then) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => then(now());
    channel.port2.postMessage(null);
  };
  const afterFrame = (then) => requestAnimationFrame(() => afterThisFrame(then));

  // The app: every draw is a performance.measure.
  const measure = performance.measure.bind(performance);
  performance.measure = (name, options) => {
    const entry = measure(name, options);
    const seq = document.querySelector("[data-stage]")?.stage?.header?.seq;
    probe.measures.push({ name, seq, start: entry.startTime, end: entry.startTime + entry.duration });
    return entry;
  };

  for (const type of ["pointerdown", "pointermove"]) {
    addEventListener(type, (event) => (probe.pointer = event.timeStamp), { capture: true, passive: true });
  }

  probe.watchThumb = () => {
    addEventListener(
      "input",
      (event) => {
        if (!event.target.matches("[data-live]")) return;
        const input = { at: now(), pointer: probe.pointer };
        probe.inputs.push(input);
        afterFrame((time) => (input.presented = time));
      },
      { capture: true },
    );
  };

  probe.watchLink = () => {
    const { link } = document.querySelector("[data-stage]").stage;
    const send = link.send;
    link.send = (request) => {
      probe.requests.push({ seq: request.seq, drag: request.drag, at: now() });
      send(request);
    };
  };

  probe.countFrames = () => {
    const frame = (time) => {
      probe.frames.push(time);
      probe.counting = requestAnimationFrame(frame);
    };
    cancelAnimationFrame(probe.counting);
    probe.counting = requestAnimationFrame(frame);
  };

  // The plain page: a chart is drawn when its own element shows other data than before, and has painted them.
  const charts = () => [...document.querySelectorAll(".js-plotly-plot")];
  const data = (chart) => {
    const paths = (chart._fullData ?? []).filter(({ type }) => type !== "contour" && type !== "surface");
    return JSON.stringify(paths.map(({ x, y }) => [x.length, x[x.length - 1], y[0], y[y.length - 1]]));
  };
  const painted = (chart) => {
    const scene = chart._fullLayout?.scene?._scene;
    if (!scene) return Boolean(chart.querySelector(".scatterlayer .js-line")?.getAttribute("d"));
    // A scene has pixels on its axes from its first frame on.
    return Boolean(scene.glplot?.axesPixels) && Object.keys(scene.traces).length === chart._fullData.length;
  };
  const shown = () => {
    const found = charts();
    return found.length === 2 && found.every((chart) => painted(chart)) ? found.map(data).join() : null;
  };

  // Notes the time from the next event of that type to both charts showing other paths.
  probe.timeChange = (type) => {
    const before = shown();
    const change = {};
    probe.changes.push(change);
    const begin = (event) => {
      if (type === "keydown" && event.key !== "Enter") return;
      removeEventListener(type, begin, true);
      change.at = now();
      const look = () => {
        const after = shown();
        if (!after || after === before) return requestAnimationFrame(look);
        change.drawn = now();
        afterFrame((time) => (change.presented = time));
      };
      look();
    };
    addEventListener(type, begin, true);
  };

  // Notes the time from the next click until a picture that was not there before is drawn, painted and can be touched.
  probe.timeOpening = (selector) => {
    probe.opened = null;
    for (const old of document.querySelectorAll(selector)) old.dataset.before = "1";
    const live = (picture) => {
      if (picture.stage) return picture.stage.plots?.drawn && picture.querySelector("[data-live]:not(:disabled)");
      return "state" in picture.dataset ? picture.dataset.state === "ready" : picture.querySelector(".main-svg");
    };
    const begin = () => {
      const at = now();
      const look = () => {
        const fresh = [...document.querySelectorAll(selector)].filter(({ dataset }) => !dataset.before);
        if (!fresh.some(live)) return requestAnimationFrame(look);
        afterThisFrame((time) => (probe.opened = time - at));
      };
      requestAnimationFrame(look);
    };
    addEventListener("click", begin, { capture: true, once: true });
  };

  // Plotly's own count of animation frames, of each chart.
  probe.countAnimation = () => {
    probe.animated = charts().map((chart) => {
      const times = [];
      chart.on("plotly_animatingframe", () => times.push(now()));
      return times;
    });
  };

  // The first picture with a path in it, of either page: wall-clock time in milliseconds.
  probe.first = new Promise((resolve) => {
    const look = () => {
      const drawn = (name) => probe.measures.some((one) => one.name === name);
      if ((drawn("stage:contour") && drawn("stage:relief")) || shown()) {
        return afterFrame((time) => resolve(performance.timeOrigin + time));
      }
      requestAnimationFrame(look);
    };
    look();
  });
})();
