from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Pool, event, text

from llmhub.conversations.database import Database
from llmhub.conversations.failures import in_words
from llmhub.conversations.store import ConversationStore
from llmhub.errors import ConfigError, Conflict, Corrupt, Full, Locked, ReadOnly, StoreError

from .talk import ADA, Talk, draft, outcome

OpenStore = Callable[[str], ConversationStore]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "llmhub.db"


async def a_database(file: Path, open_store: OpenStore) -> str:
    """A database with a conversation in it, closed again; gives the conversation's id."""
    store = open_store(f"sqlite:///{file}")
    talk = await Talk.begin(store)
    await talk.turn()
    await store.aclose()
    return talk.id


async def test_conversations_are_only_for_their_owners_eyes(file: Path, open_store: OpenStore) -> None:
    store = open_store(f"sqlite:///{file}")
    await store.create(ADA)
    for path in (file, *file.parent.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
    assert file.parent.stat().st_mode & 0o077 == 0


async def test_a_file_that_is_no_database_is_left_untouched_and_the_newest_backup_is_named(
    file: Path, tmp_path: Path, open_store: OpenStore
) -> None:
    file.parent.mkdir()
    file.write_bytes(b"This is a letter, not a database. " * 100)
    (tmp_path / "backups").mkdir()
    backup = tmp_path / "backups" / "llmhub-0001-x.db"
    backup.touch()
    store = open_store(f"sqlite:///{file}")
    with pytest.raises(Corrupt) as caught:
        await store.list(ADA)
    assert str(file) in caught.value.message and str(backup) in caught.value.hint
    assert file.read_bytes() == b"This is a letter, not a database. " * 100


async def test_a_damaged_page_is_corruption_in_words(file: Path, open_store: OpenStore) -> None:
    id = await a_database(file, open_store)
    with closing(sqlite3.connect(file)) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'conversations'").fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with open(file, "r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xff" * size)
    before = file.read_bytes()
    store = open_store(f"sqlite:///{file}")
    for attempt in (lambda: store.get(ADA, id), lambda: store.list(ADA), lambda: store.create(ADA)):
        with pytest.raises(Corrupt, match="damaged"):
            await attempt()
    await store.aclose()
    assert file.read_bytes() == before


async def test_a_full_disk_says_so_and_loses_nothing(file: Path, open_store: OpenStore) -> None:
    store = open_store(f"sqlite:///{file}")
    talk = await Talk.begin(store)
    run = await talk.ask()

    def set_limit(pages: int) -> Callable[[Any], int]:
        return lambda c: c.execute(text(f"PRAGMA max_page_count = {pages}")).scalar_one()

    await store.database.write(set_limit(1))  # no smaller than it is now
    with pytest.raises(Full) as caught:
        await store.finish_run(run.id, outcome("long " * 100_000))
    assert str(file) in caught.value.message
    assert (await store.run(ADA, run.id)).status == "running"
    assert await talk.texts() == ["Why?", ""]
    await store.database.write(set_limit(10**6))
    assert await store.finish_run(run.id, outcome("long " * 100_000))


async def test_a_database_that_another_program_holds_is_locked_in_words(file: Path, tmp_path: Path) -> None:
    store = ConversationStore(f"sqlite:///{file}", backups=tmp_path, lock_wait=0.01)
    try:
        talk = await Talk.begin(store)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Locked) as caught:
                await talk.ask()
            assert str(file) in caught.value.message
            assert await store.get(ADA, talk.id), "reading goes on"
        await talk.ask()
    finally:
        await store.aclose()


async def test_who_waited_for_a_lock_in_vain_does_not_wait_a_second_time(file: Path, tmp_path: Path) -> None:
    store = ConversationStore(f"sqlite:///{file}", backups=tmp_path, lock_wait=0.01)
    tries: list[Any] = []

    def note(*taken: Any) -> None:
        tries.append(taken)

    event.listen(Pool, "checkout", note)
    try:
        await store.create(ADA)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            tries.clear()
            with pytest.raises(Locked):
                await store.create(ADA)
        assert len(tries) == 1
    finally:
        event.remove(Pool, "checkout", note)
        await store.aclose()


