"""The index: what messages, titles, tags and file names are found by. `settle` ends every transaction that writes.

It never costs what is being written: what cannot be indexed just then goes to the backlog, and is tried again in the background.
Entries are made from whole texts (`entries`); their ids go by the time of what they are of.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final, cast

import orjson
from sqlalchemy import Column, Connection, Table, delete, func, insert, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ..tables import conversations, parts, search_backlog, search_entries, search_stale
from . import contents
from .direct import Direct, Statement
from .entries import BLOCK, Entry, minute, of_message, of_title, unpacked
from .postgres import BATCH, LOCK
from .schema import WORDS
from .waiting import Last, Waiting, hidden, last_ids, last_seen, late, taken

_FEW: Final = 50
"""So many of the backlog are indexed at a time: whoever writes meanwhile waits for no more."""
_MANY: Final = 50
"""More entries than this go into PostgreSQL by its own way for many."""
_log = logging.getLogger(__name__)

_NAMES: Final = "SELECT id, name FROM files WHERE id {among}"
_REMOVE: Final = "DELETE FROM search_entries WHERE id {among}"
_INDEXED: Final = "DELETE FROM search_backlog WHERE id {among}"
_COLUMNS: Final = ("id", "subject", "piece", "owner", "terms", "vector")
_ADD: Final = f"INSERT INTO search_entries ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?)"
_ADD_WORDS: Final = f"INSERT INTO {WORDS} (rowid, stream, extras) VALUES (?, ?, ?)"
_TAKE_WORDS: Final = f"INSERT INTO {WORDS} ({WORDS}, rowid, stream, extras) VALUES ('delete', ?, ?, ?)"
_LOCK: Final = Statement(f"SELECT pg_advisory_xact_lock({LOCK})")
_BEGIN, _END, _UNDO = (Statement(f"{word} llmhub_search") for word in ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT"))
_LATER: Final = (
    Statement("INSERT INTO search_backlog (id) SELECT id FROM search_stale WHERE true ON CONFLICT (id) DO NOTHING"),
    Statement("DELETE FROM search_stale RETURNING id"),
)


def settle(c: Connection) -> BaseException | None:
    """Make the index hold what this transaction has written; gives why it could not, and then the backlog has it.

    Costs one short query where nothing was written that is searched. Raises only where the transaction itself is lost.
    """
    direct = Direct(c)
    try:
        _settle_all(direct)
    except Exception as exc:
        if not _goes_back(direct):
            raise
        if not _put_off(direct):
            return None  # nothing was to be indexed: whoever wants what is missing will mend it
        _log.warning("What was written is stored, but not found yet: the search index failed.", exc_info=exc)
        return exc
    return None


def _settle_all(direct: Direct) -> None:
    # SQLite's full text is written when this ends, and may fail then. On PostgreSQL it ends with the transaction.
    end = [] if direct.dialect == "postgresql" else [_END]
    rows, last = taken(direct, _BEGIN)
    while rows:
        is_last = len(rows) < BATCH
        _settle(direct, rows, last, *(end if is_last else []))
        rows, last = ([], {}) if is_last else taken(direct)


def lock(direct: Direct) -> None:
    """One process at a time gives ids. Whoever waits here holds nothing that the other one still wants: it is the end of both."""
    if direct.dialect == "postgresql":
        direct.ask(_LOCK)


@contextmanager
def undone_if_it_fails(direct: Direct) -> Generator[None]:
    """A part of a transaction that happens as a whole or not at all."""
    direct.ask(_BEGIN)
    try:
        yield
        direct.ask(_END)
    except Exception:
        _goes_back(direct)
        raise


def _goes_back(direct: Direct) -> bool:
    """Undo what was written of the index. False: a full disk or a lost connection has ended the whole transaction."""
    with suppress(DBAPIError):  # a full text that is damaged may fail in this, too: it is made anew anyway
        direct.ask(_UNDO, _END)
    return direct.goes_on


def _put_off(direct: Direct) -> bool:
    """Whether something was there to be put off."""
    try:
        return bool(direct.ask(_BEGIN, *_LATER, _END)[2])
    except DBAPIError:  # nothing of the index is there: `repair` makes it anew, from all that is stored
        if not _goes_back(direct):
            raise
        _log.debug("Not noted either.", exc_info=True)
        return True


def _settle(direct: Direct, rows: Sequence[Waiting], last: Last, *after: Statement) -> None:
    """Entries for all of `rows`, in place of those that they have; then `after`."""
    gone: list[tuple[int, bytes]] = []
    new: list[tuple[Entry, bytes]] = []
    for row, entries in zip(rows, _entries(direct, rows), strict=True):
        packed = [(entry, entry.packed()) for entry in entries]
        same = [terms for _, terms in row.held] == [terms for _, terms in packed]
        if same and all(id // BLOCK >= minute(made.at) for (id, _), (made, _) in zip(row.held, packed, strict=True)):
            continue
        gone += row.held
        new += packed
    given = _next_ids(direct, [entry.at for entry, _ in new], last)
    made = [(id, entry, packed) for id, (entry, packed) in zip(given, new, strict=True)]
    put(direct, made, first=removed(direct, gone), after=after)


def removed(direct: Direct, gone: Sequence[tuple[int, bytes]]) -> list[Statement]:
    """What takes entries out, each an id and what it holds. SQLite's full text has to be told that."""
    if not gone:
        return []
    words = [] if direct.dialect == "postgresql" else [Statement(_TAKE_WORDS, many=[(id, *unpacked(held)) for id, held in gone])]
    return [*words, Statement(_REMOVE, (direct.ids(id for id, _ in gone),))]


