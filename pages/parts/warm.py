"""What is computed before the server says that it is healthy: the first picture of every lesson."""

from importlib import import_module
from pathlib import Path

from pages.parts.lesson import RATE, Lesson
from stage.component import live_bank
from stage.scene import make_scene


def warm_up() -> None:
    """Compile and keep what the lessons open on, so that no visitor waits for it."""
    for path in sorted(Path(__file__).parent.parent.glob("*.py")):
        if path.stem == "contents":
            continue
        lesson: Lesson = import_module(f"pages.{path.stem}").LESSON
        reading = lesson.first()
        make_scene(reading.setup.surface, reading.setup.knobs)
        for live in reading.lives:
            bank = live_bank(reading.setup, reading.lives, live.name)
            for position in range(len(bank.positions)):
                lesson.narrate(reading.setup, bank, position)
        live_bank(reading.setup, reading.lives, RATE, single=True)