async def test_a_database_that_another_program_is_reading_waits_to_change_its_journal(file: Path, tmp_path: Path) -> None:
    await a_database(file, lambda url: ConversationStore(url, backups=tmp_path))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE").close()
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM conversations").fetchone()
        store = ConversationStore(file, backups=tmp_path, lock_wait=0.01)
        try:
            with pytest.raises(Locked):
                await store.list(ADA)
            other.execute("COMMIT")
            assert len((await store.list(ADA)).items) == 1
        finally:
            await store.aclose()


async def test_a_writer_waits_for_another_one(file: Path, open_store: OpenStore) -> None:
    store = open_store(f"sqlite:///{file}")
    talk = await Talk.begin(store)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(talk.ask())
        await store.get(ADA, talk.id)
        assert not waiting.done()
        other.execute("COMMIT")
        await waiting


async def test_a_database_that_cannot_be_written_can_still_be_read(file: Path, open_store: OpenStore) -> None:
    id = await a_database(file, open_store)
    before = file.read_bytes()
    store = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(ReadOnly) as caught:
        await store.create(ADA)
    assert str(file) in caught.value.message
    assert len((await store.path(ADA, id)).items) == 2
    await store.aclose()
    assert file.read_bytes() == before


@pytest.mark.parametrize("obstacle", ["a file where the folder should be", "a folder where the file should be"])
async def test_a_database_that_cannot_be_made_says_so(file: Path, open_store: OpenStore, obstacle: str) -> None:
    if obstacle.startswith("a file"):
        file.parent.write_text("in the way")
    else:
        file.mkdir(parents=True)
    store = open_store(f"sqlite:///{file}")
    with pytest.raises(ReadOnly) as caught:
        await store.create(ADA)
    assert "data" in caught.value.message and "LLMHUB_DATA_DIR" in caught.value.hint


async def test_a_failure_to_open_is_not_remembered(file: Path, open_store: OpenStore) -> None:
    file.parent.write_text("in the way")
    store = open_store(f"sqlite:///{file}")
    with pytest.raises(ReadOnly):
        await store.create(ADA)
    file.parent.unlink()
    assert await store.create(ADA)


async def test_a_read_only_folder_says_so(file: Path, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refuse)  # root may write everywhere, so the system is made to refuse
    with pytest.raises(ReadOnly) as caught:
        await open_store(f"sqlite:///{file}").open()
    assert str(file) in caught.value.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError(errno.ENOSPC, "x"), Full),
        (OSError(errno.EDQUOT, "x"), Full),
        (OSError(errno.EACCES, "x"), ReadOnly),
        (OSError(errno.EPERM, "x"), ReadOnly),
        (OSError(errno.ENOTDIR, "x"), ReadOnly),
        (OSError(errno.EIO, "x"), StoreError),
        (sqlite3.OperationalError("x"), StoreError),
    ],
)
def test_failures_of_the_disk_name_the_place_and_what_to_do(error: Exception, kind: type[StoreError]) -> None:
    with pytest.raises(kind) as caught, in_words("/data/llmhub.db"):
        raise error
    assert type(caught.value) is kind
    assert "/data/llmhub.db" in caught.value.message and caught.value.hint


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("53100", Full),
        ("40P01", Locked),
        ("55P03", Locked),
        ("25006", ReadOnly),
        ("42501", ReadOnly),
        ("XX001", Corrupt),
        ("28P01", StoreError),
        ("57P01", StoreError),
        ("42P01", StoreError),
        ("23505", Conflict),
    ],
)
async def test_failures_of_postgresql_are_told_apart(
    postgres_url: str, open_store: OpenStore, sqlstate: str, kind: type[StoreError]
) -> None:
    store = open_store(postgres_url)
    raises = f"DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '{sqlstate}'; END $$"
    with pytest.raises(kind) as caught:
        await store.database.write(lambda c: c.execute(text(raises)))
    assert type(caught.value) is kind and "secret" not in caught.value.message
    assert caught.value.hint


