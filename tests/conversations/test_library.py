from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest

from llmhub.conversations.store import ConversationStore
from llmhub.errors import Invalid, Malformed, NotFound
from llmhub.ids import new_id
from llmhub.messages import Status

from .talk import ADA, BOB, Talk, draft, outcome

NOBODYS = "01a1faee-24e7-7249-9e7e-006c67f7ff97"
"""An id of the right form that no thing has."""


async def titles(store: ConversationStore, **asked: Any) -> list[str | None]:
    return [conversation.title for conversation in (await store.list(ADA, **asked)).items]


async def test_a_new_conversation_has_what_it_was_given_and_nothing_else(store: ConversationStore) -> None:
    made = await store.create(ADA, title="Tides", model="lab/qwen3")
    assert (made.title, made.model, made.head_id, made.tags, made.params) == ("Tides", "lab/qwen3", None, (), {})
    assert not (made.pinned or made.archived or made.temporary or made.running)
    assert made.created_at == made.updated_at and made.created_at.tzinfo is UTC
    assert await store.get(ADA, made.id) == made
    assert (await store.path(ADA, made.id)).items == []


async def test_the_same_request_makes_one_conversation(
    store: ConversationStore, url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    other = open_store(url)
    for temporary in (False, True):
        request = new_id()
        servers = (store,) if temporary else (store, other)
        asked = [server.create(ADA, client_request_id=request, temporary=temporary) for server in servers * 3]
        made = await asyncio.gather(*asked)
        assert len({conversation.id for conversation in made}) == 1 and made[0].temporary is temporary
        assert (await store.create(BOB, client_request_id=request)).id != made[0].id
    assert len((await store.list(ADA)).items) == 1
    await store.create(ADA), await store.create(ADA)
    assert len((await store.list(ADA)).items) == 3
    with pytest.raises(Invalid):
        await store.create(ADA, client_request_id="")


@pytest.mark.parametrize("status", ["complete", "failed", "interrupted", "stopped"])
async def test_a_conversation_is_unread_from_the_end_of_an_answer_until_somebody_says_otherwise(talk: Talk, status: Status) -> None:
    run = await talk.ask()
    assert not (await talk.store.get(ADA, talk.id)).unread
    await talk.store.finish_run(run.id, outcome(status=status))
    [listed] = (await talk.store.list(ADA)).items
    assert listed.unread is (status != "stopped"), "who stops an answer has seen it"
    assert not (await talk.store.update(ADA, talk.id, {"unread": False})).unread
    assert (await talk.store.update(ADA, talk.id, {"unread": True})).unread
    assert (await talk.store.get(ADA, talk.id)).updated_at == listed.updated_at


async def test_every_change_that_the_contract_names_is_kept(talk: Talk) -> None:
    answer = await talk.turn()
    changes = {
        "title": "Ebb & flow ☾",
        "head_id": answer,
        "tags": ["sea", " moon ", "sea"],
        "pinned": True,
        "archived": True,
        "model": "lab/x",
        "params": {"temperature": 0.25, "stop": ["\n"], "deep": {"none": None}},
        "folder_id": None,
    }
    changed = await talk.store.update(ADA, talk.id, changes)
    assert changed == await talk.store.get(ADA, talk.id)
    assert changed.model_dump(include=set(changes)) == changes | {"tags": ("moon", "sea")}


async def test_a_change_touches_only_what_it_names(talk: Talk) -> None:
    await talk.store.update(ADA, talk.id, {"title": "One", "tags": ["a"], "params": {"seed": 1}})
    changed = await talk.store.update(ADA, talk.id, {"pinned": True})
    assert (changed.title, changed.tags, changed.params, changed.pinned) == ("One", ("a",), {"seed": 1}, True)
    cleared = await talk.store.update(ADA, talk.id, {"title": None, "tags": []})
    assert (cleared.title, cleared.tags, cleared.params) == (None, (), {"seed": 1})
    assert await talk.store.update(ADA, talk.id, {}) == cleared


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"titel": "x"}, "titel"),
        ({"title": 3}, "title"),
        ({"title": "x" * 1001}, "title"),
        ({"title": "nul\0"}, "title"),
        ({"title": "half \ud800"}, "title"),
        ({"head_id": None}, "head_id"),
        ({"head_id": 1}, "head_id"),
        ({"tags": "sea"}, "tags"),
        ({"tags": [1]}, "tags.0"),
        ({"tags": [" "]}, "tags.0"),
        ({"tags": [str(n) for n in range(101)]}, "tags"),
        ({"tags": None}, "tags"),
        ({"pinned": "yes"}, "pinned"),
        ({"pinned": 1}, "pinned"),
        ({"archived": None}, "archived"),
        ({"model": []}, "model"),
        ({"params": []}, "params"),
        ({"params": {"n": 2**70}}, "params"),
        ({"params": {"s": "half \ud800"}}, "params"),
    ],
)
async def test_a_change_that_means_nothing_names_the_field_and_changes_nothing(
    talk: Talk, changes: dict[str, Any], field: str
) -> None:
    before = await talk.store.get(ADA, talk.id)
    with pytest.raises(Invalid) as caught:
        await talk.store.update(ADA, talk.id, {"archived": True} | changes)
    assert list(caught.value.details["errors"]) == [field]
    assert field in caught.value.message
    assert await talk.store.get(ADA, talk.id) == before


