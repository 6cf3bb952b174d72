"""Racers as an address has them: ``gd momentum(0.02,momentum=0.5)@-1,2 adam:norm``, separated by spaces or commas.

In parentheses are a racer's own numbers, the first one without a name where it belongs to the first knob, which is the
learning rate of every rule that has one; behind @ is a start of its own. What is left open is decided by the page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from landscapes.knobs import Knob
from landscapes.surface import Box
from optim import find_optimizer
from pages.parts.settings import Settings, quoted, short
from stage.setup import Pairs, Racer, title_of

MOST = 8
"""Racers at once."""
COMPLAINTS = 3
"""Unknown racers that are named, at most."""
_PIECE = re.compile(r"([^\s,()@]+)(\([^()]*\)|\([^()\s]*)?(?:@([^\s,()@]*(?:,[-+−.\d][^\s,()@]*)?))?|[^\s,]")


@dataclass(frozen=True)
class Entry:
    """One racer: its key, as in `Racer.key`, the numbers that it has of its own, and its own start or None."""

    key: str
    numbers: Pairs = ()
    start: tuple[float, float] | None = None

    @property
    def optimizer(self) -> str:
        return self.key.partition(":")[0]

    @property
    def racer(self) -> Racer:
        """The racer with no other numbers than its own."""
        optimizer, _, wrapper = self.key.partition(":")
        return Racer(optimizer, self.numbers, wrapper, self.start)

    def written(self) -> str:
        """As an address has it; `read_entries` gives it back."""
        names = list(find_optimizer(self.optimizer).knobs)
        said = [
            short(value) if place == 0 and name == names[0] else f"{name}={short(value)}"
            for place, (name, value) in enumerate(self.numbers)
        ]
        numbers = f"({','.join(said)})" if said else ""
        start = f"@{short(self.start[0])},{short(self.start[1])}" if self.start else ""
        return f"{self.key}{numbers}{start}"

    def having(self, name: str, value: float | None) -> "Entry":
        """The same with another number of its own, or without one of that name; in the order of the rule's knobs."""
        kept = {**dict(self.numbers), name: value}
        knobs = find_optimizer(self.optimizer).knobs
        return replace(self, numbers=tuple((k, v) for k in knobs if (v := kept.get(k)) is not None))


def read_entries(settings: Settings, keys: Sequence[str], box: Box, default: Sequence[str]) -> tuple[Entry, ...]:
    """The racers under ``optimizers``: those whose keys are among `keys`, at most `MOST`.

    A number or start that cannot be read is left out or moved into its range, with a message.
    """
    text = settings.text("optimizers")
    if text is None:
        return tuple(Entry(key) for key in default)
    pieces = list(_PIECE.finditer(text))
    known = [piece for piece in pieces if piece[1] in keys]
    unknown = dict.fromkeys(piece[1] or piece[0] for piece in pieces if piece[1] not in keys)
    for name in list(unknown)[:COMPLAINTS]:
        settings.messages.append(f"There is no optimizer called {quoted(name)}.")
    if len(known) > MOST:
        settings.messages.append(f"At most {MOST} optimizers at once: the first {MOST} are shown.")
    entries = tuple(_entry(settings, piece[0], piece[2], piece[3], box) for piece in known[:MOST])
    return entries or tuple(Entry(key) for key in default)


def _entry(settings: Settings, piece: str, numbers: str | None, start: str | None, box: Box) -> Entry:
    entry = Entry(re.split(r"[(@]", piece, maxsplit=1)[0])
    title, knobs = title_of(entry.key), find_optimizer(entry.optimizer).knobs
    if numbers and not numbers.endswith(")"):
        settings.messages.append(f"{title}: the bracket in {quoted(piece)} is not closed.")
    for place, part in enumerate((numbers or "()")[1:].removesuffix(")").split(",")):
        name, equals, value = (word.strip() for word in part.rpartition("="))
        if not (name or value):
            continue
        if not equals and place == 0 and knobs:
            name = next(iter(knobs))
        if name not in knobs:
            settings.messages.append(f"{title} has no number {quoted(name or value)}.")
            continue
        number = settings.value(knobs[name], value, None)
        if number is not None:
            entry = entry.having(name, number)
    if start is None:
        return entry
    parts = start.split(",")
    if len(parts) != 2:
        settings.messages.append(f"{title}: {quoted('@' + start)} is no start, which is two numbers.")
        return entry
    x, y = (
        settings.value(Knob(*side, name=name), part, None)
        for side, name, part in ((box[:2], "x", parts[0]), (box[2:], "y", parts[1]))
    )
    return entry if x is None or y is None else replace(entry, start=(x, y))
