"""What is computed before the server says that it is healthy: the first picture of every lesson."""

from pages.parts.course import course
from pages.parts.lesson import Lesson, Reading, lessons
from pages.parts.settings import Settings
from stage.component import live_bank
from stage.scene import make_scene


def warm_up() -> None:
    """Compile and keep what the lessons open on and what their links lead to, so that no visitor waits for it."""
    for page in course().values():
        for prepare in page.prepare:
            prepare()
    for lesson in lessons().values():
        for preset in lesson.presets:
            reading = lesson.read(Settings(preset.query))
            _look(lesson, reading, reading.lives[0].name)
        opening = lesson.read(Settings({}))
        for live in opening.lives:
            _look(lesson, opening, live.name)
        live_bank(opening.setup, opening.lives, opening.lives[0].name, single=True)


def _look(lesson: Lesson, reading: Reading, over: str) -> None:
    make_scene(reading.setup.surface, reading.setup.knobs)
    bank = live_bank(reading.setup, reading.lives, over)
    for position in range(len(bank.positions)):
        lesson.narrate(reading.setup, bank, position)
