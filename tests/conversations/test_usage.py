"""What answers used, summed over a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from llmhub.conversations.values import NewMessage, UsageTotal
from llmhub.ids import first_id_at, new_id
from llmhub.messages import TextPart, Usage

from .talk import ADA, BOB, Talk, outcome

PRICED = Usage(input_tokens=100, cached_tokens=40, output_tokens=10, reasoning_tokens=4, cost_usd=0.1)


async def answered(talk: Talk, usage: Usage | None) -> str:
    run = await talk.ask()
    await talk.store.finish_run(run.id, outcome(usage=usage))
    return run.message_id


async def test_all_answers_of_a_person_are_summed_deleted_and_temporary_ones_too(talk: Talk) -> None:
    other, hushed = await Talk.begin(talk.store), await Talk.begin(talk.store, temporary=True)
    for where in (talk, other, hushed):
        await answered(where, PRICED)
    await talk.store.delete_message(ADA, other.id, str(await other.head()))
    await answered(talk, Usage(input_tokens=1, output_tokens=2))
    await answered(talk, Usage(duration_ms=3.0))
    await answered(talk, None)
    await talk.ask()
    saved = NewMessage(client_request_id="1", parent_id=None, role="user", parts=(TextPart(text="no answer"),))
    await talk.store.add_message(ADA, talk.id, saved)
    assert await talk.store.usage(ADA) == UsageTotal(
        answers=7,
        input_tokens=301,
        cached_tokens=120,
        output_tokens=32,
        reasoning_tokens=12,
        cost_usd=0.3,
        unpriced_answers=1,
    )
    assert await talk.store.usage(BOB) == UsageTotal()


async def test_only_answers_made_in_the_time_count(talk: Talk) -> None:
    before = datetime.now(UTC)
    first = await talk.store.message(ADA, await answered(talk, PRICED))
    second = await talk.store.message(ADA, await answered(talk, PRICED))
    for since, until, answers in (
        (before, None, 2),
        (first.created_at, second.created_at, 1),
        (second.created_at, None, 1),
        (second.created_at + timedelta(microseconds=1), None, 0),
        (None, first.created_at, 0),
        (before - timedelta(days=20_000), before + timedelta(days=1), 2),
    ):
        assert (await talk.store.usage(ADA, since=since, until=until)).answers == answers


def test_ids_are_found_by_their_time() -> None:
    before, id, after = datetime.now(UTC) - timedelta(milliseconds=2), new_id(), datetime.now(UTC) + timedelta(milliseconds=2)
    assert first_id_at(before) < id < first_id_at(after)
    assert len(first_id_at(before)) == len(id)
