"""What a run leaves behind: its points and what is known at each of them, one run or a whole slider's worth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STOPS = ("gradient", "loss", "step", "evaluations")
"""Why a run may stop: the gradient's norm, the change of the loss or the length of the step is below a tolerance, or a
budget of gradient evaluations is spent."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Record:
    """What is known at every point of a path; leading axes are the runs of a sweep, the last is x and y."""

    points: Floats
    values: Floats
    gradients: Floats
    hessians: Floats

    @property
    def moves(self) -> Floats:
        """The steps s between successive points, one fewer than the points."""
        return np.asarray(np.diff(self.points, axis=-2))

    @property
    def curvatures(self) -> Floats:
        """gᵀHg at every point."""
        return _bend(self.gradients, self.hessians)

    @property
    def linear(self) -> Floats:
        """First Taylor term of every step: gᵀs."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray((self.gradients[..., :-1, :] * self.moves).sum(axis=-1))

    @property
    def quadratic(self) -> Floats:
        """Second Taylor term of every step: ½sᵀHs."""
        return _bend(self.moves, self.hessians[..., :-1, :, :]) / 2


@dataclass(frozen=True)
class Trajectory(_Record):
    """One run, cut before the first point that is not finite or too far.

    `points` (T+1, 2), `values` (T+1,), `gradients` (T+1, 2), `hessians` (T+1, 2, 2). `diverged_at` is the first step
    that was cut, or None. `stopped_at` is the last step of a run that stopped early, `stopped_by` which of `STOPS` it
    was.
    """

    diverged_at: int | None
    stopped_at: int | None = None
    stopped_by: str = ""


@dataclass(frozen=True)
class Sweep(_Record):
    """V runs that differ in one number: the arrays of `Trajectory` with V in front, NaN where a run was cut.

    `over` names the number, `positions` (V,) are its values, `diverged_at` (V,) is −1 where a run did not diverge,
    `stopped_at` (V,) where it did not stop early; `stopped_by` (V,) is the place of the reason in `STOPS`, or −1.
    """

    over: str
    positions: Floats
    diverged_at: NDArray[np.int64]
    stopped_at: NDArray[np.int64]
    stopped_by: NDArray[np.int64]

    @property
    def final_values(self) -> Floats:
        """The losses (V,) that the runs end with, inf where a run diverged."""
        last = np.where(self.stopped_at < 0, self.points.shape[1] - 1, self.stopped_at)
        return np.where(self.diverged_at < 0, self.values[np.arange(len(last)), last], np.inf)

    def run(self, index: int) -> Trajectory:
        """The run at one position, without what was cut."""
        cut, stopped = int(self.diverged_at[index]), int(self.stopped_at[index])
        end = stopped + 1 if stopped >= 0 else cut if cut >= 0 else self.points.shape[1]
        return Trajectory(
            points=self.points[index, :end],
            values=self.values[index, :end],
            gradients=self.gradients[index, :end],
            hessians=self.hessians[index, :end],
            diverged_at=None if cut < 0 else cut,
            stopped_at=None if stopped < 0 else stopped,
            stopped_by="" if stopped < 0 else STOPS[self.stopped_by[index]],
        )


def _bend(directions: Floats, hessians: Floats) -> Floats:
    """dᵀHd for every direction d."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.einsum("...i,...ij,...j->...", directions, hessians, directions))


def blanked(runs: Mapping[str, Floats], gone: NDArray[np.bool_]) -> dict[str, Floats]:
    """Arrays (V, T+1, ...) with NaN where `gone` (V, T+1) is true."""
    return {name: np.where(gone.reshape(gone.shape + (1,) * (a.ndim - 2)), np.nan, a) for name, a in runs.items()}


def stop_early(runs: Sweep, tolerances: Mapping[str, float], spent: Floats | None = None) -> Sweep:
    """The runs up to the first step at which one of `STOPS` holds, here with its tolerance.

    `spent` (V, T+1), wanted for a budget of evaluations, is what every step up to a point has cost: a run ends before
    the step that would go beyond the budget. A run that would have diverged later has not.
    ``ValueError`` names a reason that is none of `STOPS`, or a tolerance that is not a positive number.
    """
    for name, tolerance in tolerances.items():
        if name not in STOPS or not tolerance > 0:
            raise ValueError(f"a run stops by a positive {', '.join(STOPS)}, not by {name} = {tolerance}")
    shape = runs.values.shape
    holds = np.zeros((len(STOPS), *shape), dtype=np.bool_)
    # Comparisons with what was cut are False.
    with np.errstate(invalid="ignore", over="ignore"):
        known = {
            "gradient": np.hypot(runs.gradients[..., 0], runs.gradients[..., 1]),
            "loss": np.abs(np.diff(runs.values, axis=1, prepend=np.nan)),
            "step": np.pad(np.hypot(runs.moves[..., 0], runs.moves[..., 1]), ((0, 0), (1, 0)), constant_values=np.nan),
        }
    for name in tolerances.keys() & known.keys():
        holds[STOPS.index(name)] = known[name] < tolerances[name]
    if spent is not None and "evaluations" in tolerances:
        holds[-1, :, :-1] = (spent[:, 1:] > tolerances["evaluations"]) & np.isfinite(runs.values[:, :-1])
    early: NDArray[np.bool_] = np.logical_or.reduce(holds)
    stops = np.logical_or.reduce(early, axis=1)
    stopped_at = np.where(stops, early.argmax(axis=1), -1)
    reasons = holds[:, np.arange(shape[0]), stopped_at].argmax(axis=0)
    gone = stops[:, None] & (np.arange(shape[1]) > stopped_at[:, None])
    record = {name: getattr(runs, name) for name in ("points", "values", "gradients", "hessians")}
    return Sweep(
        over=runs.over,
        positions=runs.positions,
        diverged_at=np.where(stops, -1, runs.diverged_at),
        stopped_at=stopped_at,
        stopped_by=np.where(stops, reasons, -1),
        **blanked(record, gone),
    )
