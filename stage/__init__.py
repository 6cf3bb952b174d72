"""The interactive figure: a contour map and a relief, linked curves, live sliders and a clock, in one component."""

from stage.component import stage
from stage.scene import Live, Racer, Setup

__all__ = ["Live", "Racer", "Setup", "stage"]
