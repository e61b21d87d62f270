"""The index: what messages, titles, tags and file names are found by. `settle` ends every transaction that writes.

Entries are made in Python from whole texts, so that both databases hold the same. Their ids go by the time of what they are of.
"""

from __future__ import annotations

import logging
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from ..tables import conversations, files, messages, parts, search_backlog, search_entries, search_stale, tags
from . import contents
from .marks import TITLE, conversation_mark, has_mark, model_marks, owner_mark, role_mark
from .schema import WORDS
from .words import Terms, terms

PIECE: Final = 16_000
"""Characters of a message that one entry holds: PostgreSQL tells no positions apart beyond 16,383."""
OVERLAP: Final = 200
"""Characters that two pieces share, so that a phrase where they meet is found."""
_BATCH: Final = 200
BLOCK: Final = 1 << 14
"""Ids of one minute."""
_LATEST: Final = 1 << 48
_LOCK: Final = 0x6C6C6D736561  # "llmsea": PostgreSQL's advisory lock
_log = logging.getLogger(__name__)

_titled = conversations.alias("titled")
_STALE = (
    select(
        search_stale.c.id,
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
    .outerjoin(messages, messages.c.id == search_stale.c.id)
    .outerjoin(conversations, conversations.c.id == messages.c.conversation_id)
    .outerjoin(_titled, _titled.c.id == search_stale.c.id)
    .limit(_BATCH)
)
_ids = cast("Any", bindparam("ids", expanding=True))
_BODIES = select(parts.c.message_id, parts.c.body).where(parts.c.message_id.in_(_ids)).order_by(parts.c.message_id, parts.c.idx)
_TAGS = select(tags.c.conversation_id, tags.c.tag).where(tags.c.conversation_id.in_(_ids)).order_by(tags.c.tag)
_NAMES = select(files.c.id, files.c.name).where(files.c.id.in_(_ids))
_OLD = select(search_entries.c.id, search_entries.c.subject, search_entries.c.piece, search_entries.c.terms).where(
    search_entries.c.subject.in_(_ids)
)
_LAST = select(func.max(search_entries.c.id)).where(search_entries.c.id.between(bindparam("first"), bindparam("last")))
_REMOVE = delete(search_entries).where(search_entries.c.id.in_(_ids))
_DONE = delete(search_stale).where(search_stale.c.id.in_(_ids))
_ADD = insert(search_entries)


class _Entry(NamedTuple):
    subject: str
    piece: int
    at: datetime
    terms: Terms

    def packed(self) -> bytes:
        return zlib.compress(f" {' '.join(self.terms.stream)} \n {' '.join(self.terms.extras)} ".encode(), 1)


def settle(c: Connection) -> None:
    """Make the index hold what this transaction has written. Costs one short query where it wrote nothing that is searched."""
    rows = c.execute(_STALE).all()
    if not rows:
        return
    if c.dialect.name == "postgresql":
        # Ids are given in turn. Whoever waits here holds nothing that the other one still wants: it is the end of both.
        c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    taken: dict[int, int] = {}
    while rows:
        _settle(c, rows, taken)
        rows = c.execute(_STALE).all() if len(rows) == _BATCH else ()


def _settle(c: Connection, rows: Sequence[Any], taken: dict[int, int]) -> None:
    ids = [row.id for row in rows]
    old: dict[str, list[Any]] = defaultdict(list)
    for entry in c.execute(_OLD, {"ids": ids}):
        old[entry.subject].append(entry)
    gone: list[tuple[int, str, str]] = []
    new: list[tuple[_Entry, bytes]] = []
    for subject, entries in _entries(c, rows).items():
        packed = [(entry, entry.packed()) for entry in entries]
        before = sorted(old.pop(subject, ()), key=lambda entry: entry.piece)
        same = [entry.terms for entry in before] == [terms for _, terms in packed]
        if same and all(entry.id // BLOCK >= minute(made.at) for entry, (made, _) in zip(before, packed, strict=True)):
            continue
        gone += [(entry.id, *unpacked(entry.terms)) for entry in before]
        new += packed
    gone += [(entry.id, *unpacked(entry.terms)) for entries in old.values() for entry in entries]
    _write(c, gone, [(_next_id(c, entry.at, taken), entry, packed) for entry, packed in new])
    c.execute(_DONE, {"ids": ids})


def _write(c: Connection, gone: Sequence[tuple[int, str, str]], new: Sequence[tuple[int, _Entry, bytes]]) -> None:
    postgres = c.dialect.name == "postgresql"
    if gone:
        if not postgres:
            taking = f"INSERT INTO {WORDS} ({WORDS}, rowid, stream, extras) VALUES ('delete', ?, ?, ?)"
            c.exec_driver_sql(taking, list(gone))
        c.execute(_REMOVE, {"ids": [id for id, _, _ in gone]})
    if not new:
        return
    vectors = [_vector(entry.terms) if postgres else None for _, entry, _ in new]
    c.execute(
        _ADD,
        [
            {"id": id, "subject": entry.subject, "piece": entry.piece, "terms": packed, "vector": vector}
            for (id, entry, packed), vector in zip(new, vectors, strict=True)
        ],
    )
    if not postgres:
        words = [(id, " ".join(entry.terms.stream), " ".join(entry.terms.extras)) for id, entry, _ in new]
        c.exec_driver_sql(f"INSERT INTO {WORDS} (rowid, stream, extras) VALUES (?, ?, ?)", words)


def rebuild(c: Connection) -> None:
    """Throw the index away and make it anew from what is there. For tests, and for who has reason to doubt it."""
    c.execute(delete(search_entries))
    if c.dialect.name != "postgresql":
        c.exec_driver_sql(f"INSERT INTO {WORDS} ({WORDS}) VALUES ('delete-all')")
    c.execute(delete(search_backlog))
    c.execute(delete(search_stale))
    c.execute(insert(search_stale).from_select(["id"], select(conversations.c.id)))
    c.execute(insert(search_stale).from_select(["id"], select(parts.c.message_id).distinct()))
    settle(c)


def backlog(c: Connection) -> int:
    """How much of what was there before the index is not in it yet."""
    return c.execute(select(func.count()).select_from(search_backlog)).scalar_one()


def catch_up(c: Connection, most: int = _BATCH) -> int:
    """Index some of the backlog; the end of the transaction does it. Gives how many there were."""
    query = select(search_backlog.c.id).limit(most)
    if c.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    ids = list(c.execute(query).scalars())
    if ids:
        c.execute(delete(search_backlog).where(search_backlog.c.id.in_(ids)))
        waiting = set(c.execute(select(search_stale.c.id).where(search_stale.c.id.in_(ids))).scalars())
        if rows := [{"id": id} for id in ids if id not in waiting]:
            c.execute(insert(search_stale), rows)
    return len(ids)


# ---- what an entry holds


def minute(at: datetime) -> int:
    """The minute of a time, as ids count them."""
    return min(max(0, int(at.timestamp() // 60)), _LATEST // BLOCK)


def first_id(at: datetime) -> int:
    """The smallest id that something of that time, or later in its minute, can have."""
    return minute(at) * BLOCK


def unpacked(packed: bytes) -> tuple[str, str]:
    """Stream and extras of an entry, as SQLite has them."""
    stream, _, extras = zlib.decompress(packed).decode().partition("\n")
    return stream.strip(), extras.strip()


def cut(whole: str) -> list[str]:
    """A text in pieces, at blanks where there are some."""
    pieces: list[str] = []
    at = 0
    while len(whole) - at > PIECE:
        end = max(whole.rfind(blank, at + PIECE // 2, at + PIECE) for blank in " \n")
        end = end if end > 0 else at + PIECE
        pieces.append(whole[at:end])
        at = end - OVERLAP
    pieces.append(whole[at:])
    return pieces


def _entries(c: Connection, rows: Iterable[Any]) -> Mapping[str, list[_Entry]]:
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
    found = {row.id: _message(row, bodies[row.id], names) for row in spoken}
    return {**found, **{row.id: _title(row, tagged[row.id]) for row in titled}}


def _message(row: Any, bodies: Sequence[Any], names: Mapping[str, str]) -> list[_Entry]:
    if not bodies:
        return []  # an answer that is being written
    marks = [owner_mark(row.owner), conversation_mark(row.conversation_id), role_mark(row.role)]
    marks += model_marks(row.model or "")
    pieces: list[Terms]
    try:
        marks += [has_mark(what) for what in sorted(contents.has_of(bodies))]
        pieces = [terms(piece) for piece in cut("\n".join(contents.texts_of(bodies, names, row.instruction)))]
    except Exception:  # what was said is stored, whatever is wrong with us
        _log.exception("The message %s cannot be searched.", row.id)
        pieces = [Terms([], [])]
    return [
        _Entry(row.id, index, row.created_at, Terms(made.stream, sorted({*made.extras, *marks})))
        for index, made in enumerate(pieces)
    ]


def _title(row: Any, tagged: Sequence[str]) -> list[_Entry]:
    if not row.title and not tagged:
        return []
    made = terms("\n".join((row.title or "", *tagged)))
    marks = [owner_mark(row.titled_owner), TITLE]
    return [_Entry(row.id, 0, row.titled_at, Terms(made.stream, sorted({*made.extras, *marks})))]


def _next_id(c: Connection, at: datetime, taken: dict[int, int]) -> int:
    """An id of this minute that nothing has; of a later one when the minute is full."""
    block = minute(at)
    while True:
        first = block * BLOCK
        last = taken.get(block)
        if last is None:
            last = c.execute(_LAST, {"first": first, "last": first + BLOCK - 1}).scalar()
        id = first if last is None else last + 1
        if id < first + BLOCK:
            taken[block] = id
            return id
        taken[block] = last or 0
        block += 1


def _vector(made: Terms) -> str:
    """What PostgreSQL reads as a tsvector: words with their places, extras without."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, word in enumerate(made.stream, 1):
        if len(places[word]) < 255:
            places[word].append(str(min(place, 16_383)))
    said = [f"'{word}':{','.join(at)}" for word, at in places.items()]
    return " ".join([*said, *(f"'{extra}'" for extra in made.extras)])
