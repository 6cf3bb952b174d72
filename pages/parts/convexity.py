"""What the lesson on convexity computes: three equivalent tests of a surface, and whether all starts reach one loss."""

import jax
import numpy as np

from landscapes import curvature_on_grid, find_surface, on_grid, values
from landscapes.shared import shared
from pages.parts.lesson import Marks
from pages.parts.minima import essence, reached
from pages.parts.narrator import outcome, settings_at
from pages.parts.words import number
from stage import Setup
from stage.scene import Bank, Pairs

OWN = "tilted_double_well"
PAIRS = 20_000
"""Pairs of points that chords and tangents are tried on."""
FINE = 101
COARSE = 31
ALIKE = 5e-3
"""Losses are the same, for the eye, within this share of the heights of the map."""
ROUNDING = 1e-9
"""A violation smaller than this share of the heights is rounding."""


def marks(setup: Setup, name: str) -> Marks:
    """Nothing on these sliders decides on convexity by itself."""
    return ()


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """Whether the surface is convex on the map, by its Hessian, and what became of the first run."""
    _, knobs = settings_at(setup, bank, position)
    run = bank.trajectory(0, position)
    ending = f"{setup.racers[0].title}: {outcome(run, None)}."
    if not setup.found.smooth:
        return f"This surface has folds, where there is no Hessian: the chord decides. {ending}"
    share, smallest = bent(setup.surface, knobs)
    if share == 0:
        return f"No eigenvalue of the Hessian is negative on this map: convex here. {ending}"
    return (
        f"On {number(100 * share, 2)} % of the map the Hessian has a negative eigenvalue, down to "
        f"{number(smallest, 3)}: not convex. {ending}"
    )


@shared(512)
def bent(surface: str, knobs: Pairs, n: int = COARSE) -> tuple[float, float]:
    """The share of the map where the Hessian has a negative eigenvalue, and the smallest eigenvalue there is."""
    eigenvalues = curvature_on_grid(surface, None, n, **dict(knobs))[2]
    known = eigenvalues[np.isfinite(eigenvalues).all(axis=-1)]
    if not len(known):
        return 0.0, 0.0
    scale = float(np.abs(known).max()) or 1.0
    return float((known[:, 0] < -ROUNDING * scale).mean()), float(known[:, 0].min())


@shared(64)
@shared(256)
def three_tests(surface: str, knobs: Pairs) -> list[dict[str, str]]:
    """Chord, tangent plane and Hessian, each tried all over the map: rows of a table."""
    found = find_surface(surface)
    filled = found.fill(dict(knobs))
    low, high = np.array(found.box[::2]), np.array(found.box[1::2])
    rng = np.random.default_rng(0)
    a, b = rng.uniform(low, high, (2, PAIRS, 2))
    alpha = rng.uniform(0, 1, (PAIRS, 1))

    def heights(points: np.ndarray) -> np.ndarray:
        return values(found, points[None], **filled)[0]

    at_a, at_b = heights(a), heights(b)
    slopes = np.asarray(jax.jit(jax.vmap(jax.grad(lambda p: found.f(p, **filled))))(a))
    noise = ROUNDING * float(np.ptp(at_a))
    above_chord = heights(alpha * a + (1 - alpha) * b) - (alpha[:, 0] * at_a + (1 - alpha[:, 0]) * at_b)
    above_plane = at_a + ((b - a) * slopes).sum(axis=1) - at_b
    rows = [
        _row("chord", f"{PAIRS} chords", "the surface rises above the chord", above_chord, noise),
        _row("tangent plane", f"{PAIRS} planes", "the plane rises above the surface", above_plane, noise),
    ]
    if found.smooth:
        share, smallest = bent(surface, knobs, FINE)
        rows.append(
            {
                "test": "Hessian",
                "tried at": f"{FINE * FINE} points",
                "fails when": "an eigenvalue is negative",
                "fails": f"{number(100 * share, 2)} %",
                "worst": f"λ = {number(smallest, 3)}" if share else "–",
                "verdict": "not convex" if share else "no violation",
            }
        )
    return rows


def _row(test: str, tried: str, when: str, excess: np.ndarray, noise: float) -> dict[str, str]:
    share = float((excess > noise).mean())
    return {
        "test": test,
        "tried at": tried,
        "fails when": when,
        "fails": f"{number(100 * share, 2)} %",
        "worst": number(float(excess.max()), 3) if share else "–",
        "verdict": "not convex" if share else "no violation",
    }


def same_loss(setup: Setup) -> str:
    """Where runs of the first optimizer from all over the map end: in one loss, or in several."""
    losses, _ = reached(essence(setup))
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return "Every run from this map diverged: try a smaller learning rate."
    heights = on_grid(setup.surface, None, FINE, **dict(setup.knobs))[2]
    drawn = float(np.ptp(heights[np.isfinite(heights)]))
    runs = f"{len(losses)} runs from all over this map, {setup.steps} steps each"
    if float(finite.min()) < float(heights.min()) - drawn:
        return f"{runs}: losses fall far below the map, and there is no lowest one to reach."
    low, high = (number(float(end)) for end in (finite.min(), finite.max()))
    ends = f"all end at {low}" if low == high else f"they end between {low} and {high}"
    if float(np.ptp(finite)) <= ALIKE * drawn:
        return f"{runs}: {ends}. Wherever they start they come to the same loss."
    return f"{runs}: {ends}. Where they start decides."
