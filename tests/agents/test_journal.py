"""A journal survives its process, and only a dead process is inherited from."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from pathlib import Path

import pytest

from llmhub.agents import journal as journals
from llmhub.agents.journal import Journal
from llmhub.agents.log import RunLog
from llmhub.events import TextDelta

LOG = logging.getLogger("test")


async def written(folder: Path, process_id: str, run_id: str = "r", count: int = 3) -> Journal:
    journal = Journal(folder, process_id, LOG)
    log = RunLog(run_id)
    for n in range(count):
        journal.append(log.append(TextDelta(part=0, text=str(n))), lambda: None)
    await journal.flush()
    return journal


async def test_what_was_appended_can_be_read_while_its_owner_lives_but_not_inherited(tmp_path: Path) -> None:
    journal = await written(tmp_path, "host.p1")

    assert [frame.seq for frame in journals.read_frames(tmp_path / "host.p1.jsonl")["r"]] == [1, 2, 3]
    assert journals.is_locked(tmp_path, "host.p1") is True
    with journals.inherit(tmp_path, "host.p1") as remains:
        assert remains is None
    await journal.aclose()
    assert journals.is_locked(tmp_path, "host.p1") is None


async def test_a_torn_line_and_what_follows_a_gap_are_left_out(tmp_path: Path) -> None:
    log = RunLog("r")
    lines = [log.append(TextDelta(part=0, text=str(n))).data for n in range(5)]
    (tmp_path / "host.dead.jsonl").write_bytes(b"\n".join([lines[0], lines[1], lines[2][:20], lines[3]]) + b"\n" + lines[4][:7])

    with journals.inherit(tmp_path, "host.dead") as remains:
        assert remains is not None
        assert [frame.seq for frame in remains.frames["r"]] == [1, 2]
    assert journals.journals(tmp_path) == []


async def test_the_journal_forgets_what_is_stored(tmp_path: Path) -> None:
    journal = await written(tmp_path, "host.p1")
    journal.forget()
    await journal.flush()
    assert (tmp_path / "host.p1.jsonl").stat().st_size == 0
    await journal.aclose()


async def test_lines_keep_their_order_whether_the_loop_or_a_thread_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, log = await written(tmp_path, "host.p1", count=1), RunLog("r")
    log.append(TextDelta(part=0, text="0"))
    seen: list[int] = []
    for n in range(1, 30):
        monkeypatch.setattr(journals, "SLOW", -1.0 if n % 3 else 1.0)  # as if the disk were slow now and then
        monkeypatch.setattr(journals, "SPARED", 0.0 if n % 2 else 60.0)
        journal.append(log.append(TextDelta(part=0, text=str(n))), partial(seen.append, n))
        await asyncio.sleep(0)
    await journal.flush()
    assert seen == list(range(1, 30))
    assert [frame.seq for frame in journals.read_frames(tmp_path / "host.p1.jsonl")["r"]] == list(range(1, 31))
    await journal.aclose()


async def test_what_is_said_right_after_the_journal_forgot_is_kept(tmp_path: Path) -> None:
    journal, log = await written(tmp_path, "host.p1"), RunLog("next")
    said = asyncio.Event()
    journal.forget()
    journal.append(log.append(TextDelta(part=0, text="new")), said.set)
    await said.wait()
    frames = journals.read_frames(tmp_path / "host.p1.jsonl")
    assert list(frames) == ["next"] and len(frames["next"]) == 1
    await journal.aclose()


async def test_a_journal_that_cannot_be_written_stops_nobody(tmp_path: Path, caplog) -> None:
    (tmp_path / "file").write_text("not a folder")
    with caplog.at_level(logging.WARNING):
        journal = await written(tmp_path / "file", "host.p1", count=2)
        await journal.aclose()
    assert "cannot write its journal" in caplog.text


def test_a_process_id_names_its_host() -> None:
    assert journals.is_here(journals.new_process_id())
    assert not journals.is_here("elsewhere.0199")
