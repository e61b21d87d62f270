"""The index: what messages, titles, tags and file names are found by. `settle` ends every transaction that writes.

It never costs what is being written: what cannot be indexed just then goes to the backlog, and is tried again in the background.
Entries are made from whole texts (`entries`); their ids go by the time of what they are of.
"""

from __future__ import annotations

import logging
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import BigInteger, Column, Connection, Table, bindparam, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DataError, DBAPIError

from ..tables import conversations, files, messages, parts, search_backlog, search_entries, search_stale, tags
from . import contents
from .entries import BLOCK, Entry, minute, of_message, of_title, unpacked
from .schema import LOCK, WORDS

_BATCH: Final = 500
_FEW: Final = 50
"""So many of the backlog are indexed at a time: whoever writes meanwhile waits for no more."""
_log = logging.getLogger(__name__)

_titled = conversations.alias("titled")


def _waiting(table: Table, most: int) -> Any:
    """What is noted in a table, each with what it is: a message, a conversation, or nothing that is there."""
    return (
        select(
            table.c.id,
            messages.c.conversation_id,
            messages.c.role,
            messages.c.model,
            messages.c.instruction,
            messages.c.created_at,
            conversations.c.owner,
            _titled.c.owner.label("titled_owner"),
            _titled.c.title,
            _titled.c.created_at.label("titled_at"),
        )
        .outerjoin(messages, messages.c.id == table.c.id)
        .outerjoin(conversations, conversations.c.id == messages.c.conversation_id)
        .outerjoin(_titled, _titled.c.id == table.c.id)
        .limit(most)
    )


_STALE = _waiting(search_stale, _BATCH)
_BACKLOG = _waiting(search_backlog, _FEW).order_by(search_backlog.c.id.desc())  # the newest first: they are looked for most
_ids = cast("Any", bindparam("ids", expanding=True))
_BODIES = select(parts.c.message_id, parts.c.body).where(parts.c.message_id.in_(_ids)).order_by(parts.c.message_id, parts.c.idx)
_TAGS = select(tags.c.conversation_id, tags.c.tag).where(tags.c.conversation_id.in_(_ids)).order_by(tags.c.tag)
_NAMES = select(files.c.id, files.c.name).where(files.c.id.in_(_ids))
_OLD = select(search_entries.c.id, search_entries.c.subject, search_entries.c.piece, search_entries.c.terms).where(
    search_entries.c.subject.in_(_ids)
)
_REMOVE = delete(search_entries).where(search_entries.c.id.in_(_ids))
_DONE = delete(search_stale).where(search_stale.c.id.in_(_ids))
_INDEXED = delete(search_backlog).where(search_backlog.c.id.in_(_ids))
_ADD = insert(search_entries)
_HIGHEST = f"(SELECT max(id) FROM search_entries WHERE id BETWEEN first AND first + {BLOCK - 1})"
_LAST: Final = {
    "sqlite": text(f"SELECT value AS first, {_HIGHEST.replace('first', 'value')} FROM json_each(:blocks)"),
    "postgresql": text(f"SELECT first, {_HIGHEST} FROM unnest(:blocks) AS first").bindparams(
        bindparam("blocks", type_=ARRAY(BigInteger))
    ),
}


def settle(c: Connection) -> BaseException | None:
    """Make the index hold what this transaction has written; gives why it could not, and then the backlog has it.

    Costs one short query where nothing was written that is searched. Raises only where the transaction itself is lost.
    """
    try:
        with c.begin_nested():
            _settle_all(c)
    except Exception as exc:
        if not _goes_on(c):
            raise
        _log.warning("What was written is stored, but not found yet: the search index failed.", exc_info=True)
        _put_off(c)
        return exc
    return None


def _settle_all(c: Connection) -> None:
    rows = c.execute(_STALE).all()
    if rows:
        lock(c)
    while rows:
        ids = [row.id for row in rows]
        _settle(c, rows)
        c.execute(_DONE, {"ids": ids})
        rows = c.execute(_STALE).all() if len(rows) == _BATCH else ()


def lock(c: Connection) -> None:
    """One process at a time gives ids. Whoever waits here holds nothing that the other one still wants: it is the end of both."""
    if c.dialect.name == "postgresql":
        c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _goes_on(c: Connection) -> bool:
    """Whether the transaction is still there: a full disk or a lost connection ends it."""
    if c.dialect.name == "sqlite":
        return bool(getattr(c.connection.driver_connection, "in_transaction", False))
    try:
        with c.begin_nested():
            c.execute(text("SELECT 1"))
    except Exception:
        return False
    return True


def _put_off(c: Connection) -> None:
    try:
        with c.begin_nested():
            noted = select(search_stale.c.id).where(search_stale.c.id.not_in(select(search_backlog.c.id)))
            c.execute(insert(search_backlog).from_select(["id"], noted))
            c.execute(delete(search_stale))
    except Exception:  # nothing of the index is there: `repair` makes it anew, from all that is stored
        if not _goes_on(c):
            raise
        _log.debug("Not noted either.", exc_info=True)


