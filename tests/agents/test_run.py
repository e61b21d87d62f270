"""A run numbers what it says once, and every watcher reads it at its own pace."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from llmhub.agents.answer import Answer
from llmhub.agents.journal import Journal
from llmhub.agents.log import Frame
from llmhub.agents.run import Run
from llmhub.conversations.values import RunRecord
from llmhub.events import PartStarted, RunFinished, TextDelta

RECORD = RunRecord(
    id="r",
    owner="local",
    conversation_id="c",
    user_message_id="u",
    message_id="m",
    process_id="p",
    client_request_id="x",
    status="running",
    model="demo/tour",
    created_at=datetime.now(UTC),
)


@pytest.fixture
async def run(tmp_path: Path):
    journal = Journal(tmp_path, "host.p", logging.getLogger("test"))
    yield Run(RECORD, Answer(), journal)
    await journal.aclose()


async def everything(run: Run, after: int = 0) -> list[Frame]:
    return [frame async for frames in run.watch(after) for frame in frames]


def end(run: Run) -> None:
    run.finish(RunFinished(status="complete", finish_reason="stop"))


def text(frames: list[Frame]) -> str:
    return "".join(orjson.loads(frame.data).get("text", "") for frame in frames)


async def test_quick_deltas_become_one_event_and_lose_nothing(run: Run) -> None:
    run.publish(PartStarted(part=0, part_type="text"))
    for n in range(1000):
        run.publish(TextDelta(part=0, text=f"{n} "))
    end(run)
    frames = await everything(run)

    assert text(frames) == "".join(f"{n} " for n in range(1000))
    assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
    assert len(frames) == 4  # the first delta at once, the rest joined


async def test_another_part_never_joins_and_never_overtakes(run: Run) -> None:
    for part in (0, 0, 1, 1, 0):
        run.publish(TextDelta(part=part, text=str(part)))
    end(run)
    bodies = [orjson.loads(frame.data) for frame in await everything(run)]

    assert [(body["part"], body["text"]) for body in bodies[:-1]] == [(0, "0"), (0, "0"), (1, "11"), (0, "0")]


async def test_every_watcher_sees_the_same_wherever_it_joins(run: Run) -> None:
    early = asyncio.create_task(everything(run))
    for n in range(50):
        run.publish(PartStarted(part=n, part_type="text"))
    late = asyncio.create_task(everything(run, after=20))
    await asyncio.sleep(0)
    end(run)

    frames = await early
    assert (await late) == frames[20:]
    assert len(frames) == 51


async def test_nobody_sees_what_a_killed_server_would_lose(run: Run, tmp_path: Path) -> None:
    run.publish(PartStarted(part=0, part_type="text"))
    seen = 0
    async for frames in run.watch(0):
        written = (tmp_path / "host.p.jsonl").read_bytes()
        assert run.finished or all(frame.data + b"\n" in written for frame in frames)
        seen += len(frames)
        if seen < 10:
            run.publish(PartStarted(part=seen, part_type="text"))
        elif not run.finished:
            end(run)
    assert seen == 11


async def test_a_journal_that_cannot_be_written_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file", "host.p", logging.getLogger("test"))
    run = Run(RECORD, Answer(), journal)
    run.publish(PartStarted(part=0, part_type="text"))
    watching = run.watch(0)
    assert len(await anext(watching)) == 1
    await watching.aclose()  # type: ignore[attr-defined]
    await journal.aclose()


async def test_a_watcher_that_stopped_reading_holds_nothing_and_stops_nobody(run: Run) -> None:
    stuck = run.watch(0)
    first = asyncio.ensure_future(anext(stuck))
    run.publish(PartStarted(part=0, part_type="text"))
    await first
    for n in range(10_000):
        run.publish(PartStarted(part=n, part_type="text"))
    end(run)

    assert len(await everything(run)) == 10_002
    await stuck.aclose()  # type: ignore[attr-defined]
    assert not run._watchers
