"""The adapter that turns optax's optimizers into ours."""

import sys
from collections.abc import Iterator

import numpy as np
import optax
import pytest

from landscapes.caption import Caption
from landscapes.knobs import Knob
from optim import OPTIMIZERS, basins, descend, from_optax
from optim.from_optax import factory_knobs
from tests.compilations import Compilations

CAPTION = Caption(title="Title", formula="x", notice="Notice.", source="Source.")


@pytest.fixture(autouse=True)
def _leave_the_registry_as_it_was() -> Iterator[None]:
    # The module itself: in the package its name is that of the decorator.
    registry = sys.modules["optim.optimizer"]._registry
    before = dict(registry)
    yield
    registry.clear()
    registry.update(before)


def test_one_call_makes_an_optimizer() -> None:
    made = from_optax(optax.sm3, CAPTION, learning_rate=0.3)
    assert OPTIMIZERS["sm3"] is made
    run = descend("himmelblau", "sm3", steps=100)
    assert run.diverged_at is None
    assert run.values[-1] < run.values[0]
    assert "def sm3(" in made.source


def test_knobs_are_read_from_the_signature() -> None:
    knobs = factory_knobs(optax.adamw, {"learning_rate": 0.2})
    assert list(knobs) == ["learning_rate", "b1", "b2", "eps", "weight_decay"]
    assert [knob.default for knob in knobs.values()] == [0.2, 0.9, 0.999, 1e-8, 1e-4]
    assert (knobs["b1"].low, knobs["b1"].high) == (0.0, 0.9999)
    assert knobs["eps"].log
    # A default of 0 is a feature that is off: no slider, unless asked for.
    assert "eps_root" not in knobs
    assert "eps_root" in factory_knobs(optax.adamw, {"learning_rate": 0.2, "eps_root": 1e-8})


def test_given_knobs_are_all_there_is() -> None:
    rate = Knob(0.01, 1.0, log=True)
    made = from_optax(optax.fromage, CAPTION, key="short", knobs={"learning_rate": rate}, learning_rate=0.1)
    assert OPTIMIZERS["short"] is made
    assert list(made.knobs) == ["learning_rate"]
    assert (made.knobs["learning_rate"].low, made.knobs["learning_rate"].default) == (0.01, 0.1)
    assert made.knobs["learning_rate"].name == "learning_rate"


def test_a_transformation_that_asks_for_the_value_gets_it() -> None:
    made = from_optax(optax.polyak_sgd, CAPTION, knobs={"max_learning_rate": Knob(0.1, 10.0)})
    # Polyak's step on a sphere with f* = 0 is f / ‖g‖² = ¼: it halves the distance.
    run = descend("sphere", made, (1.0, 2.0), steps=3)
    np.testing.assert_allclose(run.points, np.outer(0.5 ** np.arange(4), [1, 2]))


def test_a_line_search_of_optax_s_runs() -> None:
    def searching(scale: float = 1.0) -> optax.GradientTransformationExtraArgs:
        return optax.chain(optax.sgd(scale), optax.scale_by_backtracking_linesearch(max_backtracking_steps=20))

    made = from_optax(searching, CAPTION)
    run = descend("himmelblau", made, steps=30)
    assert (np.diff(run.values) <= 0).all()
    assert run.values[-1] < 1e-3


def test_hyperparameters_are_traced(compilations: Compilations) -> None:
    descend("himmelblau", "adan", steps=100, b1=0.9)
    with compilations() as found:
        slow, fast = (descend("himmelblau", "adan", steps=100, b1=b1).values[-1] for b1 in (0.99, 0.5))
    assert found[0] == 0
    assert slow != fast


def test_adapted_optimizers_have_basins() -> None:
    assert (basins("sphere", "adabelief", n=5, steps=300).labels == 0).all()


def test_mistakes_are_named() -> None:
    with pytest.raises(TypeError, match="learning_rate of fromage has no number"):
        from_optax(optax.fromage, CAPTION, knobs={"learning_rate": Knob(0.1, 1)})
    with pytest.raises(TypeError, match="takes no speed"):
        from_optax(optax.fromage, CAPTION, knobs={"speed": Knob(0.1, 1)})
    with pytest.raises(TypeError, match="min_norm of fromage, but no knob"):
        from_optax(optax.fromage, CAPTION, knobs={}, min_norm=1e-3)
    with pytest.raises(TypeError, match="out of the knob's range"):
        from_optax(optax.fromage, CAPTION, knobs={"learning_rate": Knob(0.1, 1)}, learning_rate=5.0)
    with pytest.raises(ValueError, match="adan exists already"):
        from_optax(optax.adan, CAPTION, knobs={"learning_rate": Knob(0.1, 1)}, learning_rate=0.5)
    with pytest.raises(TypeError, match=r"missing .* .learning_rate."):
        from_optax(optax.adan, CAPTION, key="rate_forgotten")