def _settle(c: Connection, rows: Sequence[Any]) -> None:
    old: dict[str, list[Any]] = defaultdict(list)
    for entry in c.execute(_OLD, {"ids": [row.id for row in rows]}):
        old[entry.subject].append(entry)
    gone: list[tuple[int, str, str]] = []
    new: list[tuple[Entry, bytes]] = []
    for subject, entries in _entries(c, rows).items():
        packed = [(entry, entry.packed()) for entry in entries]
        before = sorted(old.pop(subject, ()), key=lambda entry: entry.piece)
        same = [entry.terms for entry in before] == [terms for _, terms in packed]
        if same and all(entry.id // BLOCK >= minute(made.at) for entry, (made, _) in zip(before, packed, strict=True)):
            continue
        gone += [(entry.id, *unpacked(entry.terms)) for entry in before]
        new += packed
    gone += [(entry.id, *unpacked(entry.terms)) for entries in old.values() for entry in entries]
    remove(c, gone)
    if new:
        ids = _next_ids(c, [entry.at for entry, _ in new])
        add(c, [(id, entry, packed) for id, (entry, packed) in zip(ids, new, strict=True)])


def remove(c: Connection, gone: Sequence[tuple[int, str, str]]) -> None:
    """Take entries out. SQLite's full text has to be told what they held."""
    if gone:
        if c.dialect.name != "postgresql":
            taking = f"INSERT INTO {WORDS} ({WORDS}, rowid, stream, extras) VALUES ('delete', ?, ?, ?)"
            c.exec_driver_sql(taking, list(gone))
        c.execute(_REMOVE, {"ids": [id for id, _, _ in gone]})


def add(c: Connection, new: Sequence[tuple[int, Entry, bytes]]) -> None:
    """Put entries in, each under its id."""
    postgres = c.dialect.name == "postgresql"
    c.execute(
        _ADD,
        [
            {
                "id": id,
                "subject": entry.subject,
                "piece": entry.piece,
                "terms": packed,
                "vector": entry.vector() if postgres else None,
            }
            for id, entry, packed in new
        ],
    )
    if not postgres:
        words = [(id, entry.stream, entry.extras) for id, entry, _ in new]
        c.exec_driver_sql(f"INSERT INTO {WORDS} (rowid, stream, extras) VALUES (?, ?, ?)", words)


def rebuild(c: Connection) -> None:
    """Throw the index away and make it anew from what is there, in one go. For tests; `repair` does it bit by bit."""
    c.execute(delete(search_entries))
    if c.dialect.name != "postgresql":
        c.exec_driver_sql(f"INSERT INTO {WORDS} ({WORDS}) VALUES ('delete-all')")
    c.execute(delete(search_backlog))
    c.execute(delete(search_stale))
    everything(c, search_stale)
    _settle_all(c)


def everything(c: Connection, table: Table) -> None:
    """Note all that is there in `search_stale` or `search_backlog`, which is empty."""
    for column in cast("tuple[Column[str], ...]", (conversations.c.id, parts.c.message_id)):
        c.execute(insert(table).from_select(["id"], select(column).distinct()))


def backlog(c: Connection) -> int:
    """How much of what was there before the index is not in it yet."""
    return c.execute(select(func.count()).select_from(search_backlog)).scalar_one()


def catch_up(c: Connection) -> int:
    """Index a little of the backlog. Gives how many there were. What cannot be indexed is left out, with a word in the log."""
    lock(c)
    rows = c.execute(_BACKLOG).all()
    if not rows:
        return 0
    try:
        with c.begin_nested():
            _settle(c, rows)
    except Exception:
        if not _goes_on(c):
            raise
        for row in rows:
            _one(c, row)
    c.execute(_INDEXED, {"ids": [row.id for row in rows]})
    return len(rows)


def _one(c: Connection, row: Any) -> None:
    try:
        with c.begin_nested():
            _settle(c, [row])
    except Exception as exc:
        if isinstance(exc, zlib.error | DBAPIError) and not isinstance(exc, DataError):
            raise  # it is not this text
        _log.exception("%s cannot be searched.", row.id)


# ---- what an entry holds


def _entries(c: Connection, rows: Iterable[Any]) -> Mapping[str, list[Entry]]:
    spoken = [row for row in rows if row.conversation_id is not None]
    titled = [row for row in rows if row.titled_owner is not None]
    bodies: dict[str, list[Any]] = defaultdict(list)
    tagged: dict[str, list[str]] = defaultdict(list)
    names: dict[str, str] = {}
    if spoken:
        for id, body in c.execute(_BODIES, {"ids": [row.id for row in spoken]}):
            bodies[id].append(body)
        if ids := contents.file_ids(body for said in bodies.values() for body in said):
            names = {id: name for id, name in c.execute(_NAMES, {"ids": sorted(ids)})}
    if titled:
        for id, tag in c.execute(_TAGS, {"ids": [row.id for row in titled]}):
            tagged[id].append(tag)
    found = {row.id: of_message(row, bodies[row.id], names) for row in spoken}
    return {**found, **{row.id: of_title(row, tagged[row.id]) for row in titled}}


def _next_ids(c: Connection, times: Sequence[datetime]) -> list[int]:
    """An id for each, of its minute, that nothing has; of a later minute when that one is full."""
    last: dict[int, int] = {}
    _look(c, sorted({minute(at) for at in times}), last)
    given: list[int] = []
    for at in times:
        block = minute(at)
        while last[block] == (block + 1) * BLOCK - 1:
            block += 1
            if block not in last:
                _look(c, [block], last)
        last[block] += 1
        given.append(last[block])
    return given


def _look(c: Connection, blocks: Sequence[int], last: dict[int, int]) -> None:
    """The highest id of each minute; one below the first of a minute that has none."""
    firsts = [block * BLOCK for block in blocks]
    dialect = c.dialect.name
    values = {"blocks": str(firsts) if dialect == "sqlite" else firsts}
    for first, highest in c.execute(_LAST[dialect], values):
        last[first // BLOCK] = first - 1 if highest is None else highest
