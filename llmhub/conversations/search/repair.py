"""When the index itself is damaged: seen by what the database complains of, and made anew from what is stored.

What was said is in other tables, and is not touched. The new index is filled in the background (`index.catch_up`).
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import zlib
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ..tables import search_backlog, search_entries, search_stale
from . import index, schema
from .direct import Direct
from .schema import WORDS

_TABLES: Final = (search_entries, search_stale, search_backlog)
_GONE: Final = frozenset({"42P01", "42703", "42883", "42704", "XX001", "XX002", "23505"})
"""PostgreSQL: no such table, column, function, object; damaged data, damaged index; an id that was free is taken."""
# SQLite can drop a full text only if it can open it: so an empty one is put in the place of what is broken (sqlite.org/fts5.html,
# "fts5_index.c": record 1 has the averages, record 10 the structure, seven zeros of an index without segments).
_EMPTY: Final = (
    f"DROP TABLE IF EXISTS {WORDS}_data",
    f"DROP TABLE IF EXISTS {WORDS}_idx",
    f"DROP TABLE IF EXISTS {WORDS}_config",
    f"CREATE TABLE {WORDS}_data (id INTEGER PRIMARY KEY, block BLOB)",
    f"CREATE TABLE {WORDS}_idx (segid, term, pgno, PRIMARY KEY (segid, term)) WITHOUT ROWID",
    f"CREATE TABLE {WORDS}_config (k PRIMARY KEY, v) WITHOUT ROWID",
    f"INSERT INTO {WORDS}_config (k, v) VALUES ('version', 4)",
    f"INSERT INTO {WORDS}_data (id, block) VALUES (1, x''), (10, x'00000000000000')",
)
_log = logging.getLogger(__name__)


def is_damage(error: BaseException | None) -> bool:
    """Whether a failure, or what it comes from, says that something of the index is missing or broken."""
    while error is not None:
        if isinstance(error, DBAPIError):
            return _is_damage(error.orig)
        if isinstance(error, zlib.error):  # packed terms that are none
            return True
        error = error.__cause__
    return False


def _is_damage(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.IntegrityError):
        return True  # the full text contradicts itself: nobody else gives ids there
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        # No such table; a full text that contradicts itself. A damaged file (SQLITE_CORRUPT alone) is more than we can mend.
        return code in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT_VTAB)
    return str(getattr(error, "sqlstate", "")) in _GONE


def keeps_from_writing(error: BaseException) -> bool:
    """Whether a write failed because of what a trigger notes for the index."""
    return isinstance(error, DBAPIError) and _is_damage(error.orig) and "search_" in str(error.orig)


def mend(c: Connection) -> bool:
    """Look whether all of the index is there and works; make it anew if not, and say so."""
    if _works(c):
        return False
    remake(c)
    return True


def remake(c: Connection) -> None:
    """Throw the index away, make it anew, empty, and note all that is stored to be indexed."""
    if c.dialect.name == "postgresql":
        # Nobody is in the middle of a write: what they note would be lost with the table that they note it in.
        c.execute(text("LOCK TABLE conversations, messages, parts, tags IN SHARE ROW EXCLUSIVE MODE"))
        index.lock(Direct(c))
    else:
        _drop_words(c)
    for table in _TABLES:
        c.execute(text(f"DROP TABLE IF EXISTS {table.name}"))
        table.create(c)
    schema.install(c)
    index.everything(c, search_backlog)
    _log.warning("The search index was damaged. It is made anew in the background; what was said is all there.")


def _works(c: Connection) -> bool:
    try:
        with c.begin_nested():
            for table in _TABLES:
                c.execute(table.select().limit(1)).first()
            if c.dialect.name != "postgresql":
                row = (1, "probe", "=probe")
                c.exec_driver_sql(f"SELECT rowid FROM {WORDS} WHERE {WORDS} MATCH '\"=probe\"'").all()
                c.exec_driver_sql(f"INSERT INTO {WORDS} (rowid, stream, extras) VALUES (?, ?, ?)", row)
                c.exec_driver_sql(f"INSERT INTO {WORDS} ({WORDS}, rowid, stream, extras) VALUES ('delete', ?, ?, ?)", row)
        return schema.is_whole(c)
    except DBAPIError as exc:
        if not is_damage(exc):
            raise
        return False


def _drop_words(c: Connection) -> None:
    drop = f"DROP TABLE IF EXISTS {WORDS}"
    with contextlib.suppress(DBAPIError):
        with c.begin_nested():
            c.exec_driver_sql(drop)
        return
    for statement in _EMPTY:
        c.exec_driver_sql(statement)
    c.exec_driver_sql(drop)
