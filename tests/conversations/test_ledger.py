"""What was paid for, summed and broken down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from llmhub.conversations.ledger import Within
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import Entry, UsageTotal
from llmhub.ids import first_id_at, new_id

from .talk import ADA, BOB, Talk

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
PLAIN = Entry(
    id="",
    owner=ADA,
    at=NOON,
    source="chat",
    asked="lab/a",
    model="lab/a",
    provider="lab",
    outcome="finished",
    input_tokens=100,
    cached_tokens=40,
    output_tokens=10,
    reasoning_tokens=4,
    nanos=100_000_000,
)


def entry(**changes: object) -> Entry:
    return replace(PLAIN, id=new_id(), **changes)  # type: ignore[arg-type]


async def test_everything_a_person_paid_for_is_summed_without_losing_a_nanodollar(store: ConversationStore) -> None:
    await store.enter([entry(nanos=1), entry(nanos=100_000_000), entry(nanos=None, guessed_output=3)])
    await store.enter([entry(owner=BOB), entry(nanos=None, input_tokens=0, output_tokens=0, cached_tokens=0, reasoning_tokens=0)])
    assert await store.usage(ADA) == UsageTotal(
        answers=4,
        input_tokens=300,
        cached_tokens=120,
        output_tokens=30,
        reasoning_tokens=12,
        cost_usd=0.100000001,
        cost_nanos=100_000_001,
        unpriced_answers=1,
        guessed_answers=1,
        guessed_output_tokens=3,
    )
    assert (await store.usage(BOB)).answers == 1
    assert await store.usage("nobody") == UsageTotal()


async def test_only_what_was_asked_in_the_time_counts(store: ConversationStore) -> None:
    await store.enter([entry(), entry(at=NOON + timedelta(hours=1))])
    for since, until, answers in (
        (NOON, None, 2),
        (NOON, NOON + timedelta(hours=1), 1),
        (NOON + timedelta(hours=1), None, 1),
        (NOON + timedelta(hours=1, microseconds=1), None, 0),
        (None, NOON, 0),
        (NOON - timedelta(days=20_000), NOON + timedelta(days=1), 2),
    ):
        assert (await store.usage(ADA, since=since, until=until)).answers == answers
    assert await store.spent(ADA, NOON + timedelta(minutes=1)) == 100_000_000


async def test_days_begin_at_midnight_of_the_zone_also_when_the_clocks_change(store: ConversationStore) -> None:
    times = ("2026-03-28T22:59:59", "2026-03-28T23:00:00", "2026-03-29T21:59:00", "2026-03-29T22:00:00")
    await store.enter([entry(at=datetime.fromisoformat(time).replace(tzinfo=UTC)) for time in times])
    within = Within(ADA, None, None)
    for zone, days in (
        ("Europe/Zurich", {"2026-03-28": 1, "2026-03-29": 2, "2026-03-30": 1}),
        ("UTC", {"2026-03-28": 2, "2026-03-29": 2}),
        ("Asia/Kathmandu", {"2026-03-29": 2, "2026-03-30": 2}),
    ):
        _, groups = await store.usage_by(within, ["day"], ZoneInfo(zone))
        assert {group.key: group.answers for group in groups["day"]} == days


async def test_usage_is_broken_down_with_what_cost_most_first(store: ConversationStore) -> None:
    talk = await Talk.begin(store, title="Tides")
    await store.enter(
        [entry(conversation_id=talk.id), entry(model="far/b", provider="far", nanos=7), entry(source="openai", nanos=8)]
    )
    total, groups = await store.usage_by(Within(ADA, None, None), ["model", "provider", "source", "conversation"], UTC)
    assert [(group.key, group.cost_nanos) for group in groups["model"]] == [("lab/a", 100_000_008), ("far/b", 7)]
    assert [group.key for group in groups["provider"]] == ["lab", "far"]
    assert [group.key for group in groups["source"]] == ["chat", "openai"]
    assert [(group.key, group.label) for group in groups["conversation"]] == [(talk.id, "Tides"), (None, None)]
    for way in groups.values():
        assert sum(group.cost_nanos for group in way) == total.cost_nanos
    only, _ = await store.usage_by(Within(ADA, None, None, source="openai"), [], UTC)
    assert only.cost_nanos == 8


async def test_a_branch_used_what_its_messages_did_and_a_deleted_conversation_stays_paid(store: ConversationStore) -> None:
    talk = await Talk.begin(store)
    first = await talk.turn()
    question = (await store.message(ADA, first)).parent_id
    second = await talk.turn(question, text=None)
    await store.enter(
        [entry(conversation_id=talk.id, message_id=first), entry(conversation_id=talk.id, message_id=second, nanos=5)]
    )
    await store.enter([entry(conversation_id=talk.id, message_id=second, nanos=1)])
    used = await store.usage_of(ADA, talk.id)
    assert (used.conversation.cost_nanos, used.branch.cost_nanos) == (100_000_006, 6)
    assert [(message.key, message.answers) for message in used.messages] == [(second, 2)]
    assert (await store.usage_of(ADA, talk.id, leaf=first)).branch.cost_nanos == 100_000_000
    await store.delete(ADA, talk.id)
    assert (await store.usage(ADA)).cost_nanos == 100_000_006


async def test_all_entries_come_in_the_order_of_their_time_page_by_page(store: ConversationStore) -> None:
    talk = await Talk.begin(store, title="Tides")
    made = [entry(at=NOON + timedelta(seconds=n // 2), conversation_id=talk.id) for n in range(7)]
    await store.enter(made[::-1])
    found, after = [], None
    while page := await store.entries(Within(ADA, None, None), after=after, limit=2):
        found += page
        after = (page[-1][0].at, page[-1][0].id)
    assert found == [(one, "Tides") for one in sorted(made, key=lambda one: (one.at, one.id))]


def test_ids_are_found_by_their_time() -> None:
    before, id, after = datetime.now(UTC) - timedelta(milliseconds=2), new_id(), datetime.now(UTC) + timedelta(milliseconds=2)
    assert first_id_at(before) < id < first_id_at(after)
    assert len(first_id_at(before)) == len(id)
