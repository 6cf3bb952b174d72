"""The walls of the tree: imports only go down, files stay short, and nothing of one machine is committed."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("landscapes", "optim", "stage", "pages", "app")
"""From the lowest to the highest."""
NOTEBOOK = ("landscapes", "optim")
"""The layers that work without the app."""
WRITTEN = (".py", ".js", ".css", ".md", ".toml")
LONGEST = 330
LONGEST_LESSON = 120
LARGEST_SCRIPT = 60_000
"""Bytes: a bundled library is larger, a module that a person wrote is not."""
ELSEWHERE = re.compile(r"pypi\.org|pythonhosted|npmjs|--(extra-)?index-url|--find-links|/(work|root|home|Users|opt)/")


def committed() -> list[Path]:
    """Every file that is under version control or about to be."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


FILES = committed()


def sources(layer: str) -> list[Path]:
    """The Python files of a layer."""
    return [p for p in FILES if p.suffix == ".py" and p.relative_to(ROOT).with_suffix("").parts[0] == layer]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def imported(path: Path) -> set[str]:
    """First names of all modules that a file imports from outside its own package."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    drawn = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.split(".")[0] for name in plain | drawn}


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_only_go_down(layer: str) -> None:
    files = sources(layer)
    assert files
    above = set(LAYERS[LAYERS.index(layer) + 1 :])
    assert {str(p.relative_to(ROOT)): upward for p in files if (upward := imported(p) & above)} == {}


@pytest.mark.parametrize("layer", NOTEBOOK)
def test_libraries_name_no_app_package(layer: str) -> None:
    assert {str(p.relative_to(ROOT)) for p in sources(layer) if imported(p) & {"streamlit", "plotly"}} == set()


@pytest.mark.parametrize("layer", NOTEBOOK)
def test_libraries_load_no_app_package(layer: str) -> None:
    program = f"import sys, {layer}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    loaded = set(subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True).split())
    above = set(LAYERS[LAYERS.index(layer) + 1 :])
    assert layer in loaded
    assert loaded & (above | {"streamlit", "plotly"}) == set()


def test_files_stay_short() -> None:
    written = {str(p.relative_to(ROOT)): lines(p) for p in FILES if p.suffix in WRITTEN}
    assert {name: count for name, count in written.items() if count > LONGEST} == {}


def test_lessons_stay_short() -> None:
    lessons = [p for p in FILES if p.parent == ROOT / "pages" and p.suffix == ".py"]
    assert lessons
    assert {p.name: count for p in lessons if (count := lines(p)) > LONGEST_LESSON} == {}


def test_no_bundled_script() -> None:
    scripts = [p for p in FILES if p.suffix in (".js", ".mjs")]
    assert {p.name for p in scripts if p.stat().st_size > LARGEST_SCRIPT or ".min." in p.name} == set()


def test_nothing_of_one_machine() -> None:
    found = {}
    for path in FILES:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__) and (match := ELSEWHERE.search(text)):
            found[str(path.relative_to(ROOT))] = match.group()
    assert found == {}
