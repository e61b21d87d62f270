"""What the index has beyond its tables: the full text itself, and triggers that say which entries no longer hold.

A trigger writes only an id. Whatever writes messages, titles or tags, in whichever way, thereby makes the index follow at the end
of the same transaction (`index.settle`). A migration that rebuilds a table takes its triggers away without a word: so they are put
back after every migration. A database in memory has none: what is temporary is in no index.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, event, inspect

from ..tables import search_entries
from . import postgres

WORDS: Final = "search_words"
"""SQLite's full text, without the texts: `search_entries` has what is needed to take an entry out again."""

# Only blanks part words, which were made before; "=" and "~" stand before what is no word. We rank ourselves: no sizes are kept.
# Beginnings of two and three letters have lists of their own: "the" would else gather a million matches while it is typed.
_FULL_TEXT: Final = (
    f"CREATE VIRTUAL TABLE {WORDS} USING fts5"
    "(stream, extras, content='', columnsize=0, tokenize=\"ascii tokenchars '=~'\", prefix='2 3')"
)


class _Watch(NamedTuple):
    table: str
    column: str
    """Which id it says."""
    when: str
    only: str = ""


_SAID: Final = "role, model, instruction, conversation_id, created_at"
_WATCHES: Final = (
    _Watch("parts", "message_id", "INSERT"),
    _Watch("parts", "message_id", "UPDATE"),
    _Watch("parts", "message_id", "DELETE"),
    _Watch("messages", "id", f"UPDATE OF {_SAID}", _SAID),
    _Watch("messages", "id", "DELETE"),
    _Watch("conversations", "id", "INSERT"),
    _Watch("conversations", "id", "UPDATE OF title, created_at", "title, created_at"),
    _Watch("conversations", "id", "DELETE"),
    _Watch("tags", "conversation_id", "INSERT"),
    _Watch("tags", "conversation_id", "UPDATE"),
    _Watch("tags", "conversation_id", "DELETE"),
)


def install(connection: Connection) -> None:
    """Make what is not there. Called with fresh tables and after every migration."""
    if not inspect(connection).has_table(search_entries.name):
        return
    if connection.dialect.name == "postgresql":
        for statement in _postgres():
            connection.exec_driver_sql(statement)
    elif connection.engine.url.database not in (None, "", ":memory:"):
        if connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = ?", (WORDS,)).first() is None:
            connection.exec_driver_sql(_FULL_TEXT)
        for statement in _sqlite():
            connection.exec_driver_sql(statement)


def is_whole(connection: Connection) -> bool:
    """Whether every trigger is there: one that is missing lets the index drift without a word."""
    if connection.dialect.name == "postgresql":
        asked = (
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND starts_with(tgname, 'search_')"
            f" AND {postgres.is_there(WORDS)}"
        )
    else:
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return {_name(watch) for watch in _WATCHES} <= set(connection.exec_driver_sql(asked).scalars())


def _sqlite() -> Iterator[str]:
    for watch in _WATCHES:
        row = "old" if watch.when == "DELETE" else "new"
        changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in watch.only.split(", ") if name)
        when = f" WHEN {changed}" if changed else ""
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {_name(watch)} AFTER {watch.when} ON {watch.table}{when} BEGIN"
            f" INSERT INTO search_stale (id) VALUES ({row}.{watch.column}) ON CONFLICT (id) DO NOTHING; END"
        )


def _postgres() -> Iterator[str]:
    yield from postgres.install(WORDS)
    for column in sorted({watch.column for watch in _WATCHES}):
        for row in ("old", "new"):
            yield (
                f"CREATE OR REPLACE FUNCTION search_stale_{row}_{column}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" INSERT INTO search_stale (id) VALUES ({row}.{column}) ON CONFLICT (id) DO NOTHING; RETURN NULL; END $$"
            )
    for watch in _WATCHES:
        row = "old" if watch.when == "DELETE" else "new"
        changed = " OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in watch.only.split(", ") if name)
        when = f" WHEN ({changed})" if changed else ""
        yield f"DROP TRIGGER IF EXISTS {_name(watch)} ON {watch.table}"
        yield (
            f"CREATE TRIGGER {_name(watch)} AFTER {watch.when} ON {watch.table} FOR EACH ROW{when}"
            f" EXECUTE FUNCTION search_stale_{row}_{watch.column}()"
        )


def _name(watch: _Watch) -> str:
    return f"search_{watch.table}_{watch.when.split()[0].lower()}"


def _created(_table: Any, connection: Connection, **_: Any) -> None:
    # After all tables: `metadata` makes them in one go, and the last one of it calls this.
    install(connection)


def _dropped(_table: Any, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {WORDS}")


event.listen(search_entries.metadata, "after_create", _created)
event.listen(search_entries, "after_drop", _dropped)
