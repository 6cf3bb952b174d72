"""Two networks may be the same with their hidden units in another order: find the order that brings them together."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from landscapes.mlp import MLP, ODD, Layers, forward

Floats = NDArray[np.float64]
Match = tuple[NDArray[np.intp], Floats]
"""Which unit comes where (width,), and with which sign (width,)."""


def match_units(net: MLP, fixed: Floats, moved: Floats, x: NDArray[np.float32]) -> list[Match]:
    """For every hidden layer, the units of `moved` in the order, and for odd activations with the signs, in which their
    activities on `x` (N, d) correlate most with those of `fixed`. Weights have shape (n,).

    With skip connections a unit is the same in all layers, so that one order serves them all.

    Sources: Li, Yosinski, Clune, Lipson and Hopcroft, Convergent Learning, ICLR 2016; Ainsworth, Hayase and Srinivasa,
    Git Re-Basin, ICLR 2023, section 3.1, for matching of activities as a linear assignment.
    """
    ours, theirs = (_activities(net, weights, x) for weights in (fixed, moved))
    alike = np.einsum("lna,lnb->lab", ours, theirs)
    if net.skip:
        alike = np.broadcast_to(alike.sum(axis=0), alike.shape)
    return [_assign(layer, net.activation in ODD) for layer in alike]


def _activities(net: MLP, weights: Floats, x: NDArray[np.float32]) -> Floats:
    _, found = forward(net, weights.astype(np.float32), x)
    hidden = np.asarray(found, dtype=np.float64)
    hidden = hidden - hidden.mean(axis=1, keepdims=True)
    length = np.sqrt((hidden**2).sum(axis=1, keepdims=True))
    # A unit that gives the same for every example is like no other, and can go anywhere.
    return np.asarray(np.divide(hidden, length, out=np.zeros_like(hidden), where=length > 0))


def _assign(alike: Floats, odd: bool) -> Match:
    _, order = linear_sum_assignment(np.abs(alike) if odd else alike, maximize=True)
    signs = np.sign(alike[np.arange(len(order)), order]) if odd else np.ones(len(order))
    return order, np.where(signs == 0, 1.0, signs)


def rearranged(net: MLP, weights: Floats, matches: list[Match]) -> Floats:
    """The same network (n,) with the units of every hidden layer in another order and with other signs."""
    layers = net.layers(weights)
    order, signs = matches[0]
    first = layers.first[:, order] * signs
    hidden = np.array(layers.hidden)
    for index, (into, into_signs) in enumerate(matches[1:]):
        hidden[index] = _incoming(hidden[index], order, signs)[:, into] * into_signs
        order, signs = into, into_signs
    return net.flat(Layers(first, hidden, _incoming(layers.last, order, signs)))


def _incoming(matrix: Floats, order: NDArray[np.intp], signs: Floats) -> Floats:
    """Rows rearranged as the units of the layer before; the last row is the bias."""
    return np.concatenate([matrix[:-1][order] * signs[:, None], matrix[-1:]])