async def test_a_folder_that_does_not_exist_is_not_found(talk: Talk) -> None:
    with pytest.raises(NotFound):
        await talk.store.update(ADA, talk.id, {"folder_id": new_id()})
    with pytest.raises(NotFound):
        await talk.store.create(ADA, folder_id=new_id())
    assert len((await talk.store.list(ADA)).items) == 1


async def test_the_conversation_with_the_newest_turn_comes_first(store: ConversationStore) -> None:
    talks = [await Talk.begin(store, title=title) for title in "abc"]
    assert await titles(store) == ["c", "b", "a"]
    await talks[0].turn()
    assert await titles(store) == ["a", "c", "b"]
    await store.update(ADA, talks[1].id, {"title": "B", "pinned": True})
    assert await titles(store) == ["a", "c", "B"], "renaming and pinning do not move it"


async def test_a_list_can_be_narrowed(store: ConversationStore) -> None:
    for title, changes in {"a": {"tags": ["x"]}, "b": {"pinned": True}, "c": {"archived": True, "tags": ["x", "y"]}}.items():
        await store.update(ADA, (await store.create(ADA, title=title)).id, changes)
    assert await titles(store, tag="x") == ["c", "a"]
    assert await titles(store, tag="x", archived=False) == ["a"]
    assert await titles(store, pinned=True) == ["b"]
    assert await titles(store, pinned=False) == ["c", "a"]
    assert await titles(store, archived=True) == ["c"]
    assert await titles(store, folder_id=new_id()) == []
    assert await titles(store, tag="\0") == await titles(store, query="\ud800") == []


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Übersicht", "üBER"),
        ("100% sure", "0% S"),
        ("snake_case", "e_c"),
        ("a/b\\c", "/B\\"),
        ("Straße", "STRASSE"),
        ("Ａ１", "a1"),
    ],
)
async def test_titles_are_found_without_case_and_as_they_are_written(store: ConversationStore, title: str, query: str) -> None:
    await store.create(ADA, title="something else")
    await store.create(ADA)
    await store.create(ADA, title=title)
    assert await titles(store, query=query) == [title]


async def test_wildcards_in_a_query_are_plain_characters(store: ConversationStore) -> None:
    await store.create(ADA, title="plain")
    for query in ("%", "_", "p%n", "\\", "x" * 100_000):
        assert await titles(store, query=query) == []


async def test_pages_neither_repeat_nor_lose_when_others_are_added(store: ConversationStore) -> None:
    for n in range(7):
        await store.create(ADA, title=str(n))
    first = await store.list(ADA, limit=3)
    await store.create(ADA, title="new")
    second = await store.list(ADA, limit=3, cursor=first.next)
    third = await store.list(ADA, limit=3, cursor=second.next)
    assert [c.title for page in (first, second, third) for c in page.items] == ["6", "5", "4", "3", "2", "1", "0"]
    assert third.next is None


async def test_the_last_page_that_is_full_has_no_next(store: ConversationStore) -> None:
    for n in range(2):
        await store.create(ADA, title=str(n))
    assert (await store.list(ADA, limit=2)).next is None


