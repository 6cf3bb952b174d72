"""What decides the paths on a stage: the racers, each with its numbers, and what they share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from landscapes import find_surface
from landscapes.surface import Surface
from optim import STOPS, find_optimizer
from stage.words import number

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

    `wrapper` is a key of `WRAPPERS`, or empty for the exact gradient. `start` is a start of its own, None where it has
    that of all. With `own_rate` no slider of the first racer moves its learning rate.
    """

    optimizer: str
    hyper: Pairs = ()
    wrapper: str = ""
    start: tuple[float, float] | None = None
    own_rate: bool = False

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
    """The learning-rate slider moves every racer that has no rate of its own, not only the first."""
    stop: Pairs = ()
    """Tolerances that end a run early, under names of `optim.STOPS`."""

    @property
    def found(self) -> Surface:
        return find_surface(self.surface)

    @property
    def titles(self) -> tuple[str, ...]:
        """The racers' titles: equal optimizers are told apart by the numbers and starts in which they differ."""
        return tuple(
            ", ".join([racer.title, *(tag.text for tag in tags(self, index))])
            for index, racer in enumerate(self.racers)
        )

    def start_of(self, racer: Racer) -> tuple[float, float]:
        return racer.start or self.start


@dataclass(frozen=True)
class Tag:
    """What tells a racer from others of its kind: a number with a name and a label, or a text."""

    text: str
    name: str = ""
    label: str = ""

    def moving(self) -> dict[str, str]:
        return {"name": self.name, "label": self.label}


def tags(setup: Setup, index: int) -> list[Tag]:
    """What tells a racer from the others with its optimizer and wrapper; empty where there are none."""
    mine = setup.racers[index]
    twins = [racer for racer in setup.racers if racer.key == mine.key]
    if len(twins) < 2:
        return []
    rule = find_optimizer(mine.optimizer)
    symbols = [knob.symbol for knob in rule.knobs.values()]
    filled = [rule.fill(dict(racer.hyper)) for racer in twins]
    found = []
    for name, knob in rule.knobs.items():
        if len({numbers[name] for numbers in filled}) > 1:
            label = knob.symbol if symbols.count(knob.symbol) == 1 else name.replace("_", " ")
            found.append(Tag(f"{label} {number(rule.fill(dict(mine.hyper))[name])}", name, label))
    if len({setup.start_of(racer) for racer in twins}) > 1:
        x, y = setup.start_of(mine)
        found.append(Tag(f"from ({number(x)}, {number(y)})"))
    return found or [Tag(f"no. {sum(racer.key == mine.key for racer in setup.racers[: index + 1])}")]


def describe(setup: Setup) -> list[dict[str, Any]]:
    """Key and title of every racer, in order; keys are different even where optimizers are not.

    Where a title has numbers that move with a slider, ``parts`` has what it is made from: the optimizer's title, and
    for each number its text, or the name of the slider with the label that goes before its value.
    """
    racers: list[dict[str, Any]] = []
    for index, (racer, title) in enumerate(zip(setup.racers, setup.titles, strict=True)):
        place = sum(other.key == racer.key for other in setup.racers[: index + 1])
        about: dict[str, Any] = {"key": racer.key if place == 1 else f"{racer.key}~{place}", "title": title}
        found = tags(setup, index)
        moving = [concerns(setup, index, tag.name) for tag in found]
        if any(moving):
            parts = [tag.moving() if moves else tag.text for tag, moves in zip(found, moving, strict=True)]
            about["parts"] = [racer.title, *parts]
        racers.append(about)
    return racers


def stop_words(setup: Setup) -> list[str]:
    """What became of a run that stopped, for each of `optim.STOPS` in order."""
    tolerance = {name: number(value) for name, value in setup.stop}
    words = {
        "gradient": "gradient below {}",
        "loss": "change of the loss below {}",
        "step": "step shorter than {}",
        "evaluations": "{} evaluations spent",
    }
    return [words[name].format(tolerance.get(name, "")) for name in STOPS]


def concerns(setup: Setup, racer: int, over: str) -> bool:
    """True where the slider named `over` changes the path of that racer."""
    if over in setup.found.knobs:
        return True
    if over in ("x", "y"):
        return setup.racers[racer].start is None
    if over in WRAPPED:
        wrapper = setup.racers[racer].wrapper
        if over == "batch_size" and not setup.found.examples:
            return False
        return bool(wrapper) and over in WRAPPERS[wrapper][0]
    own = over in find_optimizer(setup.racers[racer].optimizer).knobs
    follows = setup.same_rate and over == "learning_rate" and not setup.racers[racer].own_rate
    return own and (racer == 0 or follows)


def wrapper_of(setup: Setup, racer: Racer) -> dict[str, float]:
    """The engine's arguments for what is done to a racer's gradients."""
    # Without examples there is nothing to draw from, and the gradient is exact.
    if not racer.wrapper or (racer.wrapper == "batch" and not setup.found.examples):
        return {}
    return {name: getattr(setup, number) for number, name in WRAPPERS[racer.wrapper][0].items()}


def run_arguments(setup: Setup, racer: Racer) -> dict[str, Any]:
    """A racer's run as the engine takes it: the arguments of `optim.descend` after surface and optimizer."""
    return {
        "start": setup.start_of(racer),
        "steps": setup.steps,
        "seed": setup.seed,
        "knobs": dict(setup.knobs),
        "stop": dict(setup.stop),
        **wrapper_of(setup, racer),
        **dict(racer.hyper),
    }


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
