"""Databases from before the search, and from before its entries had owners: opened at once, indexed behind."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, text

from llmhub.conversations.engine import make_engine, parse_url
from llmhub.conversations.migrate import OURS, History, upgrade
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import search_entries
from llmhub.ids import new_id

from .finding import hits


async def test_an_index_from_before_its_entries_had_owners_is_kept(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    talk, time = new_id(), "2026-01-01T00:00:00.000000Z"
    engine = make_engine(parse_url(url), lock_wait=5, for_migration=True)
    with engine.execution_options(writes=True).begin() as connection:
        upgrade(connection, History(OURS.revisions[: OURS.revisions.index("0011")], OURS.location), "here")
        connection.execute(
            text(
                "INSERT INTO conversations (id, owner, params, pinned, archived, created_at, updated_at)"
                " VALUES (:id, 'ada', '{}', false, false, :time, :time)"
            ),
            {"id": talk, "time": time},
        )
        for id, subject in ((1, talk), (2, new_id())):
            values = {"id": id, "subject": subject, "terms": b"kept"}
            connection.execute(
                text("INSERT INTO search_entries (id, subject, piece, terms) VALUES (:id, :subject, 0, :terms)"), values
            )
        connection.execute(text("DELETE FROM search_stale"))
    engine.dispose()
    store = open_store(url)
    await store.open()
    asked = select(search_entries.c.owner, search_entries.c.terms).order_by(search_entries.c.id)
    assert await store.database.read(lambda c: [tuple(row) for row in c.execute(asked)]) == [("ada", b"kept"), ("", b"kept")]


async def test_a_database_from_before_the_index_is_indexed_in_the_background(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    conversation, question, time = new_id(), new_id(), "2026-01-01T00:00:00.000000Z"
    engine = make_engine(parse_url(url), lock_wait=5, for_migration=True)
    with engine.execution_options(writes=True).begin() as connection:
        upgrade(connection, History(OURS.revisions[: OURS.revisions.index("0006")], OURS.location), "here")
        values = {"id": conversation, "message": question, "time": time, "body": '{"type": "text", "text": "an old tide"}'}
        for statement in (
            "INSERT INTO conversations (id, owner, title, head_id, params, pinned, archived, created_at, updated_at)"
            " VALUES (:id, 'ada', 'Tides', :message, '{}', false, false, :time, :time)",
            "INSERT INTO messages (id, conversation_id, role, status, created_at)"
            " VALUES (:message, :id, 'user', 'complete', :time)",
            "INSERT INTO parts (message_id, idx, type, body) VALUES (:message, 0, 'text', :body)",
        ):
            connection.execute(text(statement), values)
    engine.dispose()
    store = open_store(url)
    await store.open()
    assert not await hits(store, "tide"), "opening does not wait for the index"
    await store.index_backlog()
    assert {hit.message_id for hit in await hits(store, "tide")} == {question, None}
    assert store.unindexed == 0
