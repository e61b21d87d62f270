"""The first words of every message of a conversation, for a picture of its tree. Only the beginning of each body is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Text, bindparam, cast, func, select

from .tables import messages, parts

LENGTH: Final = 120
"""How long an excerpt is at most, in signs."""
READ: Final = 360
"""How much of a body is read: it is JSON, in which a line break is two signs."""
_AT_ONCE: Final = 500

# Another type than JSON, whose functions refuse U+0000 on PostgreSQL.
_body = cast(parts.c.body, Text)
_FIRST = (
    select(parts.c.message_id, func.substr(_body, 1, READ).label("beginning"))
    .join(messages, messages.c.id == parts.c.message_id)
    .where(messages.c.conversation_id == bindparam("conversation"), parts.c.type == "text")
    .order_by(parts.c.message_id, parts.c.idx)
)
_WHOLE = (
    select(parts.c.message_id, parts.c.body)
    .where(parts.c.type == "text", parts.c.message_id.in_(bindparam("ids", expanding=True)))
    .order_by(parts.c.message_id, parts.c.idx)
)
_BEGINNING: Final = re.compile(r'\{"type":"text","text":"')
_WORDS: Final = re.compile(r'(?:[^"\\]+|\\u[0-9a-fA-F]{4}|\\[^u])*')


def of_conversation(c: Connection, conversation_id: str) -> dict[str, str]:
    """By message: what it begins with, on one line. Messages without text are left out."""
    found: dict[str, str] = {}
    unread: list[str] = []
    for message_id, beginning in c.execute(_FIRST, {"conversation": conversation_id}):
        if found.get(message_id) or message_id in unread[-1:]:
            continue
        words = _words(beginning)
        if words is None:
            unread.append(message_id)  # something that a provider added stands before the words
        else:
            found[message_id] = line(words)
    for message_id, body in _whole(c, unread):
        found[message_id] = found.get(message_id) or line(body.get("text", ""))
    return {message_id: words for message_id, words in found.items() if words}


def _words(beginning: str) -> str | None:
    """The text in the beginning of a part's JSON; None: it begins otherwise."""
    start = _BEGINNING.match(beginning)
    if start is None:
        return None
    words = _WORDS.match(beginning, start.end())
    try:
        return str(orjson.loads(f'"{words.group() if words else ""}"'))
    except orjson.JSONDecodeError:  # cut between the halves of one sign
        return ""


def line(text: str) -> str:
    """The beginning of a text, on one line."""
    words = " ".join(text[: LENGTH * 4].split())
    return words if len(words) <= LENGTH else words[: LENGTH - 1].rstrip() + "…"


def _whole(c: Connection, message_ids: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for at in range(0, len(message_ids), _AT_ONCE):
        for row in c.execute(_WHOLE, {"ids": message_ids[at : at + _AT_ONCE]}):
            yield row.message_id, row.body
