from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from llmhub.conversations.database import Database
from llmhub.conversations.engine import make_engine, parse_url
from llmhub.conversations.ledger import Within
from llmhub.conversations.migrate import OURS, VERSION_TABLE, History, upgrade
from llmhub.conversations.search.schema import WORDS
from llmhub.conversations.store import ConversationStore
from llmhub.conversations.tables import metadata
from llmhub.errors import NewerVersion, StoreError
from llmhub.ids import new_id

from .talk import ADA, Talk

NEXT = f"""
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{OURS.head}"

def upgrade():
    with op.batch_alter_table("conversations", recreate="always" if op.get_bind().dialect.name == "sqlite" else "auto") as table:
        table.add_column(sa.Column("colour", sa.Text(), server_default="blue", nullable=False))
"""
Open = Callable[..., Database]


@pytest.fixture
def newer(tmp_path: Path) -> Callable[[str], History]:
    """A llmhub of tomorrow, with one revision more."""

    def newer(source: str = NEXT) -> History:
        folder = tmp_path / "migrations"
        shutil.copytree(str(files("llmhub.conversations") / "migrations"), folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "next.py").write_text(source)
        return History((*OURS.revisions, "next"), str(folder))

    return newer


@pytest.fixture
async def open_database(tmp_path: Path) -> AsyncIterator[Open]:
    opened: list[Database] = []

    def open_database(url: str, history: History = OURS) -> Database:
        opened.append(Database(url, backups=tmp_path / "backups", history=history))
        return opened[-1]

    yield open_database
    for database in opened:
        await database.aclose()


async def a_conversation(store: ConversationStore) -> str:
    talk = await Talk.begin(store, title="Tides")
    await talk.turn()
    await store.update(ADA, talk.id, {"tags": ["sea"]})
    return talk.id


def digest(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir() if file.is_file()}


def shape(connection: Connection) -> dict[str, Any]:
    """Everything the database says about its tables."""
    found = inspect(connection)

    def plain(things: Any) -> list[str]:
        return sorted(json.dumps(thing, default=str, sort_keys=True) for thing in things)

    return {
        table: [
            plain(found.get_columns(table)),
            plain(found.get_indexes(table)),
            plain(found.get_foreign_keys(table)),
            plain(found.get_unique_constraints(table)),
            str(found.get_pk_constraint(table)["constrained_columns"]),
        ]
        for table in found.get_table_names()
        if table != VERSION_TABLE and not table.startswith(WORDS)  # SQLite's full text is several tables
    }