def put(
    direct: Direct, new: Sequence[tuple[int, Entry, bytes]], *, first: Sequence[Statement] = (), after: Sequence[Statement] = ()
) -> None:
    """Put entries in, each under its id and as it is packed; `first` and `after` in the same round trip, where there are few."""
    if direct.dialect != "postgresql":
        rows = [(id, entry.subject, entry.piece, entry.owner, packed, None) for id, entry, packed in new]
        words = [(id, entry.stream, entry.extras) for id, entry, _ in new]
        direct.ask(*first, Statement(_ADD, many=rows), Statement(_ADD_WORDS, many=words), *after)
        return
    rows = [(id, entry.subject, entry.piece, entry.owner, packed, entry.vector()) for id, entry, packed in new]
    if len(rows) <= _MANY:
        direct.ask(*first, *(Statement(_ADD, row) for row in rows), *after)
        return
    if first:
        direct.ask(*first)
    direct.copy("search_entries", _COLUMNS, rows)
    if after:
        direct.ask(*after)


def rebuild(c: Connection) -> None:
    """Throw the index away and make it anew from what is there, in one go. For tests; `repair` does it bit by bit."""
    c.execute(delete(search_entries))
    if c.dialect.name != "postgresql":
        c.exec_driver_sql(f"INSERT INTO {WORDS} ({WORDS}) VALUES ('delete-all')")
    c.execute(delete(search_backlog))
    c.execute(delete(search_stale))
    everything(c, search_stale)
    _settle_all(Direct(c))


def everything(c: Connection, table: Table) -> None:
    """Note all that is there in `search_stale` or `search_backlog`, which is empty."""
    for column in cast("tuple[Column[str], ...]", (conversations.c.id, parts.c.message_id)):
        c.execute(insert(table).from_select(["id"], select(column).distinct()))


def backlog(c: Connection) -> int:
    """How much of what was there before the index is not in it yet."""
    return c.execute(select(func.count()).select_from(search_backlog)).scalar_one()


def catch_up(c: Connection) -> int:
    """Index a little of the backlog. Gives how many there were. What cannot be indexed is left out, with a word in the log."""
    direct = Direct(c)
    lock(direct)
    rows, last = late(direct, _FEW)
    if not rows:
        return 0
    try:
        direct.ask(_BEGIN)
        _settle(direct, rows, last, _END)
    except Exception as exc:
        if not _goes_back(direct):
            raise
        _log.info("Not all of these can be indexed together: each is by itself.", exc_info=exc)
        for row in rows:
            _one(direct, row)
    direct.ask(Statement(_INDEXED, (direct.ids(row.id for row in rows),)))
    return len(rows)


def _one(direct: Direct, row: Waiting) -> None:
    try:
        direct.ask(_BEGIN)
        try:
            _settle(direct, [row], {}, _END)
        except IntegrityError as exc:
            _log.warning("The search index holds entries of %s that it does not show: they are replaced.", row.id, exc_info=exc)
            direct.ask(_UNDO)
            _settle(direct, [row._replace(held=hidden(direct, row.id))], last_seen(direct, row), _END)
    except Exception as exc:
        if isinstance(exc, zlib.error | DBAPIError) and not isinstance(exc, DataError):
            raise  # it is not this text
        if not _goes_back(direct):
            raise
        _log.exception("%s cannot be searched.", row.id)


# ---- what an entry holds


def _entries(direct: Direct, rows: Sequence[Waiting]) -> list[list[Entry]]:
    """What each is found by: nothing, if it is not there any more."""
    bodies = [[orjson.loads(body) for body in row.bodies] for row in rows]
    names: dict[str, str] = {}
    if ids := contents.file_ids(body for said in bodies for body in said):
        names = dict(direct.ask(Statement(_NAMES, (direct.ids(ids),)))[0])
    made: list[list[Entry]] = []
    for row, said in zip(rows, bodies, strict=True):
        found = of_message(row, said, names) if row.conversation_id is not None else []
        made.append(of_title(row, row.tags) if row.titled_owner is not None else found)
    return made


def next_ids(direct: Direct, times: Sequence[datetime]) -> list[int]:
    """An id for each, of its minute, that nothing has."""
    return _next_ids(direct, times, last_ids(direct, {minute(at) for at in times}))


def _next_ids(direct: Direct, times: Sequence[datetime], last: Last) -> list[int]:
    """The same, where the last of most minutes are known; an id of a later minute where that one is full."""
    given: list[int] = []
    for at in times:
        block = minute(at)
        while _last(direct, last, block) == (block + 1) * BLOCK - 1:
            block += 1
        last[block] += 1
        given.append(last[block])
    return given


def _last(direct: Direct, last: Last, block: int) -> int:
    if block not in last:
        last |= last_ids(direct, [block])
    return last[block]
