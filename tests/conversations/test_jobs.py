"""Imports as rows: how far one is survives its server, and what has been written once is not written again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Text, cast, func, select

from llmhub.conversations.database import Database
from llmhub.conversations.jobs import JobStore
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import job_pieces
from llmhub.errors import NotFound

from .talk import ADA, BOB

COUNTS = {"imported": 3, "unchanged": 0}


@pytest.fixture
def jobs(store: ConversationStore) -> JobStore:
    return JobStore(store.database)


async def begun(jobs: JobStore) -> str:
    record, _ = await jobs.begin(ADA, kind="import", name="export.zip", process_id="p")
    return record.id


async def pieces(database: Database) -> Any:
    asked = select(func.count(), func.max(func.length(cast(job_pieces.c.more, Text))))
    return await database.read(lambda c: tuple(c.execute(asked).one()))


async def test_how_far_a_job_is_grows_by_what_is_new_and_is_read_as_one(jobs: JobStore, store: ConversationStore) -> None:
    id = await begun(jobs)
    for number in range(40):
        await jobs.say(id, number, {**COUNTS, "imported": number, "failed": []}, {"ids": [f"{number}a", f"{number}b"]})
    said = {**COUNTS, "imported": 39, "failed": [], "ids": [f"{number}{letter}" for number in range(40) for letter in "ab"]}
    assert (await jobs.get(ADA, id)).result == said
    count, longest = await pieces(store.database)
    assert count == 40 and longest < 60, "the last piece is no longer than the first"


async def test_a_job_that_ends_without_a_word_has_all_that_it_said(jobs: JobStore, store: ConversationStore) -> None:
    id, other = await begun(jobs), await begun(jobs)
    await jobs.say(id, 1, COUNTS, {"ids": ["a"]})
    await jobs.say(id, 2, COUNTS, {"ids": ["b"], "failed": [{"name": "x", "reason": "y"}]})
    await jobs.say(other, 1, COUNTS, {"ids": ["c"]})
    assert await jobs.end(id, "interrupted")
    assert (await jobs.get(ADA, id)).result == {**COUNTS, "ids": ["a", "b"], "failed": [{"name": "x", "reason": "y"}]}
    assert not await jobs.end(id, "stopped"), "it had ended"
    await jobs.say(id, 3, COUNTS, {"ids": ["late"]})
    assert ((await jobs.get(ADA, id)).result or {})["ids"] == ["a", "b"]
    assert (await jobs.get(ADA, other)).result == {**COUNTS, "ids": ["c"]}
    assert (await pieces(store.database))[0] == 1, "only the other one's"


async def test_what_a_job_says_at_its_end_stands_for_all_of_it(jobs: JobStore, store: ConversationStore) -> None:
    id = await begun(jobs)
    await jobs.say(id, 1, COUNTS, {"ids": ["a"]})
    assert await jobs.end(id, "complete", result={"ids": ["a", "b"]})
    record = await jobs.get(ADA, id)
    assert (record.status, record.result, (await pieces(store.database))[0]) == ("complete", {"ids": ["a", "b"]}, 0)
    with pytest.raises(NotFound):
        await jobs.get(BOB, id)
