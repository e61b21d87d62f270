"""Branches made, taken away and brought back by hand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from llmhub.conversations.message_store import KEPT
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import NewMessage
from llmhub.errors import Conflict, Invalid, NotFound
from llmhub.ids import new_id
from llmhub.messages import TextPart

from .talk import ADA, BOB, Talk, draft, outcome


def new(text: str = "Better", parent_id: str | None = None, **changes: Any) -> NewMessage:
    plain = NewMessage(client_request_id=new_id(), parent_id=parent_id, role="user", parts=(TextPart(text=text),))
    return replace(plain, **changes)


async def parent_of(talk: Talk, message_id: str) -> str | None:
    return (await talk.store.message(ADA, message_id)).parent_id


# ---- saving


async def test_a_saved_question_is_a_branch_that_is_shown_and_nobody_is_asked(talk: Talk) -> None:
    first = await talk.turn()
    before = await talk.store.get(ADA, talk.id)
    saved = await talk.store.add_message(ADA, talk.id, new("Why not?"))
    question = await parent_of(talk, first)
    assert (saved.role, saved.status, saved.run_id, saved.model) == ("user", "complete", None, None)
    assert saved.sibling_ids == (question, saved.id)
    assert await talk.texts() == ["Why not?"]
    assert (await talk.store.get(ADA, talk.id)).updated_at > before.updated_at
    assert len((await talk.store.list_runs(ADA)).items) == 1


async def test_a_saved_answer_stands_beside_the_one_that_the_model_gave(talk: Talk) -> None:
    first = await talk.turn()
    question = await parent_of(talk, first)
    saved = await talk.store.add_message(ADA, talk.id, new("Edited.", question, role="assistant", model="demo/plain"))
    assert (saved.role, saved.model, saved.sibling_ids) == ("assistant", "demo/plain", (first, saved.id))
    assert await talk.texts() == ["Why?", "Edited."]
    await talk.turn(saved.id, "And then?")
    assert await talk.texts() == ["Why?", "Edited.", "And then?", "Because."]


async def test_the_same_request_saves_one_message(talk: Talk, url: str, open_store: Callable[[str], ConversationStore]) -> None:
    other = open_store(url)
    for _ in range(5):
        wanted = new()
        saved = await asyncio.gather(*(store.add_message(ADA, talk.id, wanted) for store in (talk.store, other) * 3))
        assert len({message.id for message in saved}) == 1
    assert len(await talk.store.tree(ADA, talk.id)) == 5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_request_id": ""}, "client_request_id"),
        ({"parts": ()}, "parts"),
        ({"model": "demo/plain"}, "model"),
        ({"finish_reason": "stop"}, "finish_reason"),
        ({"role": "assistant", "model": "\0"}, "model"),
        ({"role": "assistant"}, "parent_id"),
    ],
)
async def test_what_cannot_be_saved_says_why(talk: Talk, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        await talk.store.add_message(ADA, talk.id, new(**changes))
    assert list(caught.value.details["errors"]) == [field]


async def test_an_answer_answers_a_question_and_a_question_waits_for_the_answer_before_it(talk: Talk) -> None:
    run = await talk.ask()
    with pytest.raises(Conflict):
        await talk.store.add_message(ADA, talk.id, new(parent_id=run.message_id))
    with pytest.raises(Invalid):
        await talk.store.add_message(ADA, talk.id, new(parent_id=run.message_id, role="assistant"))
    saved = await talk.store.add_message(ADA, talk.id, new(parent_id=run.user_message_id, role="assistant"))
    assert saved.sibling_ids == (run.message_id, saved.id), "an answer may be edited while another one is written"


async def test_nothing_is_saved_in_what_is_somebody_elses_or_nowhere(talk: Talk) -> None:
    elsewhere = await (await Talk.begin(talk.store)).turn()
    for owner, conversation, parent in (
        (BOB, talk.id, None),
        (ADA, talk.id, elsewhere),
        (ADA, talk.id, new_id()),
        (ADA, "7", None),
    ):
        with pytest.raises(NotFound):
            await talk.store.add_message(owner, conversation, new(parent_id=parent))
    assert await talk.store.tree(ADA, talk.id) == []


# ---- deleting


async def test_what_was_deleted_is_nowhere(talk: Talk) -> None:
    first = await talk.turn(text="1")
    second = await talk.turn(first, "2")
    question = await parent_of(talk, second)
    assert question
    other = await talk.turn(first, "other")
    await talk.store.delete_message(ADA, talk.id, question)
    assert (await talk.store.path(ADA, talk.id)).items[2].sibling_ids == (await parent_of(talk, other),)
    assert {node.id for node in await talk.store.tree(ADA, talk.id)}.isdisjoint({question, second})
    attempts: list[Any] = [
        talk.store.message(ADA, second),
        talk.store.path(ADA, talk.id, leaf=second),
        talk.store.update(ADA, talk.id, {"head_id": question}),
        talk.store.add_message(ADA, talk.id, new(parent_id=second)),
        talk.store.begin_run(ADA, draft(talk.id, second)),
        talk.store.begin_run(ADA, draft(talk.id, question, None)),
        talk.store.begin_run(ADA, draft(talk.id, text=None, message_id=second, continues=True)),
        talk.store.delete_message(ADA, talk.id, question),
        talk.store.delete_message(ADA, talk.id, second),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            await attempt
    assert (await talk.store.message(ADA, second, deleted=True)).id == second


async def test_after_a_deletion_the_branch_beside_it_is_shown_else_what_stood_above(talk: Talk) -> None:
    question = await parent_of(talk, one := await talk.turn(text="1", answer="one"))
    two, three = [(await talk.ask(question, None)).message_id for _ in range(2)]
    below_one = await talk.turn(one, "below one")
    await talk.store.update(ADA, talk.id, {"head_id": two})
    assert (await talk.store.delete_message(ADA, talk.id, two))[0] == below_one == await talk.head()
    assert (await talk.store.delete_message(ADA, talk.id, one))[0] == three == await talk.head()
    assert (await talk.store.delete_message(ADA, talk.id, three))[0] == question == await talk.head()
    assert question
    assert (await talk.store.delete_message(ADA, talk.id, question))[0] is None
    assert await talk.head() is None and await talk.texts() == []
    await talk.turn(text="anew")
    assert await talk.texts() == ["anew", "Because."]


async def test_a_deletion_elsewhere_leaves_the_head_and_the_place_in_the_list(talk: Talk) -> None:
    first = await talk.turn(text="1")
    shown = await talk.turn(text="2")
    before = await talk.store.get(ADA, talk.id)
    assert (await talk.store.delete_message(ADA, talk.id, first))[0] == shown
    assert await talk.store.restore_message(ADA, talk.id, first) == shown
    assert await talk.store.get(ADA, talk.id) == before


async def test_a_restored_branch_is_as_it_was_and_shown_again(talk: Talk) -> None:
    first = await talk.turn(text="1")
    second = await talk.turn(first, "2")
    await talk.turn(second, "3, old")
    await talk.turn(second, "3")
    before = await talk.store.path(ADA, talk.id), await talk.store.tree(ADA, talk.id)
    question = await parent_of(talk, second)
    assert question
    assert (await talk.store.delete_message(ADA, talk.id, question))[0] == first
    head = await talk.store.restore_message(ADA, talk.id, question)
    assert head == await talk.head() == before[0].items[-1].id
    assert (await talk.store.path(ADA, talk.id), await talk.store.tree(ADA, talk.id)) == before
    assert await talk.store.restore_message(ADA, talk.id, question) == head, "once more changes nothing"


async def test_what_was_deleted_before_stays_deleted_when_the_rest_comes_back(talk: Talk) -> None:
    first = await talk.turn(text="1")
    second = await talk.turn(first, "2")
    root, inner = await parent_of(talk, first), await parent_of(talk, second)
    assert root and inner
    await talk.store.delete_message(ADA, talk.id, inner)
    await talk.store.delete_message(ADA, talk.id, root)
    for early in (inner, first, second):
        with pytest.raises(Conflict) as caught:
            await talk.store.restore_message(ADA, talk.id, early)
        assert caught.value.details["message_id"] == (inner if early == second else root)
    assert await talk.store.restore_message(ADA, talk.id, root) == first
    assert await talk.texts() == ["1", "Because."]
    assert await talk.store.restore_message(ADA, talk.id, inner) == second


async def test_nobody_else_deletes_or_restores(talk: Talk) -> None:
    answer = await talk.turn()
    elsewhere = await Talk.begin(talk.store)
    for owner, conversation in ((BOB, talk.id), (ADA, elsewhere.id)):
        with pytest.raises(NotFound):
            await talk.store.delete_message(owner, conversation, answer)
        with pytest.raises(NotFound):
            await talk.store.restore_message(owner, conversation, answer)
    assert await talk.head() == answer


async def test_runs_inside_are_named_so_that_they_can_be_stopped_and_end_where_they_are(talk: Talk) -> None:
    first = await talk.turn(text="1")
    beside = await talk.ask(None, "beside")
    inside = await talk.ask(first, "2")
    root = await parent_of(talk, first)
    assert root and inside.user_message_id
    assert (await talk.store.delete_message(ADA, talk.id, root)) == (beside.message_id, [inside.id])
    await talk.store.update(ADA, talk.id, {"unread": False})
    assert await talk.store.finish_run(inside.id, outcome("late"))
    assert (await talk.store.get(ADA, talk.id)).unread is False, "nobody can read it"
    await talk.store.restore_message(ADA, talk.id, root)
    assert await talk.texts() == ["1", "Because.", "2", "late"]


async def test_a_day_later_it_is_gone_for_good(talk: Talk) -> None:
    first = await talk.turn(text="1")
    second = await talk.turn(first, "2")
    inside = await talk.ask(second, "3")
    kept = await talk.turn(first, "kept")
    inner, outer = inside.user_message_id, await parent_of(talk, second)
    assert inner and outer
    await talk.store.delete_message(ADA, talk.id, inner)
    await talk.store.delete_message(ADA, talk.id, outer)
    await talk.store.purge()
    assert (await talk.store.message(ADA, second, deleted=True)).id == second
    await talk.store.purge(before=datetime.now(UTC) + timedelta(seconds=1))
    for gone in (outer, second, inner, inside.message_id):
        with pytest.raises(NotFound):
            await talk.store.message(ADA, gone, deleted=True)
        with pytest.raises(NotFound):
            await talk.store.restore_message(ADA, talk.id, gone)
    assert not await talk.store.finish_run(inside.id, outcome()), "a run of another server finds nothing left to write to"
    assert await talk.texts(leaf=kept) == ["1", "Because.", "kept", "Because."]
    assert len((await talk.store.list_runs(ADA)).items) == 2


async def test_deleting_purges_what_is_older_than_a_day(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    old, later, young = [await talk.turn(text=str(n)) for n in range(3)]
    now = datetime.now(UTC)
    for message, at in ((old, now - KEPT - timedelta(minutes=1)), (later, now - KEPT + timedelta(minutes=1)), (young, now)):
        monkeypatch.setattr("llmhub.conversations.message_store.moment", lambda at=at: at)
        await talk.store.delete_message(ADA, talk.id, message)
    with pytest.raises(NotFound):
        await talk.store.restore_message(ADA, talk.id, old)
    await talk.store.restore_message(ADA, talk.id, later)


async def test_a_temporary_conversation_has_branches_too(store: ConversationStore) -> None:
    talk = await Talk.begin(store, temporary=True)
    saved = await store.add_message(ADA, talk.id, new("hush"))
    assert store.is_temporary(saved.id)
    assert (await store.delete_message(ADA, talk.id, saved.id))[0] is None
    assert await store.restore_message(ADA, talk.id, saved.id) == saved.id


async def test_a_random_tree_survives_deleting_and_restoring(talk: Talk) -> None:
    chance = random.Random(11)
    answers: list[str | None] = [None]
    for n in range(25):
        answers.append(await talk.turn(chance.choice(answers[-6:]), str(n)))
    whole = {node.id: node.parent_id for node in await talk.store.tree(ADA, talk.id)}
    before, deleted = await talk.texts(), []
    for _ in range(8):
        there = {node.id for node in await talk.store.tree(ADA, talk.id)}
        top = chance.choice(sorted(there))
        expected = {id for id in there if top not in _up(whole, id)}
        head, _ = await talk.store.delete_message(ADA, talk.id, top)
        deleted.append(top)
        assert {node.id for node in await talk.store.tree(ADA, talk.id)} == expected
        assert head is None if not expected else head in expected
        path = (await talk.store.path(ADA, talk.id)).items
        assert [message.id for message in path] == (_up(whole, head)[::-1] if head else [])
        for message in path:
            assert set(message.sibling_ids) == {id for id in expected if whole[id] == message.parent_id}
        if not expected:
            break
    for top in reversed(deleted):
        await talk.store.restore_message(ADA, talk.id, top)
    assert {node.id: node.parent_id for node in await talk.store.tree(ADA, talk.id)} == whole
    assert await talk.texts() == before


def _up(parents: dict[str, str | None], id: str) -> list[str]:
    """A message and everything above it."""
    path = [id]
    while (above := parents[path[-1]]) is not None:
        path.append(above)
    return path
