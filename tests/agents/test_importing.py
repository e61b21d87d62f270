"""Imports that end in the middle: each conversation is there as a whole or not at all, and the same file again brings the rest."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import sys
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from llmhub.conversations.search.query import parse
from llmhub.conversations.transfer import writer
from llmhub.conversations.values import JobRecord
from llmhub.identity import LOCAL
from llmhub.workspace import Workspace

TALKS = 250
PNG = b"\x89PNG\r\n\x1a\n"
_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from llmhub.identity import LOCAL
from llmhub.workspace import Workspace

async def main():
    workspace = Workspace.open()
    job = await workspace.imports.start(LOCAL, Path(sys.argv[1]), "export.zip")
    async for frames in workspace.runs.jobs.watch(LOCAL, job.id):
        if any(b'"imported":' in frame.data for frame in frames):
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
"""Imports a file, and is killed when it says for the first time that something has come in; the next batch is under way then."""


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    workspace = Workspace.open()
    yield workspace
    await workspace.aclose()


def export(path: Path, talks: int = TALKS, pictures: frozenset[int] = frozenset()) -> Path:
    """ChatGPT's, with three messages in each."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps([_talk(number, picture=number in pictures) for number in range(talks)]))
        for number in pictures:
            archive.writestr(f"file_{number}-plot.png", PNG + str(number).encode())
    return path


def _talk(number: int, *, picture: bool) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for at, role in enumerate(("user", "assistant", "user")):
        said: list[Any] = [f"needle{number}x " + "words " * 40]
        if picture and at == 0:
            said.insert(0, {"content_type": "image_asset_pointer", "asset_pointer": f"sediment://file_{number}"})
        content = {"content_type": "multimodal_text", "parts": said}
        message = {"author": {"role": role}, "create_time": 1.7e9 + at, "content": content}
        nodes[f"n{at}"] = {"id": f"n{at}", "parent": f"n{at - 1}" if at else None, "message": message}
    return {"id": f"c{number}", "title": f"Talk {number}", "create_time": 1.7e9, "mapping": nodes}


async def imported(workspace: Workspace, path: Path) -> JobRecord:
    """Import a copy of a file, to its end."""
    copy = path.with_name("copy.zip")
    copy.write_bytes(path.read_bytes())
    job = await workspace.imports.start(LOCAL, copy, path.name)
    async for _ in workspace.runs.jobs.watch(LOCAL, job.id):
        pass
    assert not copy.exists()
    return await workspace.runs.jobs.get(LOCAL, job.id)


async def whole(workspace: Workspace) -> set[str]:
    """The titles of what is there, each of which has all its messages, the head at the last, and is found."""
    store = workspace.conversations
    titles: set[str] = set()
    for id in await store.ids(LOCAL.id):
        found = await store.whole(LOCAL.id, id)
        assert len(found.messages) == 3 and found.conversation.head_id == found.messages[-1].id
        titles.add(found.conversation.title or "")
    assert not await store.database.read(lambda c: c.execute(text("SELECT count(*) FROM search_stale")).scalar_one())
    for title in sorted(titles)[:: max(1, len(titles) // 4)]:
        hits = await store.search(LOCAL.id, parse(f"needle{title.removeprefix('Talk ')}x", datetime.now(UTC)))
        assert len(hits.items) == 3, title
    return titles


async def test_after_kill_9_what_came_in_is_whole_and_again_brings_the_rest(tmp_path: Path) -> None:
    path = export(tmp_path / "export.zip", pictures=frozenset(range(0, TALKS, 20)))
    copy = tmp_path / "killed.zip"
    copy.write_bytes(path.read_bytes())
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _KILLED, str(copy))
    assert await process.wait() == -signal.SIGKILL
    workspace = Workspace.open()
    try:
        came = await whole(workspace)
        assert 0 < len(came) < TALKS
        result = (await imported(workspace, path)).result or {}
        assert (result["imported"], result["unchanged"], result["failed"]) == (TALKS - len(came), len(came), [])
        assert len(await whole(workspace)) == TALKS
    finally:
        await workspace.aclose()


async def test_a_full_disk_ends_an_import_in_words_and_again_brings_the_rest(workspace: Workspace, tmp_path: Path) -> None:
    path = export(tmp_path / "export.zip")
    database = workspace.conversations.database

    async def room(pages: int) -> None:
        await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count = {pages}")).scalar_one())

    now = await database.read(lambda c: c.execute(text("PRAGMA page_count")).scalar_one())
    await room(now + 250)
    job = await imported(workspace, path)
    await room(10**6)
    assert job.status == "failed" and job.error is not None and job.error.code == "store_full"
    came = await whole(workspace)
    assert 0 < len(came) < TALKS and (job.result or {})["imported"] == len(came)
    assert ((await imported(workspace, path)).result or {})["imported"] == TALKS - len(came)
    assert len(await whole(workspace)) == TALKS


async def test_where_files_find_no_room_what_was_before_stays(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(tmp_path / "export.zip", talks=9, pictures=frozenset({2, 6}))
    sync, calls = os.fsync, 0

    def fills_up(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 2:  # the first file and its folder
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fills_up)
        job = await imported(workspace, path)
    assert job.status == "failed" and job.error is not None and job.error.code == "store_full"
    assert await whole(workspace) == {f"Talk {number}" for number in range(6)}
    assert ((await imported(workspace, path)).result or {})["imported"] == 3
    assert len(await whole(workspace)) == 9


async def test_one_that_cannot_be_written_keeps_no_other_out(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = writer.write

    def breaks(c: Any, owner: str, bundle: Any, *args: Any, **more: Any) -> Any:
        if bundle.title == "Talk 3":
            raise ValueError("secret words")
        return write(c, owner, bundle, *args, **more)

    monkeypatch.setattr(writer, "write", breaks)
    result = (await imported(workspace, export(tmp_path / "export.zip", talks=7))).result or {}
    assert result["imported"] == 6 and len(await whole(workspace)) == 6
    assert [one["name"] for one in result["failed"]] == ["Talk 3"] and "secret" not in json.dumps(result)
