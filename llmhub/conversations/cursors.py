"""Cursors: where a page ended, in a form that nobody needs to understand.

They name a row, not a number, so inserts do not shift them.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, cast

import orjson

from ..errors import Invalid, Malformed

MOST = 1000
"""A page holds no more, whatever is asked for."""


def encode(*key: str | datetime) -> str:
    """A cursor for the row with this key."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode(cursor: str, length: int) -> list[str]:
    """The key of `length` strings that `encode` was given; `Malformed` for anything else."""
    try:
        key = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):  # orjson.JSONDecodeError is a ValueError, and so is non-ASCII text here
        raise broken() from None
    items = cast(list[Any], key) if isinstance(key, list) else []
    if len(items) != length or not all(isinstance(item, str) and is_text(item) for item in items):
        raise broken()
    return items


def decode_time(text: str) -> datetime:
    """The time in a decoded cursor."""
    try:
        time = datetime.fromisoformat(text)
        if time.utcoffset() is None:
            raise ValueError
        return time
    except (ValueError, OverflowError):
        raise broken() from None


def broken() -> Malformed:
    """The answer to a cursor that we did not make."""
    return Malformed("The cursor cannot be read.", hint="Use the `next` of the page before, or leave it out to begin at the start.")


def size(limit: int) -> int:
    """How many rows a page gets."""
    if limit < 1:
        raise Invalid(
            "A page has at least one item.", hint="Give a limit of 1 or more.", details={"errors": {"limit": "less than 1"}}
        )
    return min(limit, MOST)


def is_text(text: str) -> bool:
    """Whether a database can hold or look for `text`: PostgreSQL has no U+0000, and neither has lone surrogates."""
    try:
        return "\0" not in text and bool(text.encode() or True)
    except UnicodeEncodeError:
        return False
