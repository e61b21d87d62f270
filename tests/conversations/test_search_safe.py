"""The index never costs what is being written; what is broken of it is seen, said and made anew from what is stored."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from llmhub.conversations.copies import CopyDraft
from llmhub.conversations.search import entries, index, words
from llmhub.conversations.search.direct import Direct
from llmhub.conversations.search.query import parse
from llmhub.conversations.search.words import Terms
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import messages, parts, search_backlog, search_entries
from llmhub.ids import new_id

from .finding import NOW, everything, hits, say
from .talk import ADA, Talk

DAMAGE: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "DELETE FROM search_words_data",
        "UPDATE search_words_data SET block = x'00'",
        "DROP TABLE search_words_data",
        "DROP TABLE search_words_config",
        "DROP TABLE search_words",
        "UPDATE search_entries SET terms = x'00'",
        "DROP TABLE search_entries",
        "DROP TABLE search_stale",
        "DROP TRIGGER search_parts_insert",
    ),
    "postgresql": (
        "UPDATE search_entries SET terms = 'x'",
        "ALTER TABLE search_entries DROP COLUMN vector",
        "DROP TABLE search_entries",
        "DROP TABLE search_stale",
        "DROP FUNCTION search_stale_new_message_id CASCADE",
    ),
}


@pytest.mark.parametrize(("url", "damage"), [(kind, damage) for kind, ways in DAMAGE.items() for damage in ways], indirect=["url"])
async def test_a_damaged_index_costs_no_message_and_is_made_anew(
    url: str, open_store: Callable[[str], ConversationStore], damage: str
) -> None:
    talk = await Talk.begin(open_store(url), title="Tides")
    await say(talk, "an old tide")
    await talk.store.database.write(lambda c: c.exec_driver_sql(damage) and None)
    said = await say(talk, "a new tide")
    assert (await talk.store.message(ADA, said)).parts, "it is stored"

    later = open_store(url)  # another server, which knows of nothing
    await later.search(ADA, parse("tide", NOW))
    await later.index_backlog()
    assert [hit.message_id for hit in await hits(later, "new tide")] == [said]
    assert len(await hits(later, "tide")) == 3
    written = await later.database.write(everything)
    await later.database.write(index.rebuild)
    assert written == await later.database.write(everything)


async def test_a_search_in_a_damaged_index_finds_what_is_there_again_and_says_so(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    store = talk.store
    for number in range(3):
        await say(talk, f"tide {number}")
    await store.index_backlog()
    await store.database.write(lambda c: c.exec_driver_sql("DROP TABLE search_entries") and None)
    assert "not found yet" not in caplog.text, "nothing was said"
    found = await store.search(ADA, parse("tide", NOW))
    assert [note.code for note in found.notes] == ["remade"]
    await store.index_backlog()
    found = await store.search(ADA, parse("tide", NOW))
    assert (len(found.items), found.notes, store.unindexed) == (3, (), 0)


async def test_what_cannot_be_taken_apart_is_stored_and_everything_else_found(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def terms(text: str) -> Terms:
        if "odd" in text:
            raise RecursionError
        return words.terms(text)

    monkeypatch.setattr(entries, "terms", terms)
    await talk.store.update(ADA, talk.id, {"title": "odd tide"})
    said = await say(talk, "an odd tide"), await say(talk, "an even tide")
    assert [hit.message_id for hit in await hits(talk.store, "tide")] == [said[1]]
    assert "odd" not in caplog.text.replace("test_what", ""), "what was said is not in the log"


async def test_without_its_stemmer_words_are_found_as_they_stand(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "Stemmer", None)
    caches: tuple[Any, ...] = (words._stemmer, words._stems)  # pyright: ignore[reportPrivateUsage]
    for cache in caches:
        cache.cache_clear()
    try:
        await say(talk, "the tides")
        assert len(await hits(talk.store, "tides")) == len(await hits(talk.store, "tid")) == 1
    finally:
        for cache in caches:
            cache.cache_clear()


async def test_what_the_database_refuses_of_one_message_keeps_no_other_from_being_found(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put = index.put

    def refuse(direct: Any, new: Any, **around: Any) -> None:
        if any(" odd " in f" {entry.stream} " for _, entry, _ in new):
            raise ValueError("no")
        put(direct, new, **around)

    monkeypatch.setattr(index, "put", refuse)
    with caplog.at_level(logging.CRITICAL):
        odd, even = await say(talk, "an odd tide"), await say(talk, "an even tide")
        await talk.store.index_backlog()
    assert [hit.message_id for hit in await hits(talk.store, "tide")] == [even]
    assert (await talk.store.message(ADA, odd)).parts
    assert not await talk.store.database.read(index.backlog)


async def test_two_servers_index_one_database_while_one_of_them_writes(
    url: str, open_store: Callable[[str], ConversationStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_FEW", 7)
    one, other = open_store(url), open_store(url)
    talk = await Talk.begin(one)
    ids = [new_id() for _ in range(60)]

    def old(c: Any) -> None:
        said = {"conversation_id": talk.id, "role": "user", "status": "complete", "created_at": NOW}
        c.execute(insert(messages), [{"id": id, **said} for id in ids])
        body = {"type": "text", "text": "an old tide"}
        c.execute(insert(parts), [{"message_id": id, "idx": 0, "type": "text", "body": body} for id in ids])
        c.exec_driver_sql("DELETE FROM search_stale")
        c.execute(insert(search_backlog), [{"id": id} for id in ids])

    await one.database.write(old)
    assert await one.database.read(index.backlog) == 60
    await asyncio.gather(one.index_backlog(), other.index_backlog(), *(say(talk, "a new tide") for _ in range(5)))
    assert len(await hits(one, "tide", limit=100)) == len(await hits(other, "tide", limit=100)) == 65
    written = await one.database.write(everything)
    await one.database.write(index.rebuild)
    assert written == await one.database.write(everything)


async def test_an_entry_that_its_index_does_not_show_is_replaced_and_nothing_else(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = talk.store
    said = [await say(talk, "a high tide"), await say(talk, "a low tide")]
    before = await store.database.write(everything)
    known = index.late

    def blind(direct: Direct, most: int) -> Any:
        """As with a damaged index of the table: what each has is not seen, nor which ids are taken."""
        rows, last = known(direct, most)
        return [row._replace(held=()) for row in rows], dict.fromkeys(last, min(last) * entries.BLOCK - 1)

    monkeypatch.setattr(index, "late", blind)
    await store.database.write(lambda c: c.execute(insert(search_backlog), [{"id": said[0]}]) and None)
    await store.index_backlog()
    assert "they are replaced" in caplog.text and "damaged" not in caplog.text
    assert {hit.message_id for hit in await hits(store, "tide")} == set(said)
    assert await store.database.write(everything) == before and not store.unindexed


async def test_a_conversation_whose_entries_are_damaged_is_copied_and_its_log_says_why(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    said = await say(talk, "a high tide")
    await talk.store.database.write(lambda c: c.execute(update(search_entries).values(terms=b"x")) and None)
    await talk.store.copy(ADA, talk.id, CopyDraft(client_request_id=new_id(), at=said))
    assert "cannot be copied" in caplog.text and "zlib" in caplog.text
    held = await talk.store.database.read(lambda c: list(c.execute(select(search_entries.c.terms)).scalars()))
    assert [index.unpacked(terms)[0] for terms in held if terms != b"x"] == ["a high tide"], "the copy's is made from its text"
