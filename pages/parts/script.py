"""A Python script that repeats the paths of a setup without the app: in plain JAX, and optax where the rule is its."""

import inspect
import re
import textwrap
from functools import lru_cache
from importlib.metadata import version
from math import inf
from pprint import pformat
from typing import Any

import optax

from landscapes.surface import Surface
from optim import find_optimizer
from optim.blocks import draw, initial_state, record_block
from optim.engine import make_settings
from optim.optimizer import Count, Matrix, Optimizer, Scalar, Vector
from optim.schedules import constant
from pages.parts.paths import HEAD, Path, paths
from pages.parts.sources import Sources, surface_source
from stage import Setup
from stage.setup import wrapper_of

BEGINNINGS = {
    Vector: "jnp.zeros_like(x)",
    Matrix: "jnp.eye(x.shape[0], dtype=x.dtype)",
    Scalar: "jnp.zeros((), x.dtype)",
    Count: "jnp.zeros((), x.dtype)",
}
"""What each kind of a rule's state starts from."""

MAIN = '''\
def path(racer):
    """Points (T + 1, 2), losses (T + 1,) and gradients (T + 1, 2) of a racer's T steps."""
    x = jnp.asarray([racer.start], np.float64)
    settings = jax.tree.map(lambda number: np.full(1, number, np.float64), racer.settings)
    state = initial_state(racer, x, settings["hyper"])
    blocks = max(1, -(-racer.steps // BLOCK))
    times = np.arange(blocks * BLOCK, dtype=np.float64)
    factors = constant(times, STEPS)
    records = []
    for block in range(blocks):
        now = slice(block * BLOCK, (block + 1) * BLOCK)
        drawn = draw(SEED, block, EXAMPLES)
        x, state, record = record_block(Surface, racer, x, state, settings, times[now], factors[now], drawn)
        # A block ends on the point that the next one begins on.
        length = BLOCK + (block == blocks - 1)
        records.append({name: np.asarray(numbers[0])[:length] for name, numbers in record.items()})
    return [np.concatenate([r[name] for r in records])[: racer.steps + 1] for name in ("points", "values", "gradients")]


if __name__ == "__main__":
    print("{HEAD}")
    for racer in RACERS:
        for step, (point, value, gradient) in enumerate(zip(*path(racer))):
            print(racer.name, step, *(repr(float(v)) for v in (*point, value, *gradient)), sep=",")
'''


@lru_cache(maxsize=32)
def make_script(setup: Setup) -> str:
    """The script. What it prints is, digit by digit, the table of the same paths (`paths.table`).

    The surface, the rules, the oracles and the engine's steps are the app's own source, taken from its files. Each
    racer runs as many steps as its path has.
    """
    sources = Sources()
    for name in ("jax", "jax.numpy as jnp", "numpy as np"):
        sources.imports[name.split()[-1]] = ("", name)
    sources.imports["inf"] = ("math", "inf")
    surface = setup.found
    function = surface_source(sources, surface)
    for part in (draw, constant, initial_state, record_block):
        sources.add(part)
    examples = _examples(surface)
    racers = [_racer(sources, setup, path, number) for number, path in enumerate(paths(setup), 1)]
    numbers = ", ".join(f"Racer{number}" for number in range(1, len(racers) + 1))
    parts = [
        _docstring(setup, sources),
        f"from __future__ import annotations\n\n{sources.head()}\n\njax.config.update('jax_enable_x64', True)",
        sources.text(),
        f"class Surface:\n    f = staticmethod({function})\n    examples = {examples}",
        *racers,
        f"RACERS = ({numbers},)\nSTEPS = {setup.steps}\nSEED = {setup.seed}\n"
        f"EXAMPLES = {surface.examples.count if surface.examples else 1}",
        MAIN.replace("{HEAD}", ",".join(HEAD)),
    ]
    return "\n\n\n".join(parts)


def _docstring(setup: Setup, sources: Sources) -> str:
    needs = ["jax", "numpy"]
    needs += ["optax"] * ("optax" in sources.imports)
    needs += ["scikit-learn"] * ("sklearn" in sources.text())
    pinned = " ".join(f"{name}=={version(name)}" for name in needs)
    return (
        f'"""The paths of {len(setup.racers)} optimizer(s) on a surface, as the app of loss landscapes runs them.\n\n'
        f"Prints a line for every step, to the last digit. Needs {pinned}\n"
        f'On another processor, or with other versions, the last digits may differ.\n"""'
    )


def _examples(surface: Surface) -> str:
    """The name under which the surface's module has its examples; its function has brought them along."""
    if surface.examples is None:
        return "None"
    module = inspect.getmodule(surface.f)
    return next(name for name, value in vars(module).items() if value is surface.examples)


def _racer(sources: Sources, setup: Setup, path: Path, number: int) -> str:
    """A class with what the engine asks of an optimizer, and this run's numbers."""
    racer = path.racer
    optimizer = find_optimizer(racer.optimizer)
    wrapped: dict[str, Any] = {"clip_norm": None, "clip_value": None, "noise": 0.0, "cooling": 0.0, "batch_size": None}
    wrapped |= wrapper_of(setup, racer)
    settings = make_settings(setup.found, optimizer, dict(setup.knobs), dict(racer.hyper), **wrapped)
    literal = pformat(_floats(settings), sort_dicts=False, width=100)
    body = f"""
name = {path.name!r}
start = {tuple(map(float, setup.start_of(racer)))!r}
steps = {len(path.run.points) - 1}
settings = {literal}

@staticmethod
{_init(sources, optimizer)}

@staticmethod
{_step(sources, optimizer)}
"""
    return f"class Racer{number}:\n{textwrap.indent(body.strip(), '    ')}"


def _floats(numbers: dict[str, Any]) -> dict[str, Any]:
    """Plain floats, which are written with all their digits."""
    return {k: _floats(v) if isinstance(v, dict) else inf if v == inf else float(v) for k, v in numbers.items()}


def _init(sources: Sources, optimizer: Optimizer) -> str:
    inside = inspect.getclosurevars(optimizer.init).nonlocals
    if "kinds" in inside:
        state = ", ".join(BEGINNINGS[kind] for kind in inside["kinds"])
        return f"def init(x, hyper):\n    return ({state}{',' if state else ''})"
    return _unfolded(sources, optimizer.init, inside["factory"])


def _step(sources: Sources, optimizer: Optimizer) -> str:
    inside = inspect.getclosurevars(optimizer.step).nonlocals
    if "factory" in inside:
        return _unfolded(sources, optimizer.step, inside["factory"])
    return _unfolded(sources, optimizer.step, inside["rule"])


def _unfolded(sources: Sources, function: Any, inner: Any) -> str:
    """The source of a function made within another one, with the name of what it calls put in."""
    text = textwrap.dedent(inspect.getsource(function)).strip()
    known = getattr(optax, inner.__name__, None) is inner
    name = f"optax.{inner.__name__}" if known else sources.add(inner)
    if "optax." in text or name.startswith("optax."):
        sources.imports["optax"] = ("", "optax")
    return re.sub(r"\b(factory|rule)\(", f"{name}(", text)
