"""What is computed before the server says that it is healthy: the first picture of every lesson."""

from importlib import import_module

from pages.parts.lesson import RATE, Lesson
from stage.component import live_bank
from stage.scene import make_scene

PAGES = ("ill_conditioning",)


def warm_up() -> None:
    """Compile and keep what the lessons open on, so that no visitor waits for it."""
    for name in PAGES:
        lesson: Lesson = import_module(f"pages.{name}").LESSON
        reading = lesson.first()
        make_scene(reading.setup.surface, reading.setup.knobs)
        live_bank(reading.setup, reading.lives, RATE)
