"""Stars and ratings: kept with the message, found again, taken out."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub.errors import Invalid, NotFound
from llmhub.ids import new_id

from .talk import ADA, BOB, Talk


async def test_a_message_is_starred_rated_and_pinned_without_one_touching_the_other(talk: Talk) -> None:
    answer = await talk.turn()
    mark = talk.store.mark_message
    await mark(ADA, talk.id, answer, {"starred": True})
    await mark(ADA, talk.id, answer, {"rating": {"value": -1, "reason": "incomplete", "text": "No code."}})
    marked = await mark(ADA, talk.id, answer, {"pinned": True})
    assert marked.starred and marked.pinned and marked.rating is not None
    assert (marked.rating.value, marked.rating.reason, marked.rating.text) == (-1, "incomplete", "No code.")
    assert marked == await mark(ADA, talk.id, answer, {})
    assert [(node.starred, node.pinned) for node in await talk.store.tree(ADA, talk.id)] == [(False, False), (True, True)]
    bare = await mark(ADA, talk.id, answer, {"starred": False, "rating": None, "pinned": False})
    assert (bare.starred, bare.rating, bare.pinned) == (False, None, False)


async def test_starred_messages_of_all_conversations_are_listed_those_starred_last_first(talk: Talk) -> None:
    store = talk.store
    other = await Talk.begin(store, title="Other")
    places: list[tuple[Talk, str]] = []
    for number in range(5):
        where = (talk, other)[number % 2]
        places.append((where, await where.turn(await where.head(), f"q{number}", f"answer {number}")))
    for where, id in places:
        await store.mark_message(ADA, where.id, id, {"starred": True})
    await store.mark_message(ADA, talk.id, places[0][1], {"starred": False})
    await store.delete_message(ADA, other.id, places[3][1])
    first = await store.starred(ADA, limit=1)
    rest = await store.starred(ADA, cursor=first.next)
    assert [item.excerpt for item in (*first.items, *rest.items)] == ["answer 4", "answer 2", "answer 1"]
    assert rest.next is None and rest.items[-1].title == "Other" and rest.items[-1].message_id == places[1][1]
    assert (await store.starred(BOB)).items == []


async def test_ratings_come_out_with_model_question_and_answer(talk: Talk) -> None:
    ids = [await talk.turn(await talk.head(), f"q{number}", f"a{number}") for number in range(3)]
    for id, value in zip(ids, (1, -1, 1), strict=True):
        await talk.store.mark_message(ADA, talk.id, id, {"rating": {"value": value}})
    first = await talk.store.rated(ADA, limit=2)
    rest = await talk.store.rated(ADA, limit=2, cursor=first.next)
    found = [*first.items, *rest.items]
    assert [(item.value, item.model, item.question, item.answer) for item in found] == [
        (1, "demo/plain", "q0", "a0"),
        (-1, "demo/plain", "q1", "a1"),
        (1, "demo/plain", "q2", "a2"),
    ]
    assert rest.next is None and (await talk.store.rated(BOB)).items == []


async def test_only_answers_are_rated_and_only_ones_own(talk: Talk) -> None:
    answer = await talk.turn()
    question = (await talk.store.message(ADA, answer)).parent_id or ""
    rating: dict[str, Any] = {"rating": {"value": 1}}
    with pytest.raises(Invalid):
        await talk.store.mark_message(ADA, talk.id, question, rating)
    for owner, message in ((BOB, answer), (ADA, new_id()), (ADA, "7")):
        with pytest.raises(NotFound):
            await talk.store.mark_message(owner, talk.id, message, rating)
