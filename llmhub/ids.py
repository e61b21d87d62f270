"""Ids are UUIDv7 strings (RFC 9562): they sort by the time they were made, also within one millisecond."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import uuid_utils

_ID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    """A fresh UUIDv7 in its 36-character form."""
    return str(uuid_utils.uuid7())


def ids_at(times: Iterable[datetime]) -> list[str]:
    """Fresh ids as if made at these times; those of one millisecond sort in the order given."""
    made: list[str] = []
    last, count = -1, 0
    for time in times:
        milliseconds = min(max(0, int(time.timestamp() * 1000)), 2**48 - 1)
        count = count + 1 if milliseconds == last else 0
        last = milliseconds
        # 12 bits that count, then 62 that nobody can guess. More than 4,096 in one millisecond share the last number.
        value = milliseconds << 80 | 7 << 76 | min(count, 0xFFF) << 64 | 2 << 62 | secrets.randbits(62)
        made.append(str(uuid.UUID(int=value)))
    return made


def first_id_at(time: datetime) -> str:
    """An id below all that are made at `time` or later."""
    milliseconds = f"{max(0, int(time.timestamp() * 1000)):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-0000-0000-000000000000"


def is_id(text: str) -> bool:
    """Whether `text` has the form of one of our ids."""
    return _ID.fullmatch(text) is not None
