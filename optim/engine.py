"""The engine: runs any optimizer on any surface, one run or a whole slider's worth at once.

One block of steps is compiled per (surface, optimizer), see `optim.blocks`, and called as often as the step count
needs. Starts, knobs, hyperparameters, rates and noise go in as arrays, so that no slider ever recompiles.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import index
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from landscapes.knobs import Knobs
from landscapes.surface import Surface, find_surface
from optim.blocks import BLOCK, count_block, draw, initial_state, record_block
from optim.checks import check_numbers
from optim.optimizer import Optimizer, State, find_optimizer
from optim.records import Sweep, Trajectory, blanked, stop_early
from optim.schedules import Schedule, find_schedule

FAR = 1e6
"""A run has diverged once it is this many box lengths away from the middle of its box."""

WRAPPERS = ("clip_norm", "clip_value", "noise", "cooling", "batch_size")
"""Numbers of the wrapped oracles."""

Floats = NDArray[np.float64]


def _origin(surface: Surface, start: ArrayLike | None) -> Floats:
    origin = np.asarray(surface.start if start is None else start, np.float64)
    if origin.shape != (2,) or not np.isfinite(origin).all():
        raise ValueError(f"start must be two finite numbers (x, y), not {start!r}")
    return origin


def make_settings(
    surface: Surface,
    optimizer: Optimizer,
    knobs: Knobs,
    hyper: Knobs,
    clip_norm: float | None,
    clip_value: float | None,
    noise: float,
    cooling: float,
    batch_size: float | None,
) -> dict[str, Any]:
    """All numbers of a run, by part, as `run_block` takes them; ``ValueError`` for one that cannot be used."""
    wrappers = {
        "clip_norm": np.inf if clip_norm is None else clip_norm,
        "clip_value": np.inf if clip_value is None else clip_value,
        "noise": noise,
        "cooling": cooling,
        "batch_size": np.inf if batch_size is None else batch_size,
    }
    parts = {"knobs": surface.fill(knobs), "hyper": optimizer.fill(hyper)}
    check_numbers(*parts.values(), wrappers)
    return parts | wrappers


def _put(settings: dict[str, Any], over: str, positions: Floats) -> None:
    """Place a slider's positions under the name they belong to; ``TypeError`` where no part has that name."""
    for part in (settings["hyper"], settings["knobs"], settings):
        if over in part and over not in ("hyper", "knobs"):
            part[over] = positions
            return
    names = [*settings["hyper"], *settings["knobs"], *WRAPPERS, "x", "y"]
    raise TypeError(f"cannot sweep over {over!r}; there are {', '.join(names)}")


