"""Where titles stand in a list, and how they are found, on both databases and however they were given."""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy import select

from llmhub.conversations.copies import CopyDraft
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import conversations
from llmhub.conversations.titles import order, titled
from llmhub.ids import new_id

from .talk import ADA, Talk

ORDERED = (
    *("“7” dwarfs", "9 lives", "123", "apfel", "Äpfel", "apfelsine", "C", "C#", "C++", "Chapter 2", "chapter 10", "[done] tides"),
    *("Éclair", "Łódź", "Lublin", "Ørsted", "OS", "🙂 smile", "Straße", "Z", "Ω", "日本", None),
)


async def titles(store: ConversationStore, **asked: Any) -> list[str | None]:
    return [conversation.title for conversation in (await store.list(ADA, sort="title", **asked)).items]


def test_titles_stand_as_in_a_dictionary() -> None:
    mixed = random.Random(1).sample(ORDERED, len(ORDERED))
    assert tuple(sorted(mixed, key=order)) == ORDERED
    assert len(order("ﷺ" * 1000)) < 150  # a cursor holds it


async def test_databases_put_titles_in_the_same_order_page_after_page(store: ConversationStore) -> None:
    for title in random.Random(2).sample(ORDERED, len(ORDERED)):
        await store.create(ADA, title=title)
    found: list[str | None] = []
    cursor = None
    while True:
        page = await store.list(ADA, sort="title", pinned_first=True, archived=False, limit=5, cursor=cursor)
        found += [one.title for one in page.items]
        if (cursor := page.next) is None:
            break
        await store.create(ADA, title="00 comes while somebody turns pages")
    assert tuple(found) == ORDERED


async def test_however_a_title_was_given_it_is_found_and_in_its_place(store: ConversationStore) -> None:
    talk = await Talk.begin(store)
    assert await titles(store) == [None]
    await talk.ask(title="Ebb and flow")  # its first words
    assert await titles(store, query="EBB") == ["Ebb and flow"]
    made = await store.create(ADA, title="Élan")
    await store.copy(ADA, made.id, CopyDraft(client_request_id=new_id()))
    assert await store.retitle(ADA, made.id, "Élan", "Éclat")
    await store.update(ADA, (await store.create(ADA)).id, {"title": "Zest"})
    assert await titles(store) == ["Ebb and flow", "Éclat", "Élan (copy)", "Zest"]

    def written(c: Any) -> list[Any]:
        return c.execute(select(*(conversations.c[name] for name in titled("")))).all()

    for row in await store.database.read(written):
        assert row._asdict() == titled(row.title)
