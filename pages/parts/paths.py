"""The paths of a setup as numbers to take along: a table of text, and arrays."""

import csv
import io
import json
from typing import NamedTuple

import numpy as np

from optim import Trajectory
from stage import Setup
from stage.scene import make_bank
from stage.setup import Racer, describe, run_arguments

HEAD = ("racer", "step", "x", "y", "loss", "gradient_x", "gradient_y")


class Path(NamedTuple):
    """A racer under a name of its own, and its run."""

    name: str
    title: str
    racer: Racer
    run: Trajectory


def paths(setup: Setup) -> list[Path]:
    """Every racer's run, in order."""
    bank = make_bank(setup, "x", (setup.start[0],))
    about = zip(describe(setup), setup.racers, strict=True)
    return [Path(it["key"], it["title"], racer, bank.trajectory(i, 0)) for i, (it, racer) in enumerate(about)]


def facts(setup: Setup) -> dict[str, object]:
    """What the paths were made with, in plain types."""
    return {
        "surface": setup.surface,
        "knobs": dict(setup.knobs),
        "racers": [
            {
                "racer": name,
                "title": title,
                "optimizer": racer.optimizer,
                **{key: value for key, value in run_arguments(setup, racer).items() if key != "knobs"},
                "diverged_at": run.diverged_at,
                "stopped_at": run.stopped_at,
            }
            for name, title, racer, run in paths(setup)
        ],
    }


def table(setup: Setup) -> str:
    """A line for every racer and step, under `HEAD`, with all digits of every number."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEAD)
    for name, _, _, run in paths(setup):
        for step, (point, value, gradient) in enumerate(zip(run.points, run.values, run.gradients, strict=True)):
            rows.writerow([name, step, *map(float, (*point, value, *gradient))])
    return text.getvalue()


def as_csv(setup: Setup) -> bytes:
    """The table, with the facts above it in lines that begin with a ``#``."""
    head = "".join(f"# {name}: {json.dumps(value)}\n" for name, value in facts(setup).items())
    return (head + table(setup)).encode()


def as_npz(setup: Setup) -> bytes:
    """Arrays ``<racer>.points`` (T+1, 2), ``<racer>.values`` (T+1,), ``<racer>.gradients`` (T+1, 2), and ``facts``.

    ``facts`` is a text in JSON: read it with ``json.loads(str(file["facts"]))``.
    """
    arrays = {
        f"{path.name}.{kind}": getattr(path.run, kind)
        for path in paths(setup)
        for kind in ("points", "values", "gradients")
    }
    out = io.BytesIO()
    np.savez_compressed(out, facts=np.array(json.dumps(facts(setup))), **arrays)
    return out.getvalue()
