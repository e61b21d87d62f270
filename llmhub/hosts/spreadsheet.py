"""Lines of CSV as a spreadsheet may open them: no cell of somebody's text is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

_ACTIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to a spreadsheet, in wide letters to some."""


def inert(text: str | None) -> str:
    """A text that somebody else wrote, as a cell."""
    return f"'{text}" if text and text.startswith(_ACTIVE) else text or ""


def lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as CSV in UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(errors="replace")
