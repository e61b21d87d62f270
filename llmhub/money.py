"""US dollars, exactly: a whole number of nanodollars inside, a number of dollars at the rim. Sums of floats are never money."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

NANOS: Final = 1_000_000_000
"""Nanodollars in a dollar."""


def nanos(dollars: float | Decimal) -> int:
    """The nearest whole number of nanodollars. A float counts as it is written: 0.1 is a tenth."""
    exact = dollars if isinstance(dollars, Decimal) else Decimal(str(dollars))
    return int((exact * NANOS).to_integral_value(ROUND_HALF_EVEN))


def dollars(nanos: int) -> float:
    """The float that is nearest, for JSON and for people."""
    return nanos / NANOS
