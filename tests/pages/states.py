"""A state of a lesson as a test looks at it."""

from dataclasses import dataclass

from optim import Trajectory
from pages.parts.lesson import Lesson, Reading
from pages.parts.settings import Settings
from stage.component import live_bank
from stage.scene import Bank


@dataclass(frozen=True)
class State:
    """What an address shows: its reading, and the bank of the slider that is live on opening."""

    lesson: Lesson
    reading: Reading
    bank: Bank

    @property
    def position(self) -> int:
        return self.reading.lives[0].index()

    @property
    def text(self) -> str:
        """The narrator's sentence."""
        return self.lesson.narrate(self.reading.setup, self.bank, self.position)

    def run(self, racer: int = 0) -> Trajectory:
        return self.bank.trajectory(racer, self.position)


def state(lesson: Lesson, **said: str) -> State:
    """The state under an address that has nothing to complain about."""
    settings = Settings(said)
    reading = lesson.read(settings)
    assert not settings.messages
    assert set(said) <= settings.known
    return State(lesson, reading, live_bank(reading.setup, reading.lives, reading.lives[0].name))


def linked(lesson: Lesson, label: str) -> State:
    """The state that one of the lesson's links leads to."""
    (preset,) = [preset for preset in lesson.presets if preset.label == label]
    return state(lesson, **preset.query)
