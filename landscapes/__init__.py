"""Surfaces with exact derivatives: values, gradients, Hessians, critical points.

Importing this package switches JAX to 64-bit floats: a saddle left at 1e-12 is a lesson. It also switches off XLA's
fusion emitters, which take two fifths of a program's time to compile and pay only where very many numbers are computed
side by side: `optim.basins` switches them on for itself. What is in ``XLA_FLAGS`` already has the last word.
"""

import os

import jax

jax.config.update("jax_enable_x64", True)
# Read when the first program is compiled.
os.environ["XLA_FLAGS"] = f"--xla_cpu_use_fusion_emitters=false {os.environ.get('XLA_FLAGS', '')}".strip()

from landscapes import classics, multimodal, networks, nonsmooth, regression, teaching  # noqa: E402, F401
from landscapes.calculus import curvature_on_grid, gradient, hessian, on_grid, value, values  # noqa: E402
from landscapes.critical import CriticalPoint, critical_points, minima  # noqa: E402
from landscapes.expression import Curve, parse, parse_curve  # noqa: E402
from landscapes.grammar import ExpressionError  # noqa: E402
from landscapes.surface import SURFACES, Box, Point, Scalar, Surface, find_surface, surface  # noqa: E402

__all__ = [
    "SURFACES",
    "Box",
    "CriticalPoint",
    "Curve",
    "ExpressionError",
    "Point",
    "Scalar",
    "Surface",
    "critical_points",
    "curvature_on_grid",
    "find_surface",
    "gradient",
    "hessian",
    "minima",
    "on_grid",
    "parse",
    "parse_curve",
    "surface",
    "value",
    "values",
]
