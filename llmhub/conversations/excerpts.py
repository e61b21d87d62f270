"""The first words of messages, on one line: for a picture of the tree. Only the beginning of each body is read."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, select

from .tables import parts

LENGTH: Final = 120
"""How long an excerpt is at most, in signs."""
READ: Final = 360
"""How much of a body is read: it is JSON, in which a line break is two signs."""
_AT_ONCE: Final = 500
_WHOLE = (
    select(parts.c.message_id, parts.c.body)
    .where(parts.c.type == "text", parts.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(parts.c.message_id, parts.c.idx)
)
_BEGINNING: Final = '{"type":"text","text":"'
_WORDS: Final = re.compile(r'(?:[^"\\]+|\\u[0-9a-fA-F]{4}|\\[^u])*')


def of_beginning(beginning: str) -> str:
    """What the beginning of a text's JSON says; empty: no words, or none so near to its beginning."""
    if not beginning.startswith(_BEGINNING):
        return ""  # something that a provider added stands before the words
    start = len(_BEGINNING)
    if "\\" not in beginning:
        end = beginning.find('"', start)
        return line(beginning[start:end] if end >= 0 else beginning[start:])
    words = _WORDS.match(beginning, start)
    try:
        return line(orjson.loads(f'"{words.group() if words else ""}"'))
    except orjson.JSONDecodeError:  # cut between the halves of one sign
        return ""


def of_messages(c: Connection, message_ids: list[str]) -> dict[str, str]:
    """By message: the first words of the first of its texts that has any. Whole bodies are read."""
    found: dict[str, str] = {}
    for at in range(0, len(message_ids), _AT_ONCE):
        body: dict[str, Any]
        for message_id, body in c.execute(_WHOLE, {"ids": message_ids[at : at + _AT_ONCE]}):
            if message_id not in found and (words := line(body.get("text", ""))):
                found[message_id] = words
    return found


def line(text: str) -> str:
    """The beginning of a text, on one line."""
    words = " ".join(text[: LENGTH * 4].split())
    return words if len(words) <= LENGTH else words[: LENGTH - 1].rstrip() + "…"
