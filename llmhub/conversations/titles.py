"""A conversation's title as its columns: what is shown, by what it is found, and where it stands in a list by title.

The order is made here and not by a database: SQLite and PostgreSQL know different ones, and a page must end where the next begins.
It is that of dictionaries, in every language: without case and accents, signs first, then numbers by their value, then letters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

UNTITLED: Final = "\U0010ffff"
"""Where what has no title stands: at the end."""
_LONGEST: Final = 60
"""Characters of a title that it is put in order by: a cursor holds them. Of titles that begin alike, the older comes first."""
_LETTERS: Final = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"})
"""Letters that Unicode does not take apart, and dictionaries do."""
_NUMBER: Final = re.compile(r"0*(\d{1,99})")


def titled(title: str | None) -> dict[str, Any]:
    """What to write of a title."""
    return {"title": title, "title_key": None if title is None else fold(title), "title_order": order(title)}


def fold(text: str) -> str:
    """Text as it is compared when looking for titles: without case, one form for composed characters."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def order(title: str | None) -> str:
    """Titles compare as these do, by code points: first as dictionaries do, then what differs in accents and signs."""
    if title is None:
        return UNTITLED
    folded = fold(title)[:_LONGEST]
    bare = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c)).translate(_LETTERS)
    # A sign is a blank: all of them stand before all letters, wherever Unicode has them.
    words = " ".join("".join(c if c.isalnum() else " " for c in bare).split())
    return f"{_NUMBER.sub(_by_value, words)[:_LONGEST]}\x01{folded}"


def _by_value(number: re.Match[str]) -> str:
    digits = "".join(str(unicodedata.decimal(digit)) for digit in number[1])
    return f"{len(digits):02}{digits}"
