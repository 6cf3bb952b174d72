"""The script that a visitor takes along prints the app's own digits, without the app."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from landscapes import SURFACES, find_surface
from optim import OPTIMIZERS, descend
from optim.blocks import draw, record_block
from pages.parts.paths import HEAD, paths, table
from pages.parts.script import make_script
from pages.parts.sources import Sources, surface_source
from stage import Setup
from stage.setup import Racer, run_arguments

EVERY_FUNCTION = (
    "=x^2+2*y^2+a*sin(3*x)*cos(2*y)+sqrt(x^2+y^2)+min(x,y,3)+max(x,y)+sigmoid(x)+abs(x)^2.5"
    "+2^x/e+ln(x^2+1)+log(y^2+pi)+tanh(x)*atan(y)-exp(-x^2)+(x-y)^-2"
)
SETUPS = {
    # Every rule there is, over more than one block of steps.
    "every_rule": Setup("himmelblau", tuple(Racer(key) for key in OPTIMIZERS), (-1.2, 1.0), 130),
    "own_numbers": Setup(
        "rosenbrock",
        (
            Racer("adam", (("learning_rate", 0.3), ("beta1", 0.5))),
            Racer("adam", (("learning_rate", 0.03),), start=(-3.0, 4.0)),
            Racer("radam", (("learning_rate", 0.07),), own_rate=True),
        ),
        (0.25, -0.7),
        60,
        (("b", 90.0),),
    ),
    "wrapped": Setup(
        "iris_logistic",
        (
            Racer("gd", (), "batch"),
            Racer("adam", (), "noise"),
            Racer("momentum", (), "norm"),
            Racer("lamb", (), "value"),
        ),
        (-1.2, 1.0),
        120,
        threshold=0.3,
        cooling=0.01,
        seed=7,
    ),
    "data": Setup("one_neuron", (Racer("newton"), Racer("bfgs")), (-3.0, -1.0), 40, (("ridge", 0.03), ("u1", 1.5))),
    "typed": Setup(EVERY_FUNCTION, (Racer("gd"), Racer("adam"), Racer("newton")), (-1.2, 1.0), 110, (("a", 0.7),)),
    "undefined": Setup("=x*log(x)+y^2", (Racer("gd", (("learning_rate", 2.0),)), Racer("gd")), (1.5, 1.0), 30),
    "stopped": Setup("booth", (Racer("gd"), Racer("rprop")), (-8.0, -6.0), 200, stop=(("gradient", 0.5),)),
}
RUNNER = """
import runpy, sys
for path in sys.argv[1:]:
    print("##", path)
    runpy.run_path(path, run_name="__main__")
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every script prints, all of them in one process that knows nothing of the app."""
    folder = tmp_path_factory.mktemp("scripts")
    files = {name: folder / f"{name}.py" for name in SETUPS}
    for name, file in files.items():
        file.write_text(make_script(SETUPS[name]), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER, *map(str, files.values())],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    parts = done.stdout.split("## ")[1:]
    return {Path(path).stem: text for path, _, text in (part.partition("\n") for part in parts)}


@pytest.mark.parametrize("name", SETUPS)
def test_the_script_prints_the_same_digits(printed: dict[str, str], name: str) -> None:
    assert printed[name].splitlines() == table(SETUPS[name]).splitlines()


@pytest.mark.parametrize("name", SETUPS)
def test_the_table_has_the_digits_of_descend(name: str) -> None:
    setup = SETUPS[name]
    lines = [",".join(HEAD)]
    for path in paths(setup):
        run = descend(setup.surface, path.racer.optimizer, **run_arguments(setup, path.racer))
        lines += [
            ",".join(
                [path.name, str(step), *(repr(float(v)) for v in (*point, run.values[step], *run.gradients[step]))]
            )
            for step, point in enumerate(run.points)
        ]
    assert table(setup).splitlines() == lines


def test_the_setups_are_worth_comparing() -> None:
    runs = {name: paths(setup) for name, setup in SETUPS.items()}
    assert {path.racer.optimizer for path in runs["every_rule"]} == set(OPTIMIZERS)
    assert max(len(path.run.points) for path in runs["every_rule"]) == 131
    assert runs["undefined"][0].run.diverged_at is not None
    assert runs["stopped"][0].run.stopped_at is not None
    assert len({path.name for path in runs["own_numbers"]}) == 3


@pytest.mark.parametrize("surface", [*SURFACES, EVERY_FUNCTION])
def test_every_surface_can_be_taken_with_every_rule(surface: str) -> None:
    sources = Sources()
    name = surface_source(sources, find_surface(surface))
    for part in (draw, record_block, *(rule for rule in rules() if rule)):
        sources.add(part)
    tree = ast.parse(f"{sources.head()}\n{sources.text()}")
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name in defined
    drawn = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [module for module in drawn if module and module.split(".")[0] in ("landscapes", "optim", "pages")]


def rules() -> list[object]:
    """The functions behind the rules that are written out here."""
    import inspect

    return [inspect.getclosurevars(one.step).nonlocals.get("rule") for one in OPTIMIZERS.values()]


def test_two_things_of_one_name_are_refused() -> None:
    sources = Sources()
    sources.put("f", "f = 1")
    sources.put("f", "f = 1")
    with pytest.raises(ValueError, match="two different things"):
        sources.put("f", "f = 2")


def test_what_was_typed_is_no_code_in_the_script() -> None:
    # The key is written out by the grammar: it can hold no line of its own.
    script = make_script(Setup("=x^2+y^2", (Racer("gd"),), (1.0, 1.0), 10))
    tree = ast.parse(script)
    typed = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "typed")
    assert ast.unparse(typed.body[-1]) == "return jnp.asarray(x ** 2 + y ** 2, p.dtype)"
