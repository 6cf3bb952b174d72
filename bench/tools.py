"""The tools of the playground, timed without a browser: what the server computes for one of them."""

from collections.abc import Sequence

import numpy as np

from bench.numeric import timed
from bench.report import Row
from landscapes import SURFACES
from optim import OPTIMIZERS
from optim.planes import contraction, final_losses
from pages.parts import basin_maps
from stage.rasters import levels, png
from stage.scene import Racer, Setup

MAP_LIMIT = 100.0
"""Milliseconds that a basin map may take."""
PLANE_LIMIT = 50.0
"""Milliseconds that a plane of two hyperparameters may take."""


def tool_rows(*, repeats: int = 9, keys: Sequence[str] = tuple(OPTIMIZERS)) -> list[Row]:
    """A row for the basin map of each optimizer, and for planes of two numbers; pictures are made as they are sent."""
    return [*(map_row(key, repeats) for key in keys), *plane_rows(repeats=repeats)]


def map_row(key: str, repeats: int, steps: int = 200) -> Row:
    """The map of one optimizer at its defaults, as PNG, not out of a cache."""
    surface = SURFACES["himmelblau"]
    setup = Setup(surface.key, (Racer(key),), surface.start, steps)
    size = len(basin_maps.drawn.__wrapped__(setup)[0])
    return Row(
        f"basin map of {OPTIMIZERS[key].title}, {basin_maps.FINE}² starts × {steps} steps, as PNG",
        "ms",
        timed(repeats, lambda: basin_maps.drawn.__wrapped__(setup)),
        target=(MAP_LIMIT, None),
        against="it has none",
        note=f"{size:,} bytes",
    )


def plane_rows(*, repeats: int = 9, n: int = 128, steps: int = 200) -> list[Row]:
    """Final losses for the rate against a second number, and contraction factors."""
    rates, decays = np.geomspace(1e-4, 10, n), np.linspace(0, 0.9999, n)
    rows = []
    for key, second in (("momentum", "momentum"), ("adam", "beta1"), ("adam", "beta2")):

        def plane(key: str = key, second: str = second) -> bytes:
            over = ("learning_rate", second)
            found = final_losses("himmelblau", key, over=over, values=(rates, decays), steps=steps)
            return png(levels(found + 1, 1, 1e4, True))

        name = f"final loss, rate × {second} of {OPTIMIZERS[key].title}, {n}² × {steps} steps"
        rows.append(Row(name, "ms", timed(repeats, plane), target=(PLANE_LIMIT, None), against="it has none"))

    def factors() -> bytes:
        over = ("learning_rate", "momentum")
        found = contraction("ill_conditioned", "momentum", (0.0, 0.0), over=over, values=(rates, decays))
        return png(levels(found, 0, 1, False))

    rows.append(
        Row(
            f"contraction, rate × momentum, {n}² linearisations",
            "ms",
            timed(repeats, factors),
            target=(PLANE_LIMIT, None),
            against="it has none",
        )
    )
    return rows
