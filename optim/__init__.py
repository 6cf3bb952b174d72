"""Optimizers, and the engine that runs them."""

import landscapes  # noqa: F401  switches JAX to 64-bit floats before anything here is traced

# Menus list the rules in the order in which their modules are imported.
# isort: off
from optim import first_order, sign_based, adaptive, line_search, second_order, flow  # noqa: F401

# isort: on
from optim.basins import Basins, basins
from optim.engine import descend, sweep
from optim.from_optax import from_optax
from optim.optimizer import OPTIMIZERS, Optimizer, find_optimizer, optimizer
from optim.records import STOPS, Sweep, Trajectory
from optim.schedules import SCHEDULES, find_schedule

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "STOPS",
    "Basins",
    "Optimizer",
    "Sweep",
    "Trajectory",
    "basins",
    "descend",
    "find_optimizer",
    "find_schedule",
    "from_optax",
    "optimizer",
    "sweep",
]
