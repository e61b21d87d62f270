"""Ids are UUIDv7 strings (RFC 9562): they sort by the time they were made, also within one millisecond."""

from __future__ import annotations

import uuid

import uuid_utils


def new_id() -> str:
    """A fresh UUIDv7 in its 36-character form."""
    return str(uuid_utils.uuid7())


def is_id(text: str) -> bool:
    """Whether `text` has the form of one of our ids."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
