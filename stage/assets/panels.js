// The linked curves: each makes a chart from the runs that are shown now. Pages choose them by name.
// One with `pick` belongs to the whole bank: it is drawn against the live slider, and a press on it moves the thumb.

import { run as runOf } from "./bank.js";
import { eigen } from "./local.js";
import { CUT } from "./segment.js";

let counted = new Float64Array(0);

const steps = (length) => {
  if (counted.length < length) counted = Float64Array.from({ length: 2 * length }, (_, i) => i);
  return counted.subarray(0, length);
};

const overSteps = (stage, quantity) => ({
  logY: true,
  xRange: [0, stage.header.steps],
  series: stage.runs.map((run, racer) => ({
    x: steps(run.length),
    y: quantity(run),
    color: stage.theme.racers[racer],
  })),
});

// One number of every run of the bank, against the live slider; racers that it does not concern have none.
function overPositions(stage, quantity) {
  const { positions, bank } = stage;
  return stage.runs.flatMap((_, racer) => {
    if (bank[`${racer}.points`].shape[0] < positions.length || positions.length < 2) return [];
    const y = Float64Array.from({ length: positions.length }, (_, v) => quantity(runOf(bank, racer, v)));
    return [{ x: positions, y, color: stage.theme.racers[racer] }];
  });
}

// Curvature along the gradient and its bounds, of the first racer.
function rayleigh(run) {
  const curvature = new Float64Array(run.length);
  const largest = new Float64Array(run.length);
  for (let i = 0; i < run.length; i++) {
    const [gx, gy] = run.gradients.subarray(2 * i);
    const [a, b, c] = run.hessians.subarray(3 * i);
    curvature[i] = (a * gx * gx + 2 * b * gx * gy + c * gy * gy) / (gx * gx + gy * gy);
    largest[i] = eigen(a, b, c).values[0];
  }
  return { curvature, largest };
}

// The length of the path up to every step, and how far from its start that is in a straight line.
function travelled({ points, length }) {
  const [way, away] = [new Float64Array(length), new Float64Array(length)];
  for (let i = 1; i < length; i++) {
    way[i] = way[i - 1] + Math.hypot(points[2 * i] - points[2 * i - 2], points[2 * i + 1] - points[2 * i - 1]);
    away[i] = Math.hypot(points[2 * i] - points[0], points[2 * i + 1] - points[1]);
  }
  return [way, away];
}

