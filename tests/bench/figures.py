"""What a measurement found: a figure beside its target. Nothing here asserts; times belong to the machine they were taken on."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`target` is what `value` may be at most; None: for information."""

    what: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def row(self) -> str:
        """A row of the table in `docs/measurements.md`."""
        target = "" if self.target is None else f"≤ {self.target:,.10g} {self.unit}".strip()
        met = "" if self.target is None else "yes" if self.value <= self.target else "**no**"
        return f"| {self.what} | {_number(self.value)} {self.unit} | {target} | {met} | {self.note} |"


HEAD = "| What | Measured | Target | Met | Note |\n|---|---|---|---|---|"


def show(figures: Sequence[Figure]) -> None:
    """Print them as a table."""
    print(HEAD, *(figure.row for figure in figures), sep="\n", flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
