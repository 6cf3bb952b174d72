"""The pages of the course, and what each of them has, with or without a stage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qsl

from landscapes.knobs import Knob
from pages.parts.settings import Settings


@dataclass(frozen=True)
class Preset:
    """A link to a state of the page, in the order a teacher would walk through them. `link` is as in an address."""

    label: str
    link: str
    about: str

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.link, keep_blank_values=True, strict_parsing=bool(self.link)))


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every page has: `key` is the name of its file, `prepare` are its cached computations for the warm-up.

    The first of them is what a page without a stage opens on.
    """

    key: str
    presets: tuple[Preset, ...]
    prepare: tuple[Callable[[], object], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet(Page):
    """A page without a stage.

    `knobs` are its numbers, `menus` its choices with the titles of their options, the first one being the default: all
    of them are in the address under their names.
    """

    knobs: tuple[Knob, ...] = ()
    menus: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def read(self, settings: Settings) -> tuple[dict[str, float], dict[str, str]]:
        """Numbers and choices by name; what cannot be shown is replaced, with a message in `settings`."""
        numbers = {knob.name: settings.number(knob, knob.default) for knob in self.knobs}
        choices = {name: settings.choice(name, options, next(iter(options))) for name, options in self.menus.items()}
        return numbers, choices


@lru_cache(maxsize=1)
def course() -> Mapping[str, Page]:
    """Every page by its key."""
    files = sorted(Path(__file__).parent.parent.glob("*.py"))
    return {path.stem: import_module(f"pages.{path.stem}").LESSON for path in files if path.stem != "contents"}
