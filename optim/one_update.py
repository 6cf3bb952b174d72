"""One update of a run, opened up into the terms that the rule's own code computes on the way."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from operator import index
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.tree_util import keystr, tree_leaves_with_path
from numpy.typing import ArrayLike, NDArray

from landscapes.programs import program
from landscapes.surface import Surface
from optim.blocks import BLOCK, make_oracle, run_block, scheduled
from optim.engine import plan
from optim.optimizer import Optimizer, State
from optim.oracle import Oracle

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Term:
    """What one expression of the rule's code is worth in this update: `name` where it is assigned to one."""

    name: str
    code: str
    value: Floats


@dataclass(frozen=True)
class Update:
    """The step from `point` (2,) to `moved` (2,).

    `gradient` (2,) is the one that the rule is told there, and `descent` (2,) minus the learning rate times that, None
    where the rule has no learning rate. `memory` (2,) is the step that the rule would take if it were told a gradient
    of zero: what its state alone does.
    """

    point: Floats
    moved: Floats
    gradient: Floats
    descent: Floats | None
    memory: Floats
    terms: tuple[Term, ...]


class _Noting(ast.NodeTransformer):
    """Passes every expression of a rule that depends on more than hyperparameters through ``_note(number, value)``.

    `labels` collects for each number the expression's code, and the names that its value gets.
    """

    def __init__(self, moving: Collection[str]) -> None:
        self.moving = set(moving)
        self.labels: list[tuple[str, tuple[str, ...]]] = []

    def _noted(self, node: ast.expr, names: tuple[str, ...] = ()) -> ast.expr:
        code = ast.unparse(node)
        inner: Any = self.generic_visit(node)
        number = len(self.labels)
        self.labels.append((code, names))
        call = ast.Call(ast.Name("_note", ast.Load()), [ast.Constant(number), inner], [])
        return ast.copy_location(call, node)

    def _worth(self, node: ast.AST) -> bool:
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return bool(names & self.moving)

    def _expression(self, node: ast.expr) -> Any:
        return self._noted(node) if self._worth(node) else node

    visit_BinOp = visit_UnaryOp = visit_Call = _expression

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        (target,) = node.targets
        pairs = [(node.value, target)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(node.value.elts, target.elts, strict=True))
        made = [self._named(value, name) for value, name in pairs]
        node.value = ast.copy_location(ast.Tuple(made, ast.Load()), node) if len(made) > 1 else made[0]
        return node

    def _named(self, value: ast.expr, target: ast.expr) -> ast.expr:
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        names = tuple(part.id for part in parts if isinstance(part, ast.Name))
        return self._noted(value, names) if self._worth(value) else value

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        # What happens within a loop's body happens many times.
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node


