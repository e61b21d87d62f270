"""What waits to be indexed, with all that its entries are made from and those that it has. On PostgreSQL: in one round trip.

What was written just now is taken out of `search_stale` by being read; a rollback to a savepoint before that puts it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from .direct import Direct, Statement
from .entries import BLOCK, minute
from .postgres import ALL, BATCH, JOINED, KNOWN, LOCKED, TAKEN


class Waiting(NamedTuple):
    """What is noted, with what it is: a message, a conversation, or nothing that is there."""

    id: str
    conversation_id: str | None
    role: str
    model: str | None
    instruction: str | None
    created_at: datetime | None
    owner: str
    titled_owner: str | None
    title: str | None
    titled_at: datetime | None
    bodies: Sequence[str]
    """Of the message's parts in their order, as JSON."""
    tags: Sequence[str]
    held: Sequence[tuple[int, bytes]]
    """Ids and packed terms of the entries that it has, by piece."""


Last = dict[int, int]
"""Minutes, each with the last id that was given in it."""

_NEWEST: Final = "SELECT id FROM search_backlog ORDER BY id DESC LIMIT ?"  # they are looked for most
_TAKE: Final = "DELETE FROM search_stale WHERE id {among}"
_BODIES: Final = "SELECT message_id, CAST(body AS TEXT) FROM parts WHERE message_id {among} ORDER BY message_id, idx"
_TAGS: Final = "SELECT conversation_id, tag FROM tags WHERE conversation_id {among} ORDER BY tag"
_HELD: Final = "SELECT subject, id, terms FROM search_entries WHERE subject {among} ORDER BY subject, piece"
_HIGHEST: Final = f"(SELECT max(id) FROM search_entries WHERE id BETWEEN first AND first + {BLOCK - 1})"
_HIDDEN: Final = "SELECT id, terms FROM search_entries WHERE subject || '' = ? ORDER BY piece"
_LAST_SEEN: Final = "SELECT max(id + 0) FROM search_entries WHERE id + 0 >= ? AND id + 0 < ?"
_LAST: Final = {
    "sqlite": f"SELECT value, {_HIGHEST.replace('first', 'value')} FROM json_each(?)",
    "postgresql": f"SELECT first, {_HIGHEST} FROM unnest(?::bigint[]) AS first",
}

_BACKLOG: Final = f"WITH waiting AS ({_NEWEST}){ALL.format(most='?')}"


def taken(direct: Direct, begin: Statement | None = None) -> tuple[list[Waiting], Last]:
    """What this transaction has made stale, `BATCH` at most, and who gives ids has the lock. `begin`: executed before."""
    first = [begin] if begin else []
    if direct.dialect == "postgresql":
        return _whole(direct.ask(*first, Statement(LOCKED), Statement(TAKEN))[-1])
    rows = direct.ask(*first, Statement(f"SELECT {KNOWN} FROM search_stale w{JOINED} LIMIT ?", (BATCH,)))[-1]
    if not rows:
        return [], {}
    waiting = _gathered(direct, rows)
    direct.ask(Statement(_TAKE, (direct.ids(row[0] for row in rows),)))
    return waiting


def late(direct: Direct, most: int) -> tuple[list[Waiting], Last]:
    """The newest of the backlog. Whoever asks has the lock."""
    if direct.dialect == "postgresql":
        return _whole(direct.ask(Statement(_BACKLOG, (most, most)))[0])
    return _gathered(direct, direct.ask(Statement(f"SELECT {KNOWN} FROM ({_NEWEST}) w{JOINED}", (most,)))[0])


def last_ids(direct: Direct, minutes: Iterable[int]) -> Last:
    """The last id that was given in each minute; one below its first, if none was."""
    asked = Statement(_LAST[direct.dialect], (direct.ids(sorted(block * BLOCK for block in minutes)),))
    return {first // BLOCK: first - 1 if id is None else id for first, id in direct.ask(asked)[0]}


def hidden(direct: Direct, subject: str) -> list[tuple[int, bytes]]:
    """All entries of a subject, found without the table's indexes: where one of those is damaged, a new entry meets an old one."""
    return [(id, held) for id, held in direct.ask(Statement(_HIDDEN, (subject,)))[0]]


def last_seen(direct: Direct, row: Waiting) -> Last:
    """The last id of its minute, found in the same way."""
    blocks = {minute(at) for at in (row.created_at, row.titled_at) if at is not None}
    asked = [Statement(_LAST_SEEN, (block * BLOCK, (block + 1) * BLOCK)) for block in blocks]
    return {block: direct.ask(one)[0][0][0] or block * BLOCK - 1 for block, one in zip(blocks, asked, strict=True)}


def _whole(rows: Sequence[Any]) -> tuple[list[Waiting], Last]:
    """What PostgreSQL gives in one."""
    waiting: list[Waiting] = []
    last: Last = {}
    for *known, bodies, tags, ids, terms, first, highest in rows:
        held = list(zip(ids or (), terms or (), strict=True))
        waiting.append(Waiting(*known, bodies=bodies or (), tags=tags or (), held=held))
        if first is not None:
            last[first // BLOCK] = first - 1 if highest is None else highest
    return waiting, last


def _gathered(direct: Direct, rows: Sequence[Any]) -> tuple[list[Waiting], Last]:
    """The same of SQLite, where a statement costs no way: by as few as tell all."""
    ids = direct.ids(row[0] for row in rows)
    stored, tagged, held = (_by_id(direct.ask(Statement(asked, (ids,)))[0]) for asked in (_BODIES, _TAGS, _HELD))
    waiting: list[Waiting] = []
    for row in rows:
        bodies, tags = ([value for (value,) in found[row[0]]] for found in (stored, tagged))
        made = Waiting(*row, bodies=bodies, tags=tags, held=held[row[0]])
        waiting.append(made._replace(created_at=_at(row[5]), titled_at=_at(row[9])))
    times = (at for one in waiting for at in (one.created_at, one.titled_at))
    return waiting, last_ids(direct, {minute(at) for at in times if at is not None})


def _by_id(rows: Sequence[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for id, *values in rows:
        found[id].append(tuple(values))
    return found


def _at(text: str | None) -> Any:
    return None if text is None else datetime.fromisoformat(text)
