"""What a stage shows, and the arrays it is made of: the surface's scene and the bank of a live slider."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2s
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscapes import critical_points, find_surface, minima, on_grid, value
from landscapes.calculus import compiled
from landscapes.knobs import Knob
from landscapes.surface import Surface
from optim import Sweep, Trajectory, find_optimizer, sweep

GRID = 101
"""Points along each side of the drawn surface."""
MOVING_GRID = 61
"""The same while a knob of the surface moves: one grid for every position of its slider."""
VISIBLE = 1e-6
"""A critical point is drawn where its curvature over the box's diagonal is this share of the heights that are drawn."""
CUT = 201
"""Points along a segment whose chord is compared with the surface."""
PAST = 0.02
"""A run is past a saddle once it is this share of the heights that are drawn below it."""
POSITIONS = 128
"""Positions of a live slider, at most."""
MOVING_POSITIONS = 64
"""The same for a slider that moves the surface itself."""
EXACT = 8
"""Positions kept free of the even spacing, for values that must be met exactly."""

WRAPPERS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "norm": ({"threshold": "clip_norm"}, "clipped by norm"),
    "value": ({"threshold": "clip_value"}, "clipped by value"),
    "noise": ({"noise": "noise", "cooling": "cooling"}, "with noise"),
    "batch": ({"batch_size": "batch_size"}, "minibatch"),
}
"""What may be done to a racer's gradients: the setup's numbers that decide it with the engine's names, and in words."""
WRAPPED = frozenset(number for numbers, _ in WRAPPERS.values() for number in numbers)

Pairs = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Racer:
    """One optimizer with its hyperparameters, by name; those left out have their defaults.

    `wrapper` is a key of `WRAPPERS`, or empty for the exact gradient.
    """

    optimizer: str
    hyper: Pairs = ()
    wrapper: str = ""

    @property
    def key(self) -> str:
        """As an address has it: ``gd``, ``gd:norm``."""
        return f"{self.optimizer}:{self.wrapper}" if self.wrapper else self.optimizer

    @property
    def title(self) -> str:
        return title_of(self.key)


def title_of(key: str) -> str:
    """The title of a racer by its key."""
    optimizer, _, wrapper = key.partition(":")
    title = find_optimizer(optimizer).title
    return f"{title}, {WRAPPERS[wrapper][1]}" if wrapper else title


@dataclass(frozen=True)
class Setup:
    """Everything that decides the paths: equal setups have equal banks. `steps` is the number of steps of every run.

    `threshold` is that of every clipped racer, `noise` the standard deviation of each component of a noisy racer's
    gradients, drawn from `seed`, and `cooling` the rate at which that falls, per step. `batch_size` is the number of
    examples that a minibatch racer draws for every step, from `seed` as well.
    """

    surface: str
    racers: tuple[Racer, ...]
    start: tuple[float, float]
    steps: int
    knobs: Pairs = ()
    threshold: float = 1.0
    noise: float = 0.1
    cooling: float = 0.0
    batch_size: float = 10.0
    seed: int = 0
    same_rate: bool = True
    """The learning-rate slider moves every racer, not only the first."""

    @property
    def found(self) -> Surface:
        return find_surface(self.surface)


