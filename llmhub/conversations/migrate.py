"""Bringing a database to today's tables: a fresh one is made from `tables.py`, an old one goes through Alembic after a backup.

Alembic is imported only when there is something to migrate (it costs 250 ms). A test holds that both ways end at the same tables.
To change the tables: change `tables.py`, write the next file in `migrations/versions`, name it in `OURS`; a test says what differs.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Column, Connection, Engine, String, Table, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from ..errors import NewerVersion, StoreError
from .engine import sqlite_file
from .search import schema
from .tables import metadata

VERSION_TABLE = "llmhub_version"
KEEP = 5
"""Backups kept, newest first."""


class History(NamedTuple):
    """The revisions that this llmhub knows, oldest first, and where Alembic finds them."""

    revisions: tuple[str, ...]
    location: str

    @property
    def head(self) -> str:
        """What a database of today is at."""
        return self.revisions[-1]


OURS = History(
    ("0001", "0002", "0003", "0005", "0004", "0009", "0007", "0006", "0008", "0010", "0011", "0012"),
    "llmhub.conversations:migrations",
)

_version = Table(VERSION_TABLE, metadata.__class__(), Column("version_num", String(32), primary_key=True))
_LOCK = 0x6C6C6D687562  # "llmhub": PostgreSQL's advisory lock
_PATIENCE = 600  # seconds


def ensure(engine: Engine, history: History, *, place: str, backups: Path | None, log: logging.Logger) -> None:
    """Make the database today's. Two processes at once: one works, the other waits and finds it done."""
    with engine.begin() as connection:
        if _revision(connection, history, place) == history.head:
            return
    with engine.execution_options(writes=True).connect() as connection, _alone(connection):
        revision = _revision(connection, history, place)
        if revision is None:
            _create(connection, history)
        elif revision != history.head:
            _back_up(engine, revision, backups, log)
            upgrade(connection, history, place)
            log.info("Migrated the conversation store %s from %s to %s.", place, revision, history.head)


@contextmanager
def _alone(connection: Connection) -> Generator[None]:
    """A transaction that waits for another process's migration, however long it takes."""
    if connection.dialect.name == "sqlite":
        # Past SQLAlchemy, which would begin the transaction, and wait, with this.
        connection.connection.cursor().execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000}").close()
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield


def _revision(connection: Connection, history: History, place: str) -> str | None:
    """The revision of the database; None for an empty one. A newer or foreign one is refused before anything is written."""
    there = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in there:
        if connection.dialect.name == "sqlite" and there:
            raise StoreError(
                f"{place} is an SQLite database of another program. It was left untouched.",
                hint="Point LLMHUB_DATA_DIR or database_url elsewhere, or move the file away.",
            )
        return None
    revision = connection.execute(select(_version.c.version_num)).scalar_one_or_none()
    if revision is not None and revision not in history.revisions:
        raise NewerVersion(
            f"{place} was written by a newer llmhub (revision {revision}; this one knows {history.head}). It was left untouched.",
            hint="Upgrade with `pip install -U llmhub`, or point LLMHUB_DATA_DIR at another folder.",
            details={"revision": revision, "known": history.head},
        )
    return revision


def _create(connection: Connection, history: History) -> None:
    metadata.create_all(connection, checkfirst=False)
    _version.create(connection, checkfirst=False)
    connection.execute(insert(_version).values(version_num=history.head))


def upgrade(connection: Connection, history: History, place: str) -> None:
    """Run the revisions that are missing, inside the transaction of `connection`: all of them happen or none."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", history.location)
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, history.head)
    except IntegrityError as exc:
        raise _undone(place) from exc
    schema.install(connection)  # a table that was made anew has lost its triggers
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise _undone(place)


def _undone(place: str) -> StoreError:
    return StoreError(
        f"The migration of {place} would have left rows without what they belong to, and was undone.",
        hint="The database is as it was. Go back to the llmhub you had, and please report this.",
    )


def _back_up(engine: Engine, revision: str, backups: Path | None, log: logging.Logger) -> None:
    """Copy the database as it is, while we hold its write lock and nothing can change."""
    source = sqlite_file(engine.url)
    if source is None:
        log.warning("Migrating the conversation store on PostgreSQL. Backups of it are its administrator's.")
        return
    if backups is None:
        return
    backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = backups / f"llmhub-{revision}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.db"
    half = target.with_suffix(".part")
    try:
        half.touch(mode=0o600)
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(half)) as new:
            old.backup(new)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    log.info("Backed up the conversation store to %s before its migration.", target)
    for stale in sorted(backups.glob("llmhub-*.db"), key=lambda path: path.stat().st_mtime)[:-KEEP]:
        stale.unlink()
