"""Compiled code of typed surfaces is bounded, however many are typed."""

import jax
import pytest

from landscapes import calculus, gradient, on_grid, parse, value


def executables() -> int:
    """Compiled programs that are alive in this process."""
    return len(jax.devices()[0].client.live_executables())


def test_typed_surfaces_make_room_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculus, "TYPED", 4)
    calculus._typed.clear()
    before = value("himmelblau", (1.0, 2.0))
    counts = []
    for k in range(24):
        surface = parse(f"x^2 + {k + 1}*y^2")
        assert value(surface, (1.0, 1.0)) == k + 2
        assert gradient(surface, (1.0, 1.0)).tolist() == [2.0, 2.0 * (k + 1)]
        on_grid(surface, n=11)
        counts.append(executables())
        assert len(calculus._typed) <= 4
    # Four surfaces and their three programs each, round after round: the last rounds need no more than the first ones.
    assert max(counts[12:]) <= max(counts[4:12])
    assert max(counts) - min(counts) >= 6
    assert value("himmelblau", (1.0, 2.0)) == before


def test_the_same_typed_surface_counts_once() -> None:
    calculus._typed.clear()
    for _ in range(3):
        value(parse("x^2 + 7*y^2"), (1.0, 1.0))
        gradient(parse("x^2 + 7*y^2"), (1.0, 1.0))
    assert len(calculus._typed) <= 1