@dataclass(frozen=True)
class Live:
    """A slider that the stage answers without the server. `marks` are (value, label) along it."""

    knob: Knob
    value: float
    marks: tuple[tuple[float, str], ...] = ()
    moves_surface: bool = False
    moves_nothing: bool = False
    """The stage draws by itself what this slider changes: no run and no surface depends on it."""

    @property
    def name(self) -> str:
        return self.knob.name

    def positions(self) -> NDArray[np.float64]:
        """All values of the slider in order; its default, its marks and its present value are among them exactly."""
        if self.moves_nothing:
            return np.unique([*self.knob.positions(CUT // 2 + 1).round(12), self.value])
        spaced = self.knob.positions((MOVING_POSITIONS if self.moves_surface else POSITIONS) - EXACT)
        wanted = (self.knob.default, *(mark for mark, _ in self.marks))
        # Four digits are finer than a thumb, and they are what the address has room for. A start that was dragged to
        # where its slider does not reach is still shown as it is.
        return np.unique(
            [
                *(self.knob.clip(float(f"{v:.4g}")) for v in spaced),
                *(v for v in wanted if self.knob.contains(v)),
                self.value,
            ]
        )

    def index(self) -> int:
        return int(np.argmin(np.abs(self.positions() - self.value)))


@dataclass(frozen=True)
class Bank:
    """The answers to every position of one slider.

    `runs` has a sweep for each racer: as long as `positions` where the slider concerns that racer, of length 1 where
    it does not. `grids` (V, n, n) are the surfaces where the slider moves the surface, else empty.
    """

    over: str
    positions: NDArray[np.float64]
    runs: tuple[Sweep, ...]
    grids: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0, 0), np.float32))

    def trajectory(self, racer: int, position: int) -> Trajectory:
        """The run of a racer at one position of the slider."""
        return self.runs[racer].run(min(position, len(self.runs[racer].positions) - 1))


def key_of(*parts: Any) -> str:
    """A short name for what is made from `parts`, the same in every process."""
    return blake2s(repr(parts).encode(), digest_size=9).hexdigest()


def concerns(setup: Setup, racer: int, over: str) -> bool:
    """True where the slider named `over` changes the path of that racer."""
    if over in setup.found.knobs or over in ("x", "y"):
        return True
    if over in WRAPPED:
        wrapper = setup.racers[racer].wrapper
        if over == "batch_size" and not setup.found.examples:
            return False
        return bool(wrapper) and over in WRAPPERS[wrapper][0]
    own = over in find_optimizer(setup.racers[racer].optimizer).knobs
    return own and (racer == 0 or (setup.same_rate and over == "learning_rate"))


def wrapper_of(setup: Setup, racer: Racer) -> dict[str, float]:
    """The engine's arguments for what is done to a racer's gradients."""
    # Without examples there is nothing to draw from, and the gradient is exact.
    if not racer.wrapper or (racer.wrapper == "batch" and not setup.found.examples):
        return {}
    return {name: getattr(setup, number) for number, name in WRAPPERS[racer.wrapper][0].items()}


def without(setup: Setup, over: str) -> Setup:
    """The setup but for what the slider named `over` says: whoever moves it, from wherever, shares one bank."""
    if over in setup.found.knobs:
        return replace(setup, knobs=tuple(pair for pair in setup.knobs if pair[0] != over))
    if over in ("x", "y"):
        x, y = setup.found.start
        return replace(setup, start=(x, setup.start[1]) if over == "x" else (setup.start[0], y))
    if over in WRAPPED:
        return replace(setup, **{over: getattr(Setup, over)})
    racers = tuple(
        replace(racer, hyper=tuple(pair for pair in racer.hyper if pair[0] != over))
        if concerns(setup, index, over)
        else racer
        for index, racer in enumerate(setup.racers)
    )
    return replace(setup, racers=racers)


@lru_cache(maxsize=64)
def make_bank(setup: Setup, over: str, positions: tuple[float, ...]) -> Bank:
    """Every racer's runs at every position of a slider; shared by all who look at the same setup."""
    runs = []
    for index, racer in enumerate(setup.racers):
        wrapped = wrapper_of(setup, racer)
        live = concerns(setup, index, over)
        name = WRAPPERS[racer.wrapper][0][over] if live and over in WRAPPED else over
        runs.append(
            sweep(
                setup.surface,
                racer.optimizer,
                setup.start,
                over=name if live else "x",
                values=positions if live else (setup.start[0],),
                steps=setup.steps,
                seed=setup.seed,
                knobs=dict(setup.knobs),
                schedule="constant",
                **wrapped,
                **dict(racer.hyper),
            )
        )
    bank = Bank(over=over, positions=np.array(positions, dtype=np.float64), runs=tuple(runs))
    if over in setup.found.knobs:
        grids = [on_grid(setup.surface, None, MOVING_GRID, **dict(setup.knobs) | {over: v})[2] for v in positions]
        bank = replace(bank, grids=np.stack(grids))
    return bank


