from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from llmhub.conversations.store import ConversationStore
from llmhub.errors import Conflict, Invalid, NotFound
from llmhub.ids import new_id
from llmhub.messages import ErrorInfo, TextPart

from .talk import ADA, BOB, Talk, draft, outcome


async def test_a_run_is_written_down_before_it_starts(talk: Talk) -> None:
    wanted = draft(talk.id, params={"temperature": 0.5})
    record, started, _ = await talk.store.begin_run(ADA, wanted)
    assert started
    assert record == await talk.store.run(ADA, wanted.run_id)
    assert (record.id, record.owner, record.conversation_id, record.process_id) == (wanted.run_id, ADA, talk.id, "process-1")
    assert (record.user_message_id, record.message_id) == (wanted.user_message_id, wanted.message_id)
    assert (record.status, record.model, record.params, record.first_part) == ("running", "demo/plain", {"temperature": 0.5}, 0)
    assert (record.last_seq, record.error, record.finished_at) == (0, None, None)
    assert await talk.store.run_log(record.id) == b""
    assert await talk.head() == wanted.message_id


async def test_a_finished_run_leaves_what_was_said_and_how_it_ended(talk: Talk) -> None:
    run = await talk.ask()
    ended = outcome("So far", status="failed", finish_reason="error", error=ErrorInfo(code="unavailable", message="gone"))
    assert await talk.store.finish_run(run.id, ended)
    record = await talk.store.run(ADA, run.id)
    assert (record.status, record.error, record.last_seq) == ("failed", ended.error, 4)
    assert record.finished_at and record.finished_at >= record.created_at
    assert await talk.store.run_log(run.id) == b"log"
    answer = await talk.store.message(ADA, run.message_id)
    assert (answer.status, answer.finish_reason, answer.error, answer.usage) == ("failed", "error", ended.error, ended.usage)
    assert answer.parts == ended.parts


async def test_a_model_that_took_over_is_remembered(talk: Talk) -> None:
    run = await talk.ask()
    await talk.store.finish_run(run.id, outcome(model="other/model"))
    assert (await talk.store.message(ADA, run.message_id)).model == "other/model"
    assert (await talk.store.run(ADA, run.id)).model == "other/model"


async def test_the_first_end_counts(talk: Talk) -> None:
    run = await talk.ask()
    assert await talk.store.finish_run(run.id, outcome("mine"))
    assert not await talk.store.finish_run(run.id, outcome("late", status="interrupted"))
    assert await talk.texts() == ["Why?", "mine"]


async def test_an_end_leaves_the_head_where_the_user_went(talk: Talk) -> None:
    first = await talk.turn()
    run = await talk.ask(first)
    await talk.store.update(ADA, talk.id, {"head_id": run.message_id})
    other = await talk.turn(first, "another")
    await talk.store.finish_run(run.id, outcome())
    assert await talk.head() == other


async def test_answering_again_adds_a_sibling(talk: Talk) -> None:
    first = await talk.ask()
    await talk.store.finish_run(first.id, outcome("one"))
    again = await talk.ask(first.user_message_id, None)
    assert again.user_message_id == first.user_message_id
    await talk.store.finish_run(again.id, outcome("two"))
    assert await talk.texts() == ["Why?", "two"]
    assert await talk.texts(leaf=first.message_id) == ["Why?", "one"]


async def test_several_runs_may_answer_one_message_at_once(talk: Talk) -> None:
    first = await talk.ask()
    second = await talk.ask(first.user_message_id, None, model="demo/other")
    answer = await talk.store.message(ADA, second.message_id)
    assert answer.sibling_ids == (first.message_id, second.message_id)
    assert {run.id for run in (await talk.store.list_runs(ADA, active=True)).items} == {first.id, second.id}


async def test_a_continuation_goes_on_in_the_same_message(talk: Talk) -> None:
    first = await talk.ask()
    await talk.store.finish_run(first.id, outcome("Be", status="interrupted", finish_reason="interrupted"))
    more = await talk.ask(None, None, message_id=first.message_id, continues=True)
    assert (more.first_part, more.user_message_id, more.message_id) == (1, first.user_message_id, first.message_id)
    running = await talk.store.message(ADA, first.message_id)
    assert (running.status, running.finish_reason, running.run_id) == ("running", None, more.id)
    assert running.parts == (TextPart(text="Be"),), "what was said stays while it goes on"
    await talk.store.finish_run(more.id, outcome(parts=(TextPart(text="Be"), TextPart(text="cause."))))
    assert await talk.texts() == ["Why?", "Because."]
    assert await talk.head() == first.message_id


async def test_continuing_what_is_still_being_written_is_a_conflict(talk: Talk) -> None:
    run = await talk.ask()
    with pytest.raises(Conflict):
        await talk.ask(None, None, message_id=run.message_id, continues=True)


async def test_a_question_after_an_answer_that_is_being_written_is_a_conflict(talk: Talk) -> None:
    run = await talk.ask()
    with pytest.raises(Conflict):
        await talk.ask(run.message_id, "And?")
    assert len(await talk.store.tree(ADA, talk.id)) == 2


@pytest.mark.parametrize("parent", ["answer", "nothing"])
async def test_only_a_users_message_can_be_answered_again(talk: Talk, parent: str) -> None:
    answer = await talk.turn()
    with pytest.raises(Invalid):
        await talk.ask(answer if parent == "answer" else None, None)


async def test_only_an_answer_can_be_continued(talk: Talk) -> None:
    run = await talk.ask()
    await talk.store.finish_run(run.id, outcome())
    with pytest.raises(Invalid):
        await talk.ask(None, None, message_id=run.user_message_id, continues=True)
    with pytest.raises(NotFound):
        await talk.ask(None, None, continues=True)


