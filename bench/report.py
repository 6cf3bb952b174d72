"""What is measured, as rows, and the table that they are printed in."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

PACKAGES = ("streamlit", "plotly", "jax", "numpy")


@dataclass(frozen=True)
class Row:
    """One measurement beside its comparison. `ours` and `plain` are samples in `unit`; `plain` is empty where the other
    way has no such thing. `target` is the largest median and the largest 95th percentile that were asked for.
    `against` names the other way; empty where there is none, or it is the plain page.
    """

    name: str
    unit: str
    ours: Sequence[float]
    plain: Sequence[float] = ()
    target: tuple[float | None, float | None] = (None, None)
    against: str = ""
    note: str = ""

    @property
    def verdict(self) -> str:
        """``ok`` or ``over``; empty where nothing was asked for."""
        limits = [
            (found, limit) for found, limit in zip(quantiles(self.ours), self.target, strict=True) if limit is not None
        ]
        if not limits:
            return ""
        return "ok" if all(found <= limit for found, limit in limits) else "over"

    @property
    def compared(self) -> str:
        """What the comparison is; empty where nothing is compared and nothing said."""
        return self.against or ("the plain page" if len(self.plain) else "")

    def as_dict(self) -> dict[str, Any]:
        """What `--json` writes: the quantiles, and every sample."""
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": quantiles(self.ours),
            "plain": quantiles(self.plain) if len(self.plain) else None,
            "target": self.target,
            "verdict": self.verdict,
            "against": self.compared,
            "note": self.note,
            "samples": {"ours": list(self.ours), "plain": list(self.plain)},
        }


def quantiles(samples: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile, each one of the samples; ``ValueError`` where nothing was measured."""
    if not len(samples):
        raise ValueError("nothing was measured")
    # Nothing is interpolated: a draw that never came counts as infinite.
    median, late = np.percentile(samples, [50, 95], method="inverted_cdf")
    return float(median), float(late)


def short(value: float) -> str:
    """Three digits, and no more than the whole part of a large number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def both(samples: Sequence[float]) -> str:
    """Median and 95th percentile as text; a single sample is only itself."""
    if not len(samples):
        return "–"
    median, late = quantiles(samples)
    return short(median) if len(samples) == 1 else f"{short(median)} / {short(late)}"


def asked(row: Row) -> str:
    """The row's targets as text."""
    return " / ".join("–" if limit is None else f"≤ {short(limit)}" for limit in row.target) if row.verdict else "–"


def table(rows: Iterable[Row]) -> str:
    """A Markdown table, padded so that it is also one in a terminal. Every number is median / 95th percentile."""
    head = ("measured", "unit", "n", "ours", "target", "", "comparison", "against", "note")
    cells = [head] + [
        (
            row.name,
            row.unit,
            str(len(row.ours)),
            both(row.ours),
            asked(row),
            row.verdict,
            both(row.plain),
            row.compared,
            row.note,
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def machine(browser: str) -> dict[str, Any]:
    """What the figures depend on besides the code."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "chromium": browser,
        "load average before": round(os.getloadavg()[0], 2),
    }