def bank_arrays(bank: Bank) -> dict[str, NDArray[Any]]:
    """A bank as the browser holds it: 32-bit arrays named ``racer.quantity``, full detail for the first racer only."""
    arrays: dict[str, NDArray[Any]] = {"positions": bank.positions, "grids": bank.grids}
    for index, run in enumerate(bank.runs):
        norms = np.linalg.norm(run.gradients, axis=-1)
        quantities: dict[str, NDArray[Any]] = {"points": run.points, "values": run.values, "norms": norms}
        if index == 0:
            h = run.hessians
            quantities |= {
                "gradients": run.gradients,
                "hessians": np.stack([h[..., 0, 0], h[..., 0, 1], h[..., 1, 1]], axis=-1),
                "terms": np.stack([run.linear, run.quadratic, np.diff(run.values, axis=-1)], axis=-1),
            }
        with np.errstate(over="ignore"):
            arrays |= {f"{index}.{name}": a.astype(np.float32) for name, a in quantities.items()}
        arrays[f"{index}.diverged_at"] = run.diverged_at.astype(np.int32)
    return arrays


@lru_cache(maxsize=64)
def make_scene(surface: str, knobs: Pairs) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The drawn surface: its grid, and what is marked on it.

    ``critical`` are the critical points with their kinds, ``minima`` all points that a distance is measured to,
    ``lowest`` the value that a loss is measured from: that of the lowest minimum, else of the lowest point drawn.
    ``past_saddles`` is the loss below which a run has no saddle ahead any more, None where there is none.
    """
    x, y, z = on_grid(surface, None, GRID, **dict(knobs))
    drawn = find_surface(surface)
    heights = z[np.isfinite(z)]
    found = critical_points(surface, None, **dict(knobs)) if drawn.smooth else []
    # A plain that is level to the eye has critical points by the hundred, which would hide the picture.
    size = np.hypot(drawn.box[1] - drawn.box[0], drawn.box[3] - drawn.box[2])
    seen = [p for p in found if np.abs(p.eigenvalues).max() * size**2 > VISIBLE * np.ptp(heights)] or found
    known = minima(surface, None, **dict(knobs))
    depth = PAST * float(np.ptp(heights))
    # Where the Hessian is silent, a point that others lie below is no minimum.
    passes = [
        point.value - depth
        for point in seen
        if point.kind == "saddle" or (point.kind == "degenerate" and point.value - depth > heights.min())
    ]
    return {"x": x, "y": y, "z": z}, {
        "critical": [{"x": p.point[0], "y": p.point[1], "z": p.value, "kind": p.kind} for p in seen],
        "minima": known.tolist(),
        "past_saddles": min(passes, default=None),
        "lowest": min((value(surface, p, **dict(knobs)) for p in known), default=float(heights.min())),
    }


@lru_cache(maxsize=256)
def make_cut(surface: str, knobs: Pairs, start: tuple[float, float], end: tuple[float, float]) -> NDArray[np.float32]:
    """Heights (CUT,) along the segment from `start` to `end`, both included."""
    found = find_surface(surface)
    points = np.linspace(start, end, CUT)[None]
    heights = np.asarray(compiled(found, "values")(points, found.fill(dict(knobs))))[0]
    with np.errstate(over="ignore"):
        return np.asarray(heights, np.float32)


def describe(setup: Setup) -> list[Mapping[str, str]]:
    """Key and title of every racer, in order."""
    return [{"key": racer.key, "title": racer.title} for racer in setup.racers]