async def test_a_postgresql_that_is_not_there_is_named_without_its_password(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store(f"postgresql://ada:hunter2@/chats?host={tmp_path}")
    with pytest.raises(StoreError) as caught:
        await store.list(ADA)
    assert "cannot be reached" in caught.value.message and "chats" in caught.value.message
    assert "hunter2" not in str(caught.value.to_json())


async def test_a_lost_connection_to_postgresql_is_made_again(postgres: Any, postgres_url: str, open_store: OpenStore) -> None:
    store = open_store(postgres_url)
    talk = await Talk.begin(store)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
    await store.get(ADA, talk.id)
    postgres.run(cut.replace("current_database()", f"'{store.database.url.database}'"))
    await talk.turn()
    assert await talk.texts() == ["Why?", "Because."]


@pytest.mark.parametrize("url", ["mysql://ada:hunter2@host/x", "ada:hunter2@host", "", "postgresql://ada:hunter2@host:port/x"])
def test_a_url_of_another_kind_is_a_config_error_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        ConversationStore(url, backups=tmp_path)
    assert "hunter2" not in str(caught.value.to_json())
    assert caught.value.details["key"] == "database_url"


async def test_a_path_may_hold_characters_that_mean_something_in_a_url(tmp_path: Path) -> None:
    file = tmp_path / "50% of #1?x=y" / "llmhub.db"
    store = ConversationStore(file, backups=tmp_path)
    await store.create(ADA)
    await store.aclose()
    assert file.is_file() and [path.name for path in tmp_path.iterdir()] == [file.parent.name]


async def test_a_row_that_another_server_holds_on_postgresql_is_locked_in_words(postgres_url: str, tmp_path: Path) -> None:
    patient, hasty = (ConversationStore(postgres_url, backups=tmp_path, lock_wait=wait) for wait in (10, 0.01))
    try:
        talk = await Talk.begin(patient)
        await hasty.open()
        loop = asyncio.get_running_loop()

        def hold(c: Any) -> None:
            c.execute(text("SELECT * FROM conversations FOR UPDATE"))
            with pytest.raises(Locked):
                asyncio.run_coroutine_threadsafe(hasty.begin_run(ADA, draft(talk.id)), loop).result()

        await patient.database.write(hold)
        await hasty.begin_run(ADA, draft(talk.id))
    finally:
        await patient.aclose()
        await hasty.aclose()


async def test_a_closed_store_says_so(file: Path, tmp_path: Path) -> None:
    store = ConversationStore(f"sqlite:///{file}", backups=tmp_path)
    await store.create(ADA)
    await store.aclose()
    await store.aclose()
    with pytest.raises(StoreError, match="closed"):
        await store.list(ADA)
    assert [path.name for path in file.parent.iterdir()] == ["llmhub.db"], "the write-ahead log is folded in"


async def test_a_store_that_was_never_used_leaves_no_file(file: Path, tmp_path: Path) -> None:
    store = ConversationStore(f"sqlite:///{file}", backups=tmp_path)
    await store.aclose()
    assert not file.parent.exists()


async def test_a_write_that_fails_half_way_changes_nothing(url: str, tmp_path: Path) -> None:
    database = Database(url)
    try:

        def work(c: Any) -> None:
            c.execute(text("INSERT INTO processes (id, beat_at) VALUES ('x', '2026-11-20T00:00:00.000000Z')"))
            raise LookupError

        with pytest.raises(LookupError):
            await database.write(work)
        assert await database.read(lambda c: c.execute(text("SELECT count(*) FROM processes")).scalar_one()) == 0
    finally:
        await database.aclose()


async def test_a_read_sees_one_state_of_the_database(url: str, open_store: OpenStore) -> None:
    store, other = open_store(url), open_store(url)
    talk = await Talk.begin(store)
    loop = asyncio.get_running_loop()

    def work(c: Any) -> tuple[int, int]:
        count = text("SELECT count(*) FROM messages")
        before = c.execute(count).scalar_one()
        asyncio.run_coroutine_threadsafe(other.begin_run(ADA, draft(talk.id)), loop).result()
        return before, c.execute(count).scalar_one()

    assert await store.database.read(work) == (0, 0)
    assert len(await store.tree(ADA, talk.id)) == 2