def triggers(connection: Connection) -> dict[str, str]:
    """What follows what is written: migrations that make a table anew take it away without a word."""
    if connection.dialect.name == "postgresql":
        rows = connection.execute(text("SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"))
    else:
        rows = connection.execute(text(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' OR name = '{WORDS}'"))
    return {name: written for name, written in rows}


async def test_a_fresh_database_and_a_migrated_one_are_the_same(url: str, tmp_path: Path, open_database: Open) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = make_engine(parse_url(url), lock_wait=5, for_migration=True)
    with engine.execution_options(writes=True).begin() as connection:
        upgrade(connection, OURS, "here")
    with engine.begin() as connection:
        options = {
            "version_table": VERSION_TABLE,
            "compare_type": True,
            "compare_server_default": True,
            "include_name": lambda name, *_: not (name or "").startswith(WORDS),
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        migrated, watched = shape(connection), triggers(connection)
        metadata.drop_all(connection)
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    engine.dispose()
    fresh = open_database(url)
    assert await fresh.read(shape) == migrated
    assert set(migrated) == set(metadata.tables)
    assert await fresh.read(triggers) == watched != {}


async def test_a_conversation_of_the_first_tables_is_there_in_todays(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    conversation, question = new_id(), new_id()
    time = "2026-01-01T00:00:00.000000Z"
    engine = make_engine(parse_url(url), lock_wait=5, for_migration=True)
    with engine.execution_options(writes=True).begin() as connection:
        upgrade(connection, History(("0001",), OURS.location), "here")
        values = {"id": conversation, "message": question, "time": time}
        for statement in (
            "INSERT INTO conversations (id, owner, title, head_id, params, pinned, archived, created_at, updated_at)"
            " VALUES (:id, 'ada', 'First words', :message, '{}', false, false, :time, :time)",
            "INSERT INTO messages (id, conversation_id, role, status, created_at)"
            " VALUES (:message, :id, 'user', 'complete', :time)",
        ):
            connection.execute(text(statement), values)
    engine.dispose()
    store = open_store(url)
    await store.create(ADA)
    [listed, _] = (await store.list(ADA, sort="title")).items
    assert (listed.id, listed.unread) == (conversation, False)
    assert [one.id for one in (await store.list(ADA, query="first")).items] == [conversation]
    [message] = (await store.path(ADA, conversation)).items
    assert (message.id, message.instruction) == (question, None)
    assert (await store.delete_message(ADA, conversation, question))[0] is None
    assert await store.restore_message(ADA, conversation, question) == question


async def test_what_answers_used_before_there_was_a_ledger_is_in_it(
    url: str, open_store: Callable[[str], ConversationStore]
) -> None:
    ids = {name: new_id() for name in ("chat", "said", "silent", "played")}
    engine = make_engine(parse_url(url), lock_wait=5, for_migration=True)
    used = '{"input_tokens": 120, "cached_tokens": 100, "output_tokens": 50, "cost_usd": 0.1}'
    with engine.execution_options(writes=True).begin() as connection:
        upgrade(connection, History(("0001", "0002"), OURS.location), "here")
        connection.execute(
            text(
                "INSERT INTO conversations (id, owner, params, pinned, archived, created_at, updated_at)"
                " VALUES (:id, 'ada', '{}', false, false, :time, :time)"
            ),
            {"id": ids["chat"], "time": "2026-01-01T00:00:00.000000Z"},
        )
        for name, model, usage in (("said", "lab/a", used), ("silent", "lab/a", "{}"), ("played", "demo/tour", used)):
            connection.execute(
                text(
                    "INSERT INTO messages (id, conversation_id, role, status, model, usage, run_id, created_at)"
                    " VALUES (:id, :chat, 'assistant', 'complete', :model, :usage, :id, :time)"
                ),
                {"id": ids[name], "chat": ids["chat"], "model": model, "usage": usage, "time": "2026-01-01T10:20:00.000000Z"},
            )
    engine.dispose()
    [(entry, _)] = await open_store(url).entries(Within(ADA, None, None))
    assert (entry.message_id, entry.conversation_id, entry.model, entry.provider) == (ids["said"], ids["chat"], "lab/a", "lab")
    assert (entry.input_tokens, entry.cached_tokens, entry.output_tokens, entry.nanos) == (120, 100, 50, 100_000_000)
    assert entry.at.isoformat() == "2026-01-01T10:20:00+00:00"


def test_every_revision_is_listed() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", OURS.location)
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == OURS.revisions


def test_nothing_imports_alembic_until_something_is_to_be_migrated(tmp_path: Path) -> None:
    program = """
import asyncio, sys, pathlib
import llmhub.conversations.values
assert "sqlalchemy" not in sys.modules
from llmhub.conversations.store import ConversationStore
async def main():
    for _ in range(2):
        store = ConversationStore(sys.argv[1], backups=pathlib.Path("."))
        await store.create("ada")
        await store.aclose()
asyncio.run(main())
assert "alembic" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program, f"sqlite:///{tmp_path / 'llmhub.db'}"], check=True)


async def test_an_old_database_is_backed_up_and_migrated(
    tmp_path: Path,
    open_store: Callable[[str], ConversationStore],
    open_database: Open,
    newer: Callable[..., History],
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"sqlite:///{tmp_path / 'llmhub.db'}"
    store = open_store(url)
    id = await a_conversation(store)
    before = await store.path(ADA, id)
    await store.aclose()
    caplog.set_level(logging.INFO)

    database = open_database(url, newer())
    colours = await database.read(lambda c: c.execute(text("SELECT colour FROM conversations")).scalars().all())
    assert colours == ["blue"]
    counts = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM parts), (SELECT count(*) FROM tags)"
    assert tuple(await database.read(lambda c: c.execute(text(counts)).one())) == (2, 2, 1), "rebuilding a table loses no rows"

    [backup] = (tmp_path / "backups").iterdir()
    assert backup.name.startswith(f"llmhub-{OURS.head}-") and backup.suffix == ".db"
    assert backup.stat().st_mode & 0o077 == 0, "only for its owner's eyes"
    assert str(backup) in caplog.text and f"from {OURS.head} to next" in caplog.text
    restored = open_store(f"sqlite:///{backup}")
    assert await restored.path(ADA, id) == before


async def test_the_last_five_backups_are_kept(
    tmp_path: Path, open_store: Callable[[str], ConversationStore], open_database: Open, newer: Callable[..., History]
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    for n in range(7):
        (backups / f"llmhub-0000-{n}.db").touch()
        os.utime(backups / f"llmhub-0000-{n}.db", (n, n))
    (backups / "mine.db").touch()
    url = f"sqlite:///{tmp_path / 'llmhub.db'}"
    store = open_store(url)
    await store.open()
    await store.aclose()
    await open_database(url, newer()).open()
    kept = sorted(path.name for path in backups.iterdir())
    assert kept[:4] == [f"llmhub-0000-{n}.db" for n in (3, 4, 5, 6)]
    assert kept[4].startswith(f"llmhub-{OURS.head}-") and kept[5:] == ["mine.db"]


async def test_backups_of_postgresql_are_its_administrators(
    postgres_url: str,
    open_store: Callable[[str], ConversationStore],
    open_database: Open,
    newer: Callable[..., History],
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = postgres_url
    await a_conversation(open_store(url))
    database = open_database(url, newer())
    assert await database.read(lambda c: c.execute(text("SELECT colour FROM conversations")).scalars().all()) == ["blue"]
    assert "Backups of it are its administrator's" in caplog.text


@pytest.mark.parametrize(
    "accident",
    [
        "    op.execute('INSERT INTO nowhere VALUES (1)')\n",
        "    raise RuntimeError('in the middle')\n",
        "    op.execute('DELETE FROM messages WHERE parent_id IS NULL')\n",
    ],
    ids=["SQL fails", "Python fails", "rows lose what they belong to"],
)
async def test_a_migration_that_fails_leaves_everything_as_it_was(
    url: str,
    open_store: Callable[[str], ConversationStore],
    open_database: Open,
    newer: Callable[..., History],
    accident: str,
) -> None:
    store = open_store(url)
    id = await a_conversation(store)
    before = await store.path(ADA, id)
    await store.aclose()
    database = open_database(url, newer(NEXT + accident))
    with pytest.raises((StoreError, RuntimeError)):
        await database.open()
    await database.aclose()
    again = open_store(url)
    assert await again.path(ADA, id) == before
    assert await again.create(ADA)


async def test_a_newer_database_is_refused_in_words_and_left_untouched(
    tmp_path: Path, open_store: Callable[[str], ConversationStore], open_database: Open, newer: Callable[..., History]
) -> None:
    folder = tmp_path / "data"
    url = f"sqlite:///{folder / 'llmhub.db'}"
    old = open_store(url)
    await a_conversation(old)
    await old.aclose()
    future = open_database(url, newer())
    await future.open()
    await future.aclose()
    before = digest(folder)
    store = open_store(url)
    for _ in range(2):
        with pytest.raises(NewerVersion) as caught:
            await store.list(ADA)
    assert str(folder / "llmhub.db") in caught.value.message and "next" in caught.value.message
    assert "pip install -U llmhub" in caught.value.hint
    await store.aclose()
    assert digest(folder) == before


async def test_a_newer_postgresql_is_refused(
    postgres_url: str, open_store: Callable[[str], ConversationStore], open_database: Open, newer: Callable[..., History]
) -> None:
    url = postgres_url
    await open_store(url).open()
    await open_database(url, newer()).open()
    with pytest.raises(NewerVersion):
        await open_store(url).open()


async def test_another_programs_database_is_refused_and_left_untouched(
    tmp_path: Path, open_store: Callable[[str], ConversationStore]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "llmhub.db")) as other:
        other.execute("CREATE TABLE recipes (name)")
        other.commit()
    before = digest(folder)
    store = open_store(f"sqlite:///{folder / 'llmhub.db'}")
    with pytest.raises(StoreError, match="another program"):
        await store.open()
    await store.aclose()
    assert digest(folder) == before


async def test_servers_that_open_a_fresh_database_at_once_all_can(url: str, open_store: Callable[[str], ConversationStore]) -> None:
    stores = [open_store(url) for _ in range(6)]
    await asyncio.gather(*(store.create(ADA) for store in stores))
    assert len((await stores[0].list(ADA)).items) == 6


async def test_one_of_many_servers_migrates_and_the_others_wait(
    url: str,
    tmp_path: Path,
    open_store: Callable[[str], ConversationStore],
    open_database: Open,
    newer: Callable[..., History],
) -> None:
    await a_conversation(open_store(url))
    history = newer()
    databases = [open_database(url, history) for _ in range(4)]
    await asyncio.gather(*(database.open() for database in databases))
    for database in databases:
        assert await database.read(lambda c: c.execute(text("SELECT count(colour) FROM conversations")).scalar_one()) == 1
    if url.startswith("sqlite"):
        assert len(list((tmp_path / "backups").iterdir())) == 1


def test_processes_that_open_a_fresh_database_at_once_all_can(tmp_path: Path) -> None:
    program = """
import asyncio, sys, pathlib
from llmhub.conversations.store import ConversationStore
async def main():
    store = ConversationStore(sys.argv[1], backups=pathlib.Path("."))
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(20):
        await store.create("ada")
    await store.aclose()
asyncio.run(main())
"""
    url = f"sqlite:///{tmp_path / 'llmhub.db'}"
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        with process:
            assert process.wait(60) == 0
    with closing(sqlite3.connect(tmp_path / "llmhub.db")) as connection:
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (60,)
