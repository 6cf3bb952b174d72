"""Success and median evaluations of many runs with their intervals, as columns of a table."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from optim.tournament import median_evaluations, success_rate

COLUMNS: Any = {
    name: st.column_config.NumberColumn(format=form, help=about)
    for name, form, about in (
        ("Success, %", "%.1f", "Share of all runs that succeeded within the budget."),
        ("from", "%.1f", "Lower end of Wilson's interval at 95 % confidence."),
        ("to", "%.1f", "Upper end of Wilson's interval at 95 % confidence."),
        ("Median evaluations", "%.4g", "In gradients. Empty where half of the runs or more failed."),
        ("at least", "%.4g", "Lower end of the median's interval at 95 % confidence."),
        ("at most", "%.4g", "Upper end of the median's interval; empty where it is beyond the budget."),
    )
}


def columns(evaluations: NDArray[np.float64]) -> dict[str, float | None]:
    """The columns for runs that took so many evaluations (N,) each, inf for those that failed."""
    share = [100 * part for part in success_rate(int(np.isfinite(evaluations).sum()), len(evaluations))]
    spent = [part if np.isfinite(part) else None for part in median_evaluations(evaluations)]
    return dict(zip(COLUMNS, [*share, *spent], strict=True))
