"""Opening a database: the driver, the pragmas, and on network file systems a journal that is safe there.

Nothing here migrates. `Journal` is decided from the path alone, before the file is touched.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool, StaticPool

from ..errors import ConfigError
from .mounts import Mount, file_system, is_network

READERS = 4


class Journal(NamedTuple):
    """How SQLite makes a commit safe, and why this way."""

    mode: str
    synchronous: str
    why: str = ""


WAL = Journal("wal", "NORMAL")
"""A crash of the machine may undo the last commits, never damage the file; a crash of the process undoes nothing."""


def parse_url(url: str | Path) -> URL:
    """A database URL with the driver we use, or `ConfigError`. A path is an SQLite file, whatever characters are in it."""
    if isinstance(url, Path):
        return URL.create("sqlite+pysqlite", database=str(url))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # `from None`: the driver's own words quote the URL, password and all
        raise ConfigError(
            "database_url is not a database URL.",
            hint="Write it like postgresql://user:password@host/name.",
            details={"key": "database_url"},
        ) from None
    name = parsed.drivername.partition("+")[0]
    if name in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if name == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    raise ConfigError(
        f"database_url names {name!r}, and llmhub stores conversations in SQLite or PostgreSQL.",
        hint="Write it like postgresql://user:password@host/name, or leave it out for SQLite.",
        details={"key": "database_url"},
    )


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite URL; None for PostgreSQL and for a database in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database.removeprefix("file:"))


def place_of(url: URL) -> str:
    """What to call a database in messages: the file, or `host/name` without credentials."""
    if file := sqlite_file(url):
        return str(file)
    if url.get_backend_name() == "sqlite":
        return "memory"
    host = url.host or str(url.query.get("host", "localhost"))
    return f"{host}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def journal_for(file: Path, mounts: Sequence[Mount]) -> Journal:
    """WAL on a local disk; on a network file system a rollback journal, flushed at every commit."""
    kind = file_system(Path(os.path.realpath(file)), mounts)
    if kind is None or not is_network(kind):
        return WAL
    return rollback(f"it is on a network file system ({kind}), where SQLite's write-ahead log can damage the database")


def rollback(why: str) -> Journal:
    """The journal that needs no memory shared between processes. TRUNCATE leaves no deleted-but-open files behind on NFS."""
    return Journal("truncate", "FULL", why)


def make_engine(url: URL, *, journal: Journal = WAL, lock_wait: float, for_migration: bool = False) -> Engine:
    """An engine whose connections are set up our way. It connects on first use.

    `for_migration` turns SQLite's foreign keys off: a migration that rebuilds a table drops it first, and the rows of others would
    be deleted along.
    """
    options: dict[str, Any] = {
        "json_serializer": _to_json,
        "json_deserializer": orjson.loads,
        "hide_parameters": True,  # parameters are prompts; they must not get into logs
    }
    if url.get_backend_name() == "postgresql":
        return _postgres(url, options, lock_wait)
    if sqlite_file(url) is None:
        options |= {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    elif for_migration:
        options |= {"poolclass": NullPool, "connect_args": {"timeout": lock_wait}}
    else:
        options |= {"pool_size": READERS + 1, "max_overflow": 0, "connect_args": {"timeout": lock_wait}}
    engine = create_engine(url, **options)

    def connected(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: `begun` does, and says which kind.
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'OFF' if for_migration else 'ON'}")
        connection.execute(f"PRAGMA synchronous = {journal.synchronous}")
        if journal.mode != "wal" and not for_migration:
            connection.execute(f"PRAGMA journal_mode = {journal.mode}")  # only WAL is remembered in the file

    def begun(connection: Any) -> None:
        # A writer takes the lock at once: a reader that turns into a writer fails without waiting when another was quicker.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _postgres(url: URL, options: dict[str, Any], lock_wait: float) -> Engine:
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": 10}
    try:
        engine = create_engine(url, pool_size=READERS + 1, max_overflow=0, pool_pre_ping=True, connect_args=arguments, **options)
    except (ImportError, NoSuchModuleError) as exc:
        raise ConfigError(
            "database_url asks for PostgreSQL, whose driver is not installed.",
            hint="Run: pip install 'llmhub[postgres]'",
            details={"key": "database_url"},
        ) from exc

    def connected(connection: Any, _record: Any) -> None:
        connection.execute(f"SET lock_timeout = {int(lock_wait * 1000)}")
        connection.commit()

    event.listen(engine, "connect", connected)
    return engine
