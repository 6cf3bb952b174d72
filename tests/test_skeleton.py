"""What the project's own files promise: pins, settings, the table of contents, the README's example."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from streamlit import config
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REQUIREMENTS = (ROOT / "requirements.txt").read_text()
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())


def pins() -> dict[str, Requirement]:
    """The pinned packages by name."""
    lines = [line.removesuffix("\\").strip() for line in REQUIREMENTS.splitlines() if not line.startswith(" ")]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def pinned_version(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "=="
    return only.version


def test_requirements_hold_names_versions_and_hashes_only() -> None:
    assert "http" not in REQUIREMENTS
    allowed = re.compile(r"[a-z0-9-]+==[\w.]+( ; [\w.]+ [!=<>]+ '[\w.]+')? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in REQUIREMENTS.splitlines() if not allowed.fullmatch(line)] == []


@pytest.mark.parametrize("asked", [Requirement(line) for line in PROJECT["dependencies"]], ids=lambda asked: asked.name)
def test_pins_satisfy_what_the_project_asks_for(asked: Requirement) -> None:
    assert pinned_version(pins()[canonicalize_name(asked.name)]) in asked.specifier


def test_pins_are_complete_and_needed() -> None:
    """Following the installed packages' own requirements reaches exactly the pins that apply here."""
    reached: set[str] = set()
    ahead = [Requirement(line) for line in PROJECT["dependencies"]]
    while ahead:
        asked = ahead.pop()
        name = canonicalize_name(asked.name)
        if name not in reached and (asked.marker is None or asked.marker.evaluate({"extra": ""})):
            reached.add(name)
            ahead += map(Requirement, requires(name) or [])
    assert reached == {name for name, pin in pins().items() if pin.marker is None or pin.marker.evaluate()}


def test_tests_run_against_the_pinned_versions() -> None:
    wanted = {name: pinned_version(pin) for name, pin in pins().items() if pin.marker is None or pin.marker.evaluate()}
    installed = {}
    for name in wanted:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            installed[name] = "none"
    assert installed == wanted


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings by dotted name, as Streamlit calls them."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


@pytest.mark.parametrize(("name", "value"), flat(SETTINGS).items())
def test_streamlit_knows_every_setting(name: str, value: Any) -> None:
    assert config.get_option(name) == value


def lessons() -> dict[str, tuple[str, str, str]]:
    """The table in pages/contents.py."""
    tree = ast.parse((ROOT / "pages" / "contents.py").read_text())
    assigned = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    found: dict[str, tuple[str, str, str]] = ast.literal_eval(assigned["LESSONS"])
    return found


def test_every_lesson_is_in_the_table_of_contents() -> None:
    assert set(lessons()) == {path.stem for path in (ROOT / "pages").glob("*.py")} - {"contents", "__init__"}


def test_table_of_contents_runs() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / "contents.py"), default_timeout=120).run()
    assert [error.value for error in app.exception] == []


def test_readme_examples_run() -> None:
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    # A process of its own: an example that adds a surface would add it to the menus that other tests read.
    program = [sys.executable, "-W", "error", "-c", "\n".join(examples)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout
