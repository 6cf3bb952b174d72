"""What the server computes, timed without a browser, beside the loops that one would write in a notebook."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.pages import FIVE
from bench.plain_page import figures
from bench.report import Row
from landscapes import SURFACES, Surface, gradient
from landscapes.knobs import Knob
from optim import OPTIMIZERS, basins, descend
from optim.basins import NEAR, nearest
from stage.bank import pack
from stage.scene import Racer, Setup, bank_arrays, make_bank

RATE = 0.01
BASINS_RATE = 0.1

Floats = NDArray[np.float64]


def timed(repeats: int, work: Callable[[], Any], warm: bool = True) -> list[float]:
    """Milliseconds of each of `repeats` calls, after one that does not count where `warm`."""
    if warm:
        work()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return times


def bank_rows(*, repeats: int = 15, steps: int = 500, positions: int = 128) -> list[Row]:
    """Time and size of the answers to a whole slider, beside the figures that answer one position of it."""
    setup = Setup("rosenbrock", tuple(Racer(key) for key in FIVE), SURFACES["rosenbrock"].start, steps)
    knob: Knob = OPTIMIZERS[FIVE[0]].knobs["learning_rate"]
    values = tuple(knob.positions(positions).tolist())

    def message() -> bytes:
        # Without the cache that would answer an equal request.
        return pack({}, {"bank": bank_arrays(make_bank.__wrapped__(setup, "learning_rate", values))})

    def charts() -> list[str]:
        runs = [descend("rosenbrock", key, steps=steps, learning_rate=0.001) for key in FIVE]
        return [figure.to_json() for figure in figures("rosenbrock", FIVE, runs)]

    what = f"{positions} rates × {steps} steps × {len(FIVE)} optimizers"
    sizes = {"ours": [len(message())], "plain": [sum(map(len, charts()))]}
    against = "plain page, one rate"
    return [
        Row(
            f"bank of {what}, packed",
            "ms",
            timed(repeats, message),
            timed(max(2, repeats // 3), charts),
            against=against,
        ),
        Row("size of that message", "bytes", sizes["ours"], sizes["plain"], against=against, note="uncompressed"),
    ]


def basins_row(*, repeats: int = 15, n: int = 256, steps: int = 200) -> Row:
    """A map of basins, beside the same in NumPy on the whole grid at once."""
    surface = SURFACES["himmelblau"]
    ours = basins(surface, "adam", n=n, steps=steps, learning_rate=BASINS_RATE)
    x_low, x_high, y_low, y_high = surface.box
    reach = NEAR * float(np.hypot(x_high - x_low, y_high - y_low))
    starts = np.stack(np.meshgrid(ours.x, ours.y)).reshape(2, -1).astype(np.float64)

    def in_numpy() -> NDArray[np.int32]:
        ends = adam(starts, lambda p: complex_step(surface, p), steps, BASINS_RATE)
        return nearest(ends.T.astype(np.float32), ours.minima, reach).reshape(n, n)

    plain = timed(max(1, repeats // 5), in_numpy, warm=False)
    agree = (in_numpy() == ours.labels).mean()
    return Row(
        f"basins, {n}² starts × {steps} Adam steps",
        "ms",
        timed(repeats, lambda: basins(surface, "adam", n=n, steps=steps, learning_rate=BASINS_RATE)),
        plain,
        target=(60, None),
        against="NumPy, complex-step gradient",
        note=f"labels agree on {agree:.2%}",
    )


def descend_row(*, repeats: int = 30, steps: int = 200) -> Row:
    """One run, beside a notebook's loop: NumPy's Adam around a compiled gradient, called once a step."""
    surface = SURFACES["rosenbrock"]
    start = np.array(surface.start)
    ours = descend(surface, "adam", steps=steps, learning_rate=RATE)
    loop = adam(start, lambda p: gradient(surface, p), steps, RATE)
    return Row(
        f"one run of {steps} Adam steps",
        "ms",
        timed(repeats, lambda: descend(surface, "adam", steps=steps, learning_rate=RATE)),
        timed(max(2, repeats // 3), lambda: adam(start, lambda p: gradient(surface, p), steps, RATE)),
        against="NumPy loop, jitted jax.grad",
        note=f"ours has Hessians too; end points differ by {np.abs(ours.points[-1] - loop).max():.1e}",
    )


def adam(p: Floats, slope: Callable[[Floats], Floats], steps: int, rate: float) -> Floats:
    """Adam as a plain loop, from points of any shape to the points after `steps`.

    Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """
    beta1, beta2, epsilon = (OPTIMIZERS["adam"].knobs[name].default for name in ("beta1", "beta2", "epsilon"))
    m, v = np.zeros_like(p), np.zeros_like(p)
    for t in range(1, steps + 1):
        g = slope(p)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        p = p - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
    return p


def complex_step(surface: Surface, p: Floats, h: float = 1e-30) -> Floats:
    """Gradients (2, N) of an analytic surface at points (2, N), exact to rounding: Im f(p + ih) / h.

    Source: Squire and Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40(1),
    1998.
    """
    return np.stack([np.imag(surface.f(p + step)) / h for step in 1j * h * np.eye(2)[:, :, None]])
