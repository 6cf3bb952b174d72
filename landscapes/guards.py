"""Square roots that stay differentiable at zero, for surfaces written in terms of a radius or a distance."""

import jax.numpy as jnp

from landscapes.surface import Scalar


def safe_sqrt(s: Scalar) -> Scalar:
    """√s for s ≥ 0, with derivative 0 instead of infinity at s = 0; shape and dtype of `s`."""
    positive = s > 0
    # Both branches of a `where` are differentiated, so the root itself must never see the zero.
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, s, 1)), 0)


def cos_sqrt(s: Scalar) -> Scalar:
    """cos √s for s ≥ 0 with all derivatives right at s = 0, where it is the power series 1 − s/2 + s²/24 − …"""
    small = s < 1e-2
    series = 1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56)))
    return jnp.where(small, series, jnp.cos(jnp.sqrt(jnp.where(small, 1, s))))
