"""Compiled programs are bounded, however many surfaces are looked at."""

import gc
from functools import lru_cache
from threading import Thread

import jax
import jax.numpy as jnp
import pytest

from landscapes import gradient, on_grid, parse, programs, value
from landscapes.programs import program
from tests.compilations import Compilations


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for six programs."""
    monkeypatch.setattr(programs, "_compiled", lru_cache(maxsize=6)(programs._compiled.__wrapped__))


def executables() -> int:
    """Compiled programs that are alive in this process."""
    return len(jax.devices()[0].client.live_executables())


@program("factor")
def scaled(factor: float, x: jax.Array) -> jax.Array:
    return factor * x


def test_surfaces_make_room_for_each_other(few: None) -> None:
    before = value("himmelblau", (1.0, 2.0))
    counts = []
    gc.disable()
    try:
        for k in range(24):
            surface = parse(f"x^2 + {k + 1}*y^2")
            assert value(surface, (1.0, 1.0)) == k + 2
            assert gradient(surface, (1.0, 1.0)).tolist() == [2.0, 2.0 * (k + 1)]
            on_grid(surface, n=11)
            counts.append(executables())
    finally:
        gc.enable()
    # Two surfaces with their three programs each; what made room is gone at once, not when garbage is collected.
    assert max(counts[2:]) == min(counts[2:])
    assert value("himmelblau", (1.0, 2.0)) == before


def test_what_was_used_last_stays(few: None, compilations: Compilations) -> None:
    x = jnp.ones(3)
    for factor in range(6):
        assert scaled(factor, x).tolist() == [factor] * 3
    with compilations() as found:
        scaled(0, x)
    assert found[0] == 0
    scaled(6, x)
    with compilations() as found:
        scaled(0, x)
    assert found[0] == 0
    with compilations() as found:
        scaled(1, x)
    assert found[0] == 1


def test_what_a_page_computes_ahead_is_not_counted(compilations: Compilations) -> None:
    with compilations() as found:
        ahead = Thread(target=scaled, args=(0.125, jnp.ones(3)), name="ahead_0")
        ahead.start()
        ahead.join()
    assert found[0] == 0


def test_the_same_text_is_the_same_program(compilations: Compilations) -> None:
    value(parse("x^2 + 7*y^2"), (1.0, 1.0))
    with compilations() as found:
        value(parse("x^2 + 7 * y^2"), (2.0, 1.0))
    assert found[0] == 0


def test_what_is_compiled_for_comes_first() -> None:
    with pytest.raises(TypeError, match="scale must begin with factor"):

        @program("factor")
        def scale(x: jax.Array, factor: float) -> jax.Array:
            return factor * x