@lru_cache(maxsize=128)
def _instrumented(rule: Callable[..., Any]) -> tuple[Callable[..., Any], tuple[tuple[str, tuple[str, ...]], ...]]:
    """A rule that also takes ``_note``, made from its own source; and the labels of what it notes."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(rule))).body
    assert isinstance(function, ast.FunctionDef)
    state = tuple(argument.arg for argument in function.args.args[1:])
    local = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    noting = _Noting({"oracle", *state, *local})
    body: list[ast.stmt] = []
    for statement in function.body:
        if isinstance(statement, ast.Return) and statement.value is not None:
            parts = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
            made = [
                noting._named(part, ast.Name(name)) if not isinstance(part, ast.Name) else part
                for part, name in zip(parts, state, strict=True)
            ]
            statement.value = made[0] if len(made) == 1 else ast.Tuple(made, ast.Load())
            body.append(statement)
        else:
            body.append(noting.visit(statement))
    function.body, function.decorator_list, function.returns = body, [], None
    for argument in (*function.args.args, *function.args.kwonlyargs):
        argument.annotation = None
    function.args.kwonlyargs.append(ast.arg("_note"))
    function.args.kw_defaults.append(None)
    names: dict[str, Any] = dict(rule.__globals__)
    exec(compile(ast.fix_missing_locations(ast.Module([function], [])), inspect.getfile(rule), "exec"), names)
    return names[function.name], tuple(noting.labels)


@program("surface", "optimizer")
def _open(
    surface: Surface,
    optimizer: Optimizer,
    x: Array,
    state: State,
    settings: Any,
    place: Array,
    times: Array,
    factors: Array,
    samples: Mapping[str, Array],
) -> dict[str, Any]:
    """The step at `place` of a block, from where a run begins it: points (1, 2), and states and settings of one run."""
    x, state, settings = jax.tree.map(lambda leaf: leaf[0], (x, state, settings))

    def told(k: Array) -> tuple[Oracle, dict[str, Any]]:
        t, factor, sample = jax.tree.map(lambda rows: rows[k], (times, factors, samples))
        return make_oracle(surface, settings, sample, t), scheduled(settings, factor)

    def advance(k: Array, carry: tuple[Array, State]) -> tuple[Array, State]:
        oracle, hyper = told(k)
        return optimizer.step(oracle, *carry, hyper)

    x, state = jax.lax.fori_loop(0, place, advance, (x, state))
    oracle, hyper = told(place)
    noted: dict[int, Any] = {}

    def note(number: int, value: Any) -> Any:
        # A rule may also look up a limit of its numbers, or a shape.
        if all(isinstance(leaf, Array) for leaf in jax.tree.leaves(value)):
            noted[number] = value
        return value

    moved, after = optimizer.step(oracle, x, state, hyper)
    if optimizer.rule is not None:
        _instrumented(optimizer.rule)[0](oracle, x, *state, **hyper, _note=note)
    gradient = oracle.gradient(x)
    memory = optimizer.step(replace(oracle, gradient=jnp.zeros_like), x, state, hyper)[0] - x
    return {
        "point": x,
        "before": state,
        "moved": moved,
        "after": after,
        "gradient": gradient,
        "descent": -hyper["learning_rate"] * gradient if "learning_rate" in hyper else None,
        "memory": memory,
        "noted": noted,
    }


def open_update(
    surface: str | Surface,
    optimizer: str | Optimizer,
    start: ArrayLike | None = None,
    *,
    step: int = 1,
    noise: float = 0.0,
    **rest: Any,
) -> Update:
    """The update that leads to point number `step`, from 1 on, of the run that `optim.descend` makes.

    The terms are the values of the expressions in the rule's source, in the order in which they are computed: all
    vectors, and those numbers that change from step to step. A rule that another library wrote shows the gradient and
    its state before and after instead. Errors are those of `optim.descend`; ``ValueError`` for a step that the run does
    not have.
    """
    run = plan(surface, optimizer, start, over="noise", values=[noise], **rest)
    if not 1 <= index(step) <= run.steps:
        raise ValueError(f"the first update is number 1 and the last {run.steps}: there is no number {step}")
    blocks = run.blocks()
    block, place = divmod(step - 1, BLOCK)
    x, state = run.begin()
    for told in islice(blocks, block):
        x, state, _ = run_block(run.surface, run.optimizer, x, state, run.settings, *told)
    opened = _open(run.surface, run.optimizer, x, state, run.settings, np.int32(place), *next(blocks))
    opened = jax.tree.map(np.asarray, opened)
    return Update(
        **{name: opened[name] for name in ("point", "moved", "gradient", "descent", "memory")},
        terms=_terms(run.optimizer, opened["noted"]) if run.optimizer.rule else _states(opened),
    )


def _terms(optimizer: Optimizer, noted: Mapping[int, Any]) -> tuple[Term, ...]:
    assert optimizer.rule is not None
    labels = _instrumented(optimizer.rule)[1]
    terms = []
    # A number is given to an outer expression after its parts: in order, they are as they were computed.
    for number in sorted(noted):
        code, names = labels[number]
        values = noted[number] if isinstance(noted[number], tuple) else (noted[number],)
        for place, value in enumerate(values):
            name = names[place] if place < len(names) else ""
            terms.append(Term(name, code, np.asarray(value, np.float64)))
    return tuple(terms)


def _states(opened: Mapping[str, Any]) -> tuple[Term, ...]:
    """The parts of a state of another library under their own names."""
    terms = [Term("g", "oracle.gradient(x)", opened["gradient"])]
    for when in ("before", "after"):
        for path, leaf in tree_leaves_with_path(opened[when]):
            name = keystr(path[-1:], simple=True)
            terms.append(Term(name, f"{name} {when} the step", np.asarray(leaf, np.float64)))
    return tuple(terms)
