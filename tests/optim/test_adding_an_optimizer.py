"""What docs/adding_an_optimizer.md tells a visitor to write runs as it stands there, and descends."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding_an_optimizer.md").read_text(encoding="utf-8")
MEASURED = """
from optim import OPTIMIZERS, basins

assert {"normalised_momentum", "averaged_gd"} <= set(OPTIMIZERS)
assert set(OPTIMIZERS["normalised_momentum"].knobs) == {"learning_rate", "decay"}
for key in ("normalised_momentum", "averaged_gd"):
    print(key, (basins("himmelblau", key, n=16, steps=500).labels >= 0).mean())
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the page's code prints, in a process of its own: an optimizer is on the menus of all tests otherwise."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    # A rule's source is shown on the page: it needs a file to be read from.
    file = tmp_path_factory.mktemp("page") / "rules.py"
    file.write_text("\n".join([*blocks, MEASURED]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(file)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_both_optimizers_descend(printed: list[str]) -> None:
    normalised, averaged = ([float(number) for number in line.split()] for line in printed[:2])
    assert normalised[1] < normalised[0] / 100
    assert averaged[1] < averaged[0] * 1e-6


def test_both_run_on_maps(printed: list[str]) -> None:
    shares = dict(line.split() for line in printed[2:])
    # Steps of one length circle a minimum and come to rest in none.
    assert float(shares["averaged_gd"]) > 0.9
    assert 0 <= float(shares["normalised_momentum"]) <= 1