@dataclass(frozen=True)
class Plan:
    """V runs that are to be made: all that the steps depend on, checked, in arrays with V padded to a power of two."""

    surface: Surface
    optimizer: Optimizer
    over: str
    positions: Floats
    origin: Floats
    settings: Any
    steps: int
    seed: int
    schedule: Schedule
    stop: Mapping[str, float]

    def begin(self) -> tuple[Array, State]:
        """Points (V, 2) and states of the runs before their first step."""
        x: Array = jnp.asarray(self.origin)
        return x, initial_state(self.optimizer, x, self.settings["hyper"])

    def blocks(self) -> Iterator[tuple[Floats, Floats, dict[str, Array]]]:
        """What the steps of each block are told: times (BLOCK,), factors of the learning rate (BLOCK,), and `draw`."""
        count = max(1, -(-self.steps // BLOCK))
        times = np.arange(count * BLOCK, dtype=np.float64)
        factors = self.schedule(times, self.steps)
        examples = self.surface.examples
        for number in range(count):
            now = slice(number * BLOCK, (number + 1) * BLOCK)
            yield times[now], factors[now], draw(self.seed, number, examples.count if examples else 1)

    def walk(self, block: Callable[..., Any]) -> dict[str, Floats]:
        """What `block`, which is `record_block` or `count_block`, records of the runs: (V, steps or more, ...)."""
        x, state = self.begin()
        records = []
        for told in self.blocks():
            x, state, record = block(self.surface, self.optimizer, x, state, self.settings, *told)
            records.append(record)
        # The last point of a block is the first of the next one.
        joined = {
            name: np.concatenate([np.asarray(r[name])[:, : BLOCK + (r is records[-1])] for r in records], axis=1)
            for name in records[0]
        }
        return {name: a[: len(self.positions)] for name, a in joined.items()}

    def spent(self) -> Floats:
        """What the runs have cost at every point (V, steps + 1), in gradients."""
        cost = self.walk(count_block)["cost"][:, : self.steps]
        return np.concatenate([np.zeros((len(cost), 1)), np.cumsum(cost, axis=1)], axis=1)


def plan(
    surface: str | Surface,
    optimizer: str | Optimizer,
    start: ArrayLike | None = None,
    *,
    over: str,
    values: ArrayLike,
    steps: int = 200,
    seed: int = 0,
    knobs: Knobs | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    noise: float = 0.0,
    cooling: float = 0.0,
    batch_size: float | None = None,
    schedule: str | Schedule = "constant",
    stop: Mapping[str, float] | None = None,
    **hyper: float,
) -> Plan:
    """The runs of `sweep`, not yet made; it says what the arguments are, and which errors there are."""
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    steps, seed = index(steps), index(seed)
    if steps < 0 or seed < 0:
        raise ValueError(f"steps and seed must be 0 or more, not {steps} and {seed}")
    positions = np.asarray(values, dtype=np.float64).reshape(-1)
    if not len(positions):
        raise ValueError(f"values of {over} must not be empty")
    check_numbers({over: positions})
    # Padding the batch to a power of two bounds the number of shapes that are ever compiled.
    count = 1 << (len(positions) - 1).bit_length()
    padded = np.pad(positions, (0, count - len(positions)), mode="edge")
    settings = make_settings(surface, optimizer, knobs or {}, hyper, clip_norm, clip_value, noise, cooling, batch_size)
    if not surface.examples and (over == "batch_size" or batch_size is not None):
        raise ValueError(f"{surface.key} is no mean over examples, from which a batch could be drawn")
    origin = np.broadcast_to(_origin(surface, start), (count, 2)).copy()
    if over in ("x", "y"):
        origin[:, "xy".index(over)] = padded
    else:
        _put(settings, over, padded)
    batched = jax.tree.map(lambda leaf: np.broadcast_to(np.asarray(leaf, np.float64), (count,)), settings)
    return Plan(surface, optimizer, over, positions, origin, batched, steps, seed, find_schedule(schedule), stop or {})


def sweep(
    surface: str | Surface,
    optimizer: str | Optimizer,
    start: ArrayLike | None = None,
    *,
    over: str = "learning_rate",
    values: ArrayLike,
    **rest: Any,
) -> Sweep:
    """One run for each of `values` (V,) of the number named `over`: a hyperparameter, a surface knob, ``clip_norm``,
    ``clip_value``, ``noise``, ``cooling``, ``batch_size``, or a start coordinate ``x`` or ``y``.

    `rest` is as for `plan`: `steps` and `seed` are at least 0. `noise` is the standard deviation of what is added to
    each component of every gradient, before clipping, at step 0; by step t it has cooled to e^(−`cooling`·t) of that.
    `batch_size` examples, drawn anew for every step, estimate the gradient of a surface that is a mean over examples;
    None asks all of them. Every run draws the same noise and examples, so that they differ by `values` alone. The
    schedule's horizon is `steps`. `stop` has tolerances for any of `STOPS`: a run ends at the first step where its
    exact gradient, the change of its loss, or its last step is smaller, or before the step that would spend more
    evaluations. ``TypeError`` names an unknown number, ``KeyError`` an unknown surface, optimizer or schedule,
    ``ValueError`` a number that cannot be used: one that is not finite, a clipping threshold or tolerance that is not
    positive, or a batch where there are no examples or of no whole size up to `LARGEST_BATCH`.
    """
    runs = plan(surface, optimizer, start, over=over, values=values, **rest)
    record = {name: a[:, : runs.steps + 1] for name, a in runs.walk(record_block).items()}
    made = _cut(runs.surface, over, runs.positions, record)
    return stop_early(made, runs.stop, runs.spent() if "evaluations" in runs.stop else None) if runs.stop else made


def _cut(surface: Surface, over: str, positions: Floats, record: dict[str, Floats]) -> Sweep:
    """Blank every run from its first point that is not finite or too far from the box."""
    x_low, x_high, y_low, y_high = surface.box
    middle, size = np.array([x_low + x_high, y_low + y_high]) / 2, max(x_high - x_low, y_high - y_low)
    with np.errstate(invalid="ignore", over="ignore"):
        far = np.abs(record["points"] - middle).max(axis=2) > FAR * size
        lost = far | ~np.isfinite(record["points"]).all(axis=2) | ~np.isfinite(record["values"])
    diverged_at = np.where(lost.any(axis=1), lost.argmax(axis=1), -1)
    never = np.full(len(positions), -1)
    blank = blanked(record, np.logical_or.accumulate(lost, axis=1))
    return Sweep(over=over, positions=positions, diverged_at=diverged_at, stopped_at=never, stopped_by=never, **blank)


def descend(
    surface: str | Surface,
    optimizer: str | Optimizer,
    start: ArrayLike | None = None,
    *,
    noise: float = 0.0,
    **rest: Any,
) -> Trajectory:
    """Run `optimizer` on `surface` from `start` (2,), by default the surface's own; see `sweep` for the errors.

    `rest` is as for `plan`: what it has no name for are hyperparameters.
    """
    return sweep(surface, optimizer, start, over="noise", values=np.array([noise]), **rest).run(0)
