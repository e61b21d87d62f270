"""The index's own statements, given to the driver itself: SQLAlchemy's way to it takes longer than they do.

Written once for both databases, with `?` and `{among}` (one of the ids in a list). What is asked together goes to PostgreSQL in
one round trip.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_AMONG: Final = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(%s)"}


class Statement(NamedTuple):
    """One statement and its values. `many`: rows of values, for each of which it is executed."""

    sql: str
    values: Sequence[Any] = ()
    many: Sequence[Sequence[Any]] | None = None


class Direct:
    """A connection inside its transaction. Failures come out as SQLAlchemy's, without values: those are what was said."""

    def __init__(self, c: Connection) -> None:
        self._raw: Any = c.connection.driver_connection
        self._error: type[Exception] = c.dialect.loaded_dbapi.Error
        self.dialect = c.dialect.name

    @property
    def goes_on(self) -> bool:
        """Whether the transaction is still there, and takes more."""
        if self.dialect == "postgresql":
            return self._raw.info.transaction_status.name == "INTRANS"
        return bool(self._raw.in_transaction)

    def ids(self, ids: Iterable[Any]) -> Any:
        """The value of `{among}`."""
        return list(ids) if self.dialect == "postgresql" else orjson.dumps(list(ids)).decode()

    def ask(self, *statements: Statement) -> list[list[Any]]:
        """Execute them in their order. Gives the rows of each; none for what gives none."""
        with self._in_words():
            return self._sent(statements) if self.dialect == "postgresql" else [self._rows(one) for one in statements]

    def _rows(self, one: Statement) -> list[Any]:
        sql = _written(one.sql, "sqlite")
        done = self._raw.execute(sql, one.values) if one.many is None else self._raw.executemany(sql, one.many)
        return done.fetchall()

    def _sent(self, statements: Sequence[Statement]) -> list[list[Any]]:
        """To PostgreSQL, in one round trip."""
        if len(statements) == 1 and statements[0].many is None:
            return [_fetched(self._raw.execute(_written(statements[0].sql, "postgresql"), statements[0].values or None))]
        cursors: list[Any] = []
        with self._raw.pipeline():
            for one in statements:
                cursors.append(self._raw.cursor())
                sql = _written(one.sql, "postgresql")
                _ = cursors[-1].execute(sql, one.values) if one.many is None else cursors[-1].executemany(sql, one.many)
        return [_fetched(cursor) for cursor in cursors]

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Many rows into a table of PostgreSQL's."""
        written = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._in_words(), self._raw.cursor() as cursor, cursor.copy(written) as copying:
            for row in rows:
                copying.write_row(row)

    @contextmanager
    def _in_words(self) -> Generator[None]:
        try:
            yield
        except self._error as exc:
            raise DBAPIError.instance("(of the search index)", None, exc, self._error, hide_parameters=True) from exc


@contextmanager
def planned_for_each(c: Connection) -> Generator[None]:
    """PostgreSQL plans what is asked here anew for its values: one plan for rare and common words would be bad for either."""
    raw: Any = c.connection.driver_connection
    if c.dialect.name != "postgresql":
        yield
        return
    before, raw.prepare_threshold = raw.prepare_threshold, None
    try:
        yield
    finally:
        raw.prepare_threshold = before


def _fetched(cursor: Any) -> list[Any]:
    return cursor.fetchall() if cursor.description else []


@cache
def _written(sql: str, dialect: str) -> str:
    written = sql.replace("{among}", _AMONG[dialect])
    return written.replace("?", "%s") if dialect == "postgresql" else written