@pytest.mark.parametrize("cursor", ["", "x", "!!", "bnVsbA", "WzFd", "WyJhIiwiYiJd", "é", "WyJhIl0", "WyIyMDI2LTAxLTAxIiwiYiJd"])
async def test_a_broken_cursor_is_malformed(talk: Talk, cursor: str) -> None:
    await talk.turn()
    with pytest.raises(Malformed):
        await talk.store.list(ADA, cursor=cursor)
    with pytest.raises(Malformed):
        await talk.store.path(ADA, talk.id, cursor=cursor)


async def test_a_limit_below_one_is_invalid_and_a_huge_one_is_fine(talk: Talk) -> None:
    for limit in (0, -1):
        with pytest.raises(Invalid):
            await talk.store.list(ADA, limit=limit)
    assert len((await talk.store.list(ADA, limit=10**30)).items) == 1


async def test_a_list_says_which_conversations_are_being_answered(talk: Talk) -> None:
    run = await talk.ask()
    assert (await talk.store.list(ADA)).items[0].running
    await talk.store.finish_run(run.id, outcome())
    assert not (await talk.store.list(ADA)).items[0].running


async def test_what_is_deleted_is_gone_with_its_messages_and_runs(talk: Talk) -> None:
    run = await talk.ask()
    await talk.store.update(ADA, talk.id, {"tags": ["a"]})
    await talk.store.delete(ADA, talk.id)
    for gone in (
        talk.store.get(ADA, talk.id),
        talk.store.path(ADA, talk.id),
        talk.store.message(ADA, run.message_id),
        talk.store.run(ADA, run.id),
        talk.store.delete(ADA, talk.id),
    ):
        with pytest.raises(NotFound):
            await gone
    assert (await talk.store.list(ADA)).items == []
    assert not await talk.store.finish_run(run.id, outcome()), "the run finds nothing left to write to"


async def test_a_very_deep_conversation_can_be_deleted(talk: Talk) -> None:
    from sqlalchemy import insert

    from llmhub.conversations.tables import messages

    ids = [new_id() for _ in range(3000)]
    now = (await talk.store.get(ADA, talk.id)).created_at
    rows = [
        {"id": id, "conversation_id": talk.id, "parent_id": parent, "role": "user", "status": "complete", "created_at": now}
        for id, parent in zip(ids, [None, *ids], strict=False)
    ]
    await talk.store.database.write(lambda c: c.execute(insert(messages), rows))
    assert len((await talk.store.path(ADA, talk.id, leaf=ids[-1])).items) == 3000
    await talk.store.delete(ADA, talk.id)
    assert (await talk.store.list(ADA)).items == []


async def test_another_principal_finds_nothing_anywhere(talk: Talk) -> None:
    store, run = talk.store, await talk.ask()
    assert (await store.list(BOB)).items == []
    assert (await store.list_runs(BOB)).items == []
    for attempt in (
        lambda: store.get(BOB, talk.id),
        lambda: store.update(BOB, talk.id, {"title": "mine"}),
        lambda: store.delete(BOB, talk.id),
        lambda: store.path(BOB, talk.id),
        lambda: store.path(BOB, talk.id, leaf=run.message_id),
        lambda: store.tree(BOB, talk.id),
        lambda: store.message(BOB, run.message_id),
        lambda: store.begin_run(BOB, draft(talk.id)),
        lambda: store.run(BOB, run.id),
        lambda: store.list_runs(BOB, conversation_id=talk.id),
    ):
        with pytest.raises(NotFound):
            await attempt()
    assert await store.tree(ADA, talk.id) and (await store.get(ADA, talk.id)).title is None


@pytest.mark.parametrize("id", ["", "x", "\0", "\ud800", "%", "0" * 36, NOBODYS + " ", NOBODYS])
async def test_an_id_of_no_thing_or_no_form_is_not_found(talk: Talk, id: str) -> None:
    store = talk.store
    for attempt in (
        lambda: store.get(ADA, id),
        lambda: store.update(ADA, id, {}),
        lambda: store.delete(ADA, id),
        lambda: store.path(ADA, id),
        lambda: store.path(ADA, talk.id, leaf=id),
        lambda: store.tree(ADA, id),
        lambda: store.message(ADA, id),
        lambda: store.begin_run(ADA, draft(id)),
        lambda: store.begin_run(ADA, draft(talk.id, id)),
        lambda: store.run(ADA, id),
        lambda: store.run_log(id),
        lambda: store.list_runs(ADA, conversation_id=id),
    ):
        with pytest.raises(NotFound):
            await attempt()
