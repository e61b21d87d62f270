"""Saying things and finding them, and all that the search index holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from llmhub.conversations.search import index
from llmhub.conversations.search.query import parse
from llmhub.conversations.search.schema import WORDS
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import search_entries, search_stale
from llmhub.conversations.values import NewMessage, SearchHit
from llmhub.ids import new_id
from llmhub.messages import Part, TextPart

from .talk import ADA, Talk

NOW = datetime.now(UTC)


async def hits(store: ConversationStore, query: str, owner: str = ADA, **kwargs: Any) -> Sequence[SearchHit]:
    return (await store.search(owner, parse(query, datetime.now(UTC)), **kwargs)).items


async def found(store: ConversationStore, query: str, **kwargs: Any) -> list[str]:
    """What was found, as its snippets without the marks."""
    return [hit.snippet.replace("<mark>", "").replace("</mark>", "") for hit in await hits(store, query, **kwargs)]


async def say(talk: Talk, *said: str | Part, **kwargs: Any) -> str:
    """One message of the user's, at the root."""
    parts = tuple(TextPart(text=part) if isinstance(part, str) else part for part in said)
    new = NewMessage(**{"client_request_id": new_id(), "parent_id": None, "role": "user", "parts": parts, **kwargs})
    return (await talk.store.add_message(ADA, talk.id, new)).id


def everything(c: Any) -> Any:
    """The whole index: what each entry holds, and what the full text itself says."""
    rows = c.execute(select(search_entries)).all()
    entries = sorted((row.subject, row.piece, index.unpacked(row.terms)) for row in rows)
    waiting = c.execute(select(search_stale.c.id)).scalars().all()
    if c.dialect.name == "postgresql":
        return entries, sorted((row.subject, row.piece, row.vector) for row in rows), waiting
    subjects = {row.id: (row.subject, row.piece) for row in rows}
    c.exec_driver_sql(f"CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, {WORDS}, 'instance')")
    words = sorted((*subjects[row.doc], row.term, row.col, row.offset) for row in c.exec_driver_sql("SELECT * FROM temp.words"))
    c.exec_driver_sql("DROP TABLE temp.words")
    return entries, words, waiting
