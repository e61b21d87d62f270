"""Ids are UUIDv7 strings (RFC 9562): they sort by the time they were made, also within one millisecond."""

from __future__ import annotations

import uuid
from datetime import datetime

import uuid_utils


def new_id() -> str:
    """A fresh UUIDv7 in its 36-character form."""
    return str(uuid_utils.uuid7())


def first_id_at(time: datetime) -> str:
    """An id below all that are made at `time` or later."""
    milliseconds = f"{max(0, int(time.timestamp() * 1000)):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-0000-0000-000000000000"


def is_id(text: str) -> bool:
    """Whether `text` has the form of one of our ids."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
