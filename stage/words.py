"""Numbers as a person reads them, in Python as in stage/assets/format.js."""

import math
from decimal import ROUND_HALF_UP, Context

_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, digits: int = 4) -> str:
    """`value` with that many significant digits, a true minus sign, and powers of ten where those are shorter."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if exponent >= 6 or exponent < -4:
        mantissa, power = f"{_rounded(value, digits):.{digits - 1}e}".split("e")
        short = f"{float(mantissa):.{digits}g}"
        sign = {"1": "", "-1": "-"}.get(short, f"{short}·")
        text = f"{sign.replace('-', '−')}10{str(int(power)).translate(_SUPERSCRIPT)}"
        return text.replace("-", "−")
    return f"{_rounded(value, max(digits, exponent + 1)):.10g}".replace("-", "−")


def _rounded(value: float, digits: int) -> float:
    # Halves go away from zero, as in JavaScript.
    return float(Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(value))
