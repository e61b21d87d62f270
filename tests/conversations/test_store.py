from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from llmhub.conversations.store import ConversationStore
from llmhub.errors import NotFound

from .talk import ADA, BOB, Talk, draft, outcome


async def test_a_temporary_conversation_works_like_any_other(store: ConversationStore) -> None:
    talk = await Talk.begin(store, temporary=True, title="Secret")
    first = await talk.ask(text="psst")
    assert (await store.get(ADA, talk.id)).running and (await store.get(ADA, talk.id)).temporary
    await store.finish_run(first.id, outcome("yes?"))
    again = await talk.ask(first.user_message_id, None)
    await store.finish_run(again.id, outcome("yes!"))
    assert await talk.texts() == ["psst", "yes!"]
    assert (await store.update(ADA, talk.id, {"head_id": first.message_id, "tags": ["x"]})).tags == ("x",)
    assert await talk.texts() == ["psst", "yes?"]
    assert (await store.message(ADA, first.message_id)).sibling_ids == (first.message_id, again.message_id)
    assert (await store.run(ADA, again.id)).status == "complete" and await store.run_log(again.id) == b"log"
    assert len(await store.tree(ADA, talk.id)) == 3
    assert len((await store.list_runs(ADA, conversation_id=talk.id)).items) == 2
    with pytest.raises(NotFound):
        await store.get(BOB, talk.id)


async def test_a_temporary_conversation_is_in_no_list(store: ConversationStore) -> None:
    talk = await Talk.begin(store, temporary=True, title="Secret")
    await store.update(ADA, talk.id, {"tags": ["x"], "pinned": True})
    run = await talk.ask()
    assert (await store.list(ADA)).items == (await store.list(ADA, tag="x")).items == []
    assert (await store.list(ADA, query="secret")).items == []
    assert (await store.list_runs(ADA)).items == [] and await store.unfinished_runs() == []
    assert store.is_temporary(talk.id) and store.is_temporary(run.id) and store.is_temporary(run.message_id)


async def test_a_temporary_conversation_never_reaches_the_disk(
    tmp_path: Path, open_store: Callable[[str], ConversationStore]
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'llmhub.db'}")
    await store.open()
    talk = await Talk.begin(store, temporary=True, title="zebra-title")
    run = await talk.ask(text="zebra-question")
    await store.finish_run(run.id, outcome("zebra-answer"))
    await store.create(ADA, title="lion-title")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert b"lion" in stored and b"zebra" not in stored
    await store.aclose()
    assert b"zebra" not in (tmp_path / "data" / "llmhub.db").read_bytes()


async def test_a_temporary_conversation_is_gone_when_deleted_or_when_the_server_stops(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    store = open_store(url)
    talks = [await Talk.begin(store, temporary=True) for _ in range(2)]
    runs = [await talk.ask() for talk in talks]
    await store.delete(ADA, talks[0].id)
    for gone in (store.get(ADA, talks[0].id), store.message(ADA, runs[0].message_id), store.run(ADA, runs[0].id)):
        with pytest.raises(NotFound):
            await gone
    assert not store.is_temporary(runs[0].id) and store.is_temporary(runs[1].id)
    await store.aclose()
    with pytest.raises(NotFound):
        await open_store(url).get(ADA, talks[1].id)


async def test_recovery_sees_the_runs_of_everybody(talk: Talk) -> None:
    run = await talk.ask()
    assert await talk.store.run_of(run.id) == run
    with pytest.raises(NotFound):
        await talk.store.run_of(talk.id)


async def test_two_servers_on_one_database_see_each_others_work(url: str, open_store: Callable[[str], ConversationStore]) -> None:
    one, two = open_store(url), open_store(url)
    talk = await Talk.begin(one, title="Shared")
    answer = await talk.turn(text="from one")
    await Talk(two, talk.id).turn(answer, "from two", "yes")
    assert await talk.texts() == ["from one", "Because.", "from two", "yes"]
    await two.update(ADA, talk.id, {"title": "Renamed"})
    assert (await one.get(ADA, talk.id)).title == "Renamed"


async def test_many_turns_at_once_on_two_servers_all_arrive(url: str, open_store: Callable[[str], ConversationStore]) -> None:
    stores = [open_store(url), open_store(url)]
    talks = [await Talk.begin(stores[n % 2]) for n in range(4)]

    async def chat(n: int) -> None:
        head = None
        for turn in range(5):
            head = await Talk(stores[(n + turn) % 2], talks[n % 4].id).turn(head, f"{n}.{turn}", "ok")
            await stores[turn % 2].list(ADA)

    await asyncio.gather(*(chat(n) for n in range(12)))
    for talk in talks:
        nodes = await talk.store.tree(ADA, talk.id)
        assert len(nodes) == 3 * 5 * 2 and all(node.status == "complete" for node in nodes)
    assert await stores[0].unfinished_runs() == []


async def test_the_same_request_twice_is_one_run_in_a_temporary_conversation_too(store: ConversationStore) -> None:
    talk = await Talk.begin(store, temporary=True)
    again = [await store.begin_run(ADA, draft(talk.id, client_request_id="once")) for _ in range(2)]
    assert [started for _, started, _ in again] == [True, False]
    assert again[0][0].id == again[1][0].id
