"""What a stage shows, and the arrays it is made of: the surface's scene and the bank of a live slider."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2s
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscapes import critical_points, find_surface, minima, on_grid, value, values
from landscapes.knobs import Knob
from landscapes.shared import once, shared
from optim import Sweep, Trajectory, sweep
from stage.bank import Group
from stage.setup import (
    WRAPPED,
    WRAPPERS,
    Pairs,
    Racer,
    Setup,
    concerns,
    describe,
    run_arguments,
    stop_words,
    title_of,
    without,
    wrapper_of,
)

__all__ = [
    "WRAPPED",
    "WRAPPERS",
    "Bank",
    "Live",
    "Pairs",
    "Racer",
    "Setup",
    "bank_arrays",
    "concerns",
    "describe",
    "key_of",
    "make_bank",
    "make_cut",
    "make_scene",
    "run_arguments",
    "stop_words",
    "title_of",
    "without",
    "wrapper_of",
]

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


@dataclass(frozen=True)
class Live:
    """A slider that the stage answers without the server. `marks` are (value, label) along it."""

    knob: Knob
    value: float
    marks: tuple[tuple[float, str], ...] = ()
    moves_surface: bool = False
    moves_nothing: bool = False
    """The stage draws by itself what this slider changes: no run and no surface depends on it."""
    open: bool = False
    """The page decides its value, until a hand moves it: only then is it a setting."""

    @property
    def name(self) -> str:
        return self.knob.name

    def positions(self) -> NDArray[np.float64]:
        """All values of the slider in order; its default, its marks and its present value are among them exactly."""
        return _positions(self)

    def index(self) -> int:
        return int(np.argmin(np.abs(self.positions() - self.value)))


@lru_cache(maxsize=2048)
def _positions(live: Live) -> NDArray[np.float64]:
    if live.moves_nothing:
        made = np.unique([*live.knob.positions(CUT // 2 + 1).round(12), live.value])
    else:
        spaced = live.knob.positions((MOVING_POSITIONS if live.moves_surface else POSITIONS) - EXACT)
        wanted = (live.knob.default, *(mark for mark, _ in live.marks))
        # Four digits are finer than a thumb, and they are what the address has room for. A start that was dragged to
        # where its slider does not reach is still shown as it is.
        made = np.unique(
            [
                *(live.knob.clip(float(f"{v:.4g}")) for v in spaced),
                *(v for v in wanted if live.knob.contains(v)),
                live.value,
            ]
        )
    # Whoever asks gets the same array.
    made.setflags(write=False)
    return made


@dataclass(frozen=True, eq=False)
class Bank:
    """The answers to every position of one slider.

    `runs` has a sweep for each racer: as long as `positions` where the slider concerns that racer, of length 1 where
    it does not. `grids` (V, n, n) are the surfaces where the slider moves the surface, else empty.
    """

    over: str
    positions: NDArray[np.float64]
    runs: tuple[Sweep, ...]
    grids: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0, 0), np.float32))

    @once
    def group(self) -> Group:
        """The bank as the browser holds it."""
        return Group(bank_arrays(self))

    def trajectory(self, racer: int, position: int) -> Trajectory:
        """The run of a racer at one position of the slider."""
        return self.runs[racer].run(min(position, len(self.runs[racer].positions) - 1))


def key_of(*parts: Any) -> str:
    """A short name for what is made from `parts`, the same in every process."""
    return blake2s(repr(parts).encode(), digest_size=9).hexdigest()


@shared(mebibytes=192)
def make_bank(setup: Setup, over: str, positions: tuple[float, ...]) -> Bank:
    """Every racer's runs at every position of a slider; shared by all who look at the same setup."""
    runs = []
    for index, racer in enumerate(setup.racers):
        live = concerns(setup, index, over)
        name = WRAPPERS[racer.wrapper][0][over] if live and over in WRAPPED else over
        runs.append(
            sweep(
                setup.surface,
                racer.optimizer,
                over=name if live else "x",
                values=positions if live else (setup.start_of(racer)[0],),
                **run_arguments(setup, racer),
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
        if (run.stopped_at >= 0).any():
            arrays[f"{index}.stopped"] = np.stack([run.stopped_at, run.stopped_by], axis=-1).astype(np.int32)
    return arrays


@shared(mebibytes=64)
def make_scene(surface: str, knobs: Pairs) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The drawn surface: its grid, and what is marked on it.

    ``critical`` are the critical points with their kinds, ``minima`` all points that a distance is measured to,
    ``lowest`` the value that a loss is measured from: that of the lowest minimum, else of the lowest point drawn.
    ``past_saddles`` is the loss below which a run has no saddle ahead any more, None where there is none.
    """
    x, y, z = on_grid(surface, None, GRID, **dict(knobs))
    drawn = find_surface(surface)
    # A knob of a typed function may lift all of it out of what 32 bits hold: then nothing is drawn, and nothing breaks.
    heights = z[np.isfinite(z)] if np.isfinite(z).any() else np.zeros(1)
    found = critical_points(surface, None, **dict(knobs)) if drawn.smooth else []
    range_drawn = float(np.ptp(heights))
    # A plain that is level to the eye has critical points by the hundred, which would hide the picture.
    size = np.hypot(drawn.box[1] - drawn.box[0], drawn.box[3] - drawn.box[2])
    seen = [p for p in found if np.abs(p.eigenvalues).max() * size**2 > VISIBLE * range_drawn] or found
    known = minima(surface, None, **dict(knobs))
    depth = PAST * range_drawn
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


@shared(64)
def scene_group(surface: str, knobs: Pairs) -> Group:
    """The drawn surface as the browser holds it."""
    return Group(make_scene(surface, knobs)[0])


@shared(256)
def make_cut(surface: str, knobs: Pairs, start: tuple[float, float], end: tuple[float, float]) -> NDArray[np.float32]:
    """Heights (CUT,) along the segment from `start` to `end`, both included."""
    points = np.linspace(start, end, CUT)[None]
    heights = values(surface, points, **dict(knobs))[0]
    with np.errstate(over="ignore"):
        return np.asarray(heights, np.float32)