export const PANELS = {
  cut: CUT,
  loss: {
    title: "Loss",
    // Above the lowest known value, so that a logarithm can show the last digits of progress.
    chart: (stage) => overSteps(stage, (run) => run.values.subarray(0, run.length).map((v) => v - stage.header.lowest)),
    note: (stage) => (stage.header.lowest ? "above the lowest known value" : ""),
  },
  gradient_norm: {
    title: "Gradient norm ‖∇f‖",
    chart: (stage) => ({
      ...overSteps(stage, (run) => run.norms.subarray(0, run.length)),
      levels: stage.header.lives.some(({ name }) => name === "threshold")
        ? [{ at: stage.valueOf("threshold"), text: "τ", color: stage.theme.bad }]
        : [],
    }),
  },
  height: {
    title: "Loss",
    note: () => "within the heights of the map",
    chart: (stage) => ({
      ...overSteps(stage, (run) => run.values.subarray(0, run.length)),
      logY: false,
      yRange: [stage.plots.scale.low, stage.plots.scale.high],
      levels: stage.header.critical.filter(({ kind }) => kind === "saddle").slice(0, 1).map(({ z }) => ({ at: z, text: "saddle" })),
    }),
  },
  log_time: {
    title: "Gradient norm in log time",
    note: () => "against the step on a logarithmic axis",
    toTime: (t) => t + 1,
    chart: (stage) => ({
      ...overSteps(stage, () => []),
      logX: true,
      xRange: [0, Math.log10(stage.header.steps + 1)],
      series: stage.runs.map((run, racer) => ({
        x: steps(run.length + 1).subarray(1),
        y: run.norms.subarray(0, run.length),
        color: stage.theme.racers[racer],
      })),
    }),
  },
  saddle_distance: {
    title: "Distance to the nearest saddle",
    chart: (stage) => {
      const saddles = stage.header.critical.filter(({ kind }) => kind === "saddle" || kind === "degenerate");
      return overSteps(stage, (run) =>
        Float64Array.from({ length: saddles.length ? run.length : 0 }, (_, i) =>
          Math.min(...saddles.map(({ x, y }) => Math.hypot(run.points[2 * i] - x, run.points[2 * i + 1] - y))),
        ),
      );
    },
  },
  escape: {
    title: "Steps until past the saddle",
    note: (stage) => (stage.header.past_saddles === null ? "no saddle here" : `against ${stage.over.label}`),
    pick: true,
    chart: (stage) => ({
      logX: stage.over.log,
      yRange: [0, stage.header.steps],
      xRange: [stage.over.low, stage.over.high].map((v) => (stage.over.log ? Math.log10(v) : v)),
      series: overPositions(stage, ({ values, length }) => {
        const past = values.subarray(0, length).findIndex((value) => value < stage.header.past_saddles);
        return stage.header.past_saddles === null || past < 0 ? NaN : past;
      }),
    }),
  },
  step_length: {
    title: "Length of each step",
    chart: (stage) =>
      overSteps(stage, ({ points, length }) =>
        Float64Array.from({ length: Math.max(length - 1, 0) }, (_, i) =>
          Math.hypot(points[2 * i + 2] - points[2 * i], points[2 * i + 3] - points[2 * i + 1]),
        ),
      ),
  },
  travel: {
    title: "Way gone and distance from the start",
    note: () => "solid the way, dashed the distance",
    chart: (stage) => ({
      ...overSteps(stage, () => []),
      logY: false,
      series: stage.runs.flatMap((run, racer) => {
        const [way, away] = travelled(run);
        const color = stage.theme.racers[racer];
        return [{ x: steps(run.length), y: way, color }, { x: steps(run.length), y: away, color, dash: [5, 4] }];
      }),
    }),
  },
  distance: {
    title: "Distance to the nearest minimum",
    chart: (stage) =>
      overSteps(stage, (run) =>
        Float64Array.from({ length: run.length }, (_, i) =>
          Math.min(...stage.header.minima.map(([x, y]) => Math.hypot(run.points[2 * i] - x, run.points[2 * i + 1] - y))),
        ),
      ),
  },
  squares: {
    title: "gᵀg and gᵀHg",
    note: () => "solid gᵀg, dashed gᵀHg",
    chart: (stage) => {
      const run = stage.runs[0];
      const { curvature } = rayleigh(run);
      const squared = run.norms.subarray(0, run.length).map((v) => v * v);
      const color = stage.theme.racers[0];
      return {
        ...overSteps(stage, () => []),
        series: [
          { x: steps(run.length), y: squared, color },
          { x: steps(run.length), y: squared.map((v, i) => v * curvature[i]), color, dash: [5, 4] },
        ],
      };
    },
  },
  curvature: {
    title: "Curvature along the gradient",
    note: (stage) => `solid gᵀHg / gᵀg, dotted its bound λmax${rateOf(stage) ? ", dashed 2/η" : ""}`,
    chart: (stage) => {
      const run = stage.runs[0];
      const { curvature, largest } = rayleigh(run);
      const rate = rateOf(stage);
      return {
        ...overSteps(stage, () => []),
        levels: rate ? [{ at: 2 / rate, text: "2/η", color: stage.theme.bad }] : [],
        series: [
          { x: steps(run.length), y: curvature, color: stage.theme.racers[0] },
          { x: steps(run.length), y: largest, color: stage.theme.text, dash: [2, 3], width: 1.4 },
        ],
      };
    },
  },
  final: {
    title: "Final loss at every position of the slider",
    note: (stage) =>
      stage.positions.length > 1 ? `after ${stage.header.steps} steps, against ${stage.over.label}` : "once the start is put down",
    pick: true,
    chart: (stage) => {
      const start = stage.runs[0].values[0] - stage.header.lowest;
      return {
        logX: stage.over.log,
        logY: true,
        floorY: Math.log10(start) - 14,
        capY: Math.log10(start) + 3,
        xRange: [stage.over.low, stage.over.high].map((v) => (stage.over.log ? Math.log10(v) : v)),
        marks: stage.over.marks.map(([at, text]) => ({ at, text: text.split(" = ")[0] })),
        levels: [{ at: start, text: "at the start" }],
        series: overPositions(stage, ({ divergedAt, values, length }) =>
          divergedAt === null ? values[length - 1] - stage.header.lowest : Infinity,
        ),
      };
    },
  },
};

export const rateOf = (stage) => stage.header.lives.find(({ name }) => name === "learning_rate") && stage.valueOf("learning_rate");
