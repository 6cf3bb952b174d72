"""Changes to who is raced, as settings of an address: nobody else's run changes by them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from optim import find_optimizer
from pages.parts.entries import Entry
from pages.parts.lesson import RATE, Reading
from pages.parts.settings import short

Changes = dict[str, str | None]


def written(entries: Sequence[Entry]) -> str | None:
    """The racers as an address has them; None for nobody, which is what a page opens on."""
    return " ".join(entry.written() for entry in entries) or None


def arranged(reading: Reading, picked: Sequence[int | Entry]) -> Changes:
    """Racers in a new order, without some or with new ones: places of those that are there, and entries of new ones.

    The sliders belong to the first. Who takes that place brings along its numbers and start, and all that the others
    shared with the one before is written out where it would change.
    """
    if picked and picked[0] == 0:
        return {"optimizers": written([reading.entries[one] if isinstance(one, int) else one for one in picked])}
    changes: Changes = dict.fromkeys(name for name, _ in reading.setup.racers[0].hyper)
    if not picked or isinstance(picked[0], Entry):
        return {
            **changes,
            "optimizers": written([_settled(reading, one, None) if isinstance(one, int) else one for one in picked]),
        }
    head = picked[0]
    entries = [_settled(reading, one, head) if isinstance(one, int) else one for one in picked]
    if entries[0].start:
        changes |= {"x": None, "y": None}
        entries[1:] = [replace(entry, start=entry.start or reading.setup.start) for entry in entries[1:]]
    return {**changes, "optimizers": written(entries)}


def _settled(reading: Reading, place: int, head: int | None) -> Entry:
    """The racer at a place with what it needs of its own once the one at `head` is first; None for a new one."""
    entry, hyper = reading.entries[place], dict(reading.setup.racers[place].hyper)
    lead = dict(reading.setup.racers[head].hyper).get(RATE) if head is not None else None
    if place == 0 and reading.rates != "defaults":
        knobs = find_optimizer(entry.optimizer).knobs
        entry = replace(entry, numbers=tuple((name, v) for name, v in hyper.items() if v != knobs[name].default))
    if reading.rates != "same" or RATE not in hyper:
        return entry
    if place == head or hyper[RATE] != lead:
        return entry.having(RATE, hyper[RATE])
    return entry.having(RATE, None) if place == 0 else entry


def judged(reading: Reading, rates: str) -> Changes:
    """Another choice of where the rates come from; what a hand has set on the sliders is kept for the way back."""
    said = None if rates == "same" else rates
    if reading.rates != "same" or rates == "same":
        return {"rates": said}
    usual = {live.name: live.knob.default for live in reading.lives}
    mine = tuple((name, value) for name, value in reading.setup.racers[0].hyper if value != usual[name])
    entries = [replace(reading.entries[0], numbers=mine), *reading.entries[1:]]
    return {**dict.fromkeys(dict(mine)), "rates": said, "optimizers": written(entries)}


def fresh(entries: Sequence[Entry], default: Sequence[str]) -> str | None:
    """The racers for another surface, whose box and scale are others: without starts and rates of their own."""
    kept = [replace(entry, start=None).having(RATE, None) for entry in entries]
    text = written(kept)
    return None if text == " ".join(default) else text


def renumbered(reading: Reading, place: int, name: str, value: float | None) -> Changes:
    """One number of a racer; None gives it back to the page."""
    if place == 0:
        return {name: None if value is None else short(value)}
    entries = list(reading.entries)
    entries[place] = entries[place].having(name, value)
    return {"optimizers": written(entries)}


def restarted(reading: Reading, place: int, axis: int, value: float | None) -> Changes:
    """One coordinate of a racer's own start, the other being that of all until it is given; None gives back both."""
    entries = list(reading.entries)
    start = [*(entries[place].start or reading.setup.start)]
    if value is not None:
        start[axis] = value
    entries[place] = replace(entries[place], start=None if value is None else (start[0], start[1]))
    return {"optimizers": written(entries)}


def replaced(reading: Reading, place: int, entry: Entry) -> Changes:
    """Another racer at a place: the first one's sliders are the new one's then."""
    entries = [*reading.entries[:place], entry, *reading.entries[place + 1 :]]
    known: Mapping[str, float] = dict(reading.setup.racers[0].hyper) if place == 0 else {}
    changes: Changes = dict.fromkeys(known)
    if RATE in known and RATE in find_optimizer(entry.optimizer).knobs:
        del changes[RATE]
    return {**changes, "optimizers": written(entries)}


def once_more(reading: Reading, place: int) -> Entry:
    """The racer at a place a second time, at half of its rate; one without a rate, from the other side of the box."""
    entry, hyper = reading.entries[place], dict(reading.setup.racers[place].hyper)
    if place == 0:
        entry = _settled(reading, 0, None)
    if RATE in hyper:
        knob = find_optimizer(entry.optimizer).knobs[RATE]
        return entry.having(RATE, knob.clip(float(f"{hyper[RATE] / 2:.4g}")))
    x_low, x_high, y_low, y_high = reading.setup.found.box
    x, y = reading.setup.start_of(reading.setup.racers[place])
    return replace(entry, start=(x_low + x_high - x, y_low + y_high - y))