async def test_a_parent_in_another_conversation_is_not_found(talk: Talk) -> None:
    elsewhere = await (await Talk.begin(talk.store)).turn()
    with pytest.raises(NotFound):
        await talk.ask(elsewhere)
    assert await talk.store.tree(ADA, talk.id) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_request_id": ""}, "client_request_id"),
        ({"client_request_id": "x" * 256}, "client_request_id"),
        ({"client_request_id": "\0"}, "client_request_id"),
        ({"params": {"seed": 2**70}}, "params"),
        ({"model": "\ud800"}, "model"),
        ({"user_parts": ()}, "message"),
    ],
)
async def test_a_request_that_cannot_be_stored_says_why(talk: Talk, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await talk.ask(**changes)
    assert list(caught.value.details["errors"]) == [field]


async def test_the_same_request_twice_is_one_run(talk: Talk) -> None:
    record, *_ = await talk.store.begin_run(ADA, draft(talk.id, client_request_id="once"))
    again, started, _ = await talk.store.begin_run(ADA, draft(talk.id, client_request_id="once"))
    assert (again, started) == (record, False)
    await talk.store.finish_run(record.id, outcome())
    late, started, _ = await talk.store.begin_run(ADA, draft(talk.id, client_request_id="once"))
    assert (late.id, late.status, started) == (record.id, "complete", False)
    assert len(await talk.store.tree(ADA, talk.id)) == 2


async def test_an_id_that_is_taken_is_a_conflict_and_leaves_nothing(talk: Talk) -> None:
    first = await talk.ask()
    for taken in ({"message_id": first.message_id}, {"run_id": first.id}, {"user_message_id": first.user_message_id}):
        with pytest.raises(Conflict):
            await talk.ask(**taken)
    assert len(await talk.store.tree(ADA, talk.id)) == 2
    assert await talk.store.unfinished_runs() == [first]


async def test_two_principals_may_use_the_same_request_id(talk: Talk) -> None:
    mine = await talk.ask(client_request_id="once")
    theirs = await talk.store.create(BOB)
    record, started, _ = await talk.store.begin_run(BOB, draft(theirs.id, client_request_id="once"))
    assert started and record.id != mine.id


@pytest.mark.parametrize("conversations", [1, 2])
async def test_the_same_request_at_once_on_two_servers_is_one_run(
    url: str, open_store: Callable[[str], ConversationStore], conversations: int
) -> None:
    stores = [open_store(url), open_store(url)]
    ids = [(await Talk.begin(stores[0])).id for _ in range(conversations)]
    for _ in range(10):
        request = new_id()
        begun = await asyncio.gather(
            *(stores[n % 2].begin_run(ADA, draft(ids[n % conversations], client_request_id=request)) for n in range(6))
        )
        assert len({record.id for record, *_ in begun}) == 1
        assert sum(started for _, started, _ in begun) == 1
    assert sum([len(await stores[0].tree(ADA, id)) for id in ids]) == 20


async def test_one_message_is_continued_once_by_two_servers(url: str, open_store: Callable[[str], ConversationStore]) -> None:
    stores = [open_store(url), open_store(url)]
    answer = await (talk := await Talk.begin(stores[0])).turn()
    attempts = [store.begin_run(ADA, draft(talk.id, text=None, message_id=answer, continues=True)) for store in stores * 3]
    ends = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(end, tuple) for end in ends) == 1
    assert sum(isinstance(end, Conflict) for end in ends) == 5


async def test_a_conversation_deleted_while_its_runs_end_leaves_nothing(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    stores = [open_store(url), open_store(url)]
    for _ in range(5):
        talk = await Talk.begin(stores[0])
        runs = [await talk.ask() for _ in range(3)]
        ends = [store.finish_run(run.id, outcome()) for store, run in zip(stores + stores, runs, strict=False)]
        await asyncio.gather(ends[0], stores[1].delete(ADA, talk.id), *ends[1:])
    assert await stores[0].unfinished_runs() == []
    assert (await stores[0].list_runs(ADA)).items == []


async def test_runs_are_listed_newest_first_in_pages(talk: Talk) -> None:
    runs = [await talk.ask() for _ in range(5)]
    for run in runs[:2]:
        await talk.store.finish_run(run.id, outcome())
    first = await talk.store.list_runs(ADA, limit=3)
    second = await talk.store.list_runs(ADA, limit=3, cursor=first.next)
    assert [run.id for run in first.items + second.items] == [run.id for run in reversed(runs)]
    assert second.next is None
    assert len((await talk.store.list_runs(ADA, active=True)).items) == 3
    assert len((await talk.store.list_runs(ADA, active=False)).items) == 2
    other = await Talk.begin(talk.store)
    assert (await talk.store.list_runs(ADA, conversation_id=other.id)).items == []


async def test_runs_that_have_not_ended_are_found_whoever_owns_them(talk: Talk) -> None:
    mine = await talk.ask(process_id="process-1")
    await talk.turn()
    theirs, *_ = await talk.store.begin_run(BOB, draft((await talk.store.create(BOB)).id, process_id="process-2"))
    assert await talk.store.unfinished_runs() == [mine, theirs]


async def test_a_process_says_that_it_is_alive(store: ConversationStore) -> None:
    assert await store.last_beat("process-1") is None
    at = datetime(2026, 11, 20, 23, 59, 59, 999_999, tzinfo=UTC)
    await store.beat("process-1", at=at)
    await store.beat("process-2", at=at - timedelta(days=1))
    assert await store.last_beat("process-1") == at
    await store.beat("process-1", at=at + timedelta(seconds=5))
    assert await store.last_beat("process-1") == at + timedelta(seconds=5)
