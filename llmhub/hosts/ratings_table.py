"""Ratings as CSV: a line for each rated answer, with its model and its question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

from ..conversations.store import ConversationStore
from ..conversations.values import RatedAnswer
from .spreadsheet import inert, lines

COLUMNS: Final = (
    *("rated_at", "value", "reason", "text", "model", "question", "answer", "conversation", "answered_at"),
    *("conversation_id", "message_id"),
)
_AT_ONCE: Final = 200


async def ratings_table(store: ConversationStore, owner: str) -> AsyncIterator[bytes]:
    """The lines in the order of the answers, some hundred at once, the names of the columns first."""
    yield lines([COLUMNS])
    cursor: str | None = None
    while True:
        page = await store.rated(owner, limit=_AT_ONCE, cursor=cursor)
        yield lines(_cells(answer) for answer in page.items)
        if (cursor := page.next) is None:
            return


def _cells(answer: RatedAnswer) -> tuple[Any, ...]:
    return (
        answer.rated_at.isoformat().replace("+00:00", "Z"),
        answer.value,
        answer.reason or "",
        inert(answer.text),
        inert(answer.model),
        inert(answer.question),
        inert(answer.answer),
        inert(answer.title),
        answer.created_at.isoformat().replace("+00:00", "Z"),
        answer.conversation_id,
        answer.message_id,
    )
