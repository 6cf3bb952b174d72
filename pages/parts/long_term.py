"""The powers of a matrix on the page about long-term dependencies: their settings in the address, and their figure."""

from typing import Any

import streamlit as st

from landscapes.knobs import Knob
from pages.parts.course import Sheet
from pages.parts.live import asked
from pages.parts.settings import Settings, is_new, short, write
from stage.component import request_of
from stage.powers import RANGE, Powers, powers_figure, powers_message

MOST = 200
"""Steps at most."""
RE = Knob(-RANGE, RANGE, name="re", default=0.85)
IM = Knob(-RANGE, RANGE, name="im", default=0.25)
OTHER = Knob(-RANGE, RANGE, name="other", default=0.6)
ANGLE = Knob(1, 90, log=True, symbol="θ between the eigenvectors, degrees", name="angle", default=30.0)
STEPS = Knob(10, MOST, symbol="T", name="steps", default=80.0)
STEP = Knob(0, MOST, name="step", default=0.0)
KNOBS = (RE, IM, OTHER, ANGLE, STEPS, STEP)
ANGLES = sorted({*(round(float(angle), 2) for angle in ANGLE.positions(121)), 2.0, 5.0, 10.0, 30.0, 45.0, 60.0})
MARKS = {"angle": ((90.0, "normal"), (30.0, "30°"), (10.0, "10°"), (2.0, "2°")), "steps": ()}


def lives() -> list[dict[str, Any]]:
    """The live sliders, as the component takes them."""
    positions = {"angle": ANGLES, "steps": list(range(int(STEPS.low), MOST + 1))}
    return [
        {
            "name": knob.name,
            "label": knob.label,
            "low": knob.low,
            "high": knob.high,
            "positions": positions[knob.name],
            "marks": MARKS[knob.name],
        }
        for knob in (ANGLE, STEPS)
    ]


def shown(numbers: dict[str, float]) -> tuple[Powers, int, int]:
    """The matrix, the number of steps, and the step that is paused at, from the numbers of an address."""
    steps = round(numbers["steps"])
    powers = Powers(*(numbers[knob.name] for knob in (RE, IM, OTHER, ANGLE)))
    return powers, steps, min(round(numbers["step"]), steps)


def address(numbers: dict[str, float], paused: bool) -> dict[str, str | None]:
    """A state as the address has it: None for all that the page opens on anyway, and for the step where it plays."""
    powers, steps, step = shown(numbers)
    values = {**powers.__dict__, "steps": steps}
    said = {
        knob.name: None if values[knob.name] == knob.default else short(values[knob.name])
        for knob in KNOBS
        if knob is not STEP
    }
    return {**said, STEP.name: str(step) if paused else None}


@st.fragment
def matrix_powers(sheet: Sheet) -> None:
    """The figure of the matrix's powers; the numbers of `sheet` hold its `KNOBS`."""
    key = f"{sheet.key}_powers"
    request = request_of(key)
    new = is_new(key, request)
    said = st.query_params.to_dict()
    if new:
        # A clock that runs by itself has no step to tell.
        said.pop(STEP.name, None)
        said |= asked(request)
    numbers, _ = sheet.read(Settings(said))
    paused = STEP.name in said
    if new:
        write(address(numbers, paused))
    powers, steps, step = shown(numbers)
    powers_figure(key, powers_message(powers, steps, step if paused else None, lives=lives(), request=request))
