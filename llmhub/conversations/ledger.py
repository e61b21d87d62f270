"""The ledger in SQL: an entry for each request that a provider was paid for, and sums of entries.

An entry is never changed, with one exception: one that was written for a lost server gives way to what that server, alive after
all, writes itself. Deleting a conversation leaves its entries: the money is spent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ..money import dollars
from . import trees
from .tables import conversations, ledger, messages
from .values import ConversationUsage, Entry, UsageBy, UsageGroup, UsageTotal

_QUARTER: Final = 900
_DAY: Final = 96
"""Quarters of an hour."""
_FIELDS: Final = [column for column in ledger.c if column.name != "quarter"]
_unpriced = and_(ledger.c.nanos.is_(None), ledger.c.input_tokens + ledger.c.output_tokens > 0)
_guessed = ledger.c.guessed_input + ledger.c.guessed_output > 0


def _sum(what: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(what), 0)


_SUMS: Final = (
    func.count(),
    _sum(ledger.c.input_tokens),
    _sum(ledger.c.cached_tokens),
    _sum(ledger.c.output_tokens),
    _sum(ledger.c.reasoning_tokens),
    _sum(ledger.c.nanos),
    _sum(case((_unpriced, 1), else_=0)),
    _sum(case((_guessed, 1), else_=0)),
    _sum(ledger.c.guessed_input),
    _sum(ledger.c.guessed_output),
)
_KEYS: Final[dict[UsageBy, ColumnElement[Any]]] = {
    "model": ledger.c.model,
    "provider": ledger.c.provider,
    "source": ledger.c.source,
    "conversation": ledger.c.conversation_id,
    "folder": ledger.c.folder_id,
    "message": ledger.c.message_id,
}


def enter(c: Connection, entries: Sequence[Entry]) -> None:
    """Write entries down. One that is there already is left as it is."""
    dialect = postgresql if c.dialect.name == "postgresql" else sqlite
    new = dialect.insert(ledger)
    better = {column.name: new.excluded[column.name] for column in ledger.c if column.name != "id"}
    upsert = new.on_conflict_do_update(index_elements=["id"], set_=better, where=ledger.c.outcome == "lost")
    c.execute(upsert, [{**asdict(entry), "quarter": int(entry.at.timestamp()) // _QUARTER} for entry in entries])


class Within:
    """Which entries: one owner's, of a time, and with certain values in some columns."""

    def __init__(self, owner: str, since: datetime | None, until: datetime | None, **equal: str | None) -> None:
        conditions = [ledger.c.owner == owner]
        if since is not None:
            conditions.append(ledger.c.at >= since)
        if until is not None:
            conditions.append(ledger.c.at < until)
        conditions += [ledger.c[name] == value for name, value in equal.items() if value is not None]
        self.condition = and_(*conditions)


def total(c: Connection, within: Within) -> UsageTotal:
    """All of them together."""
    return UsageTotal(**_named(c.execute(select(*_SUMS).where(within.condition)).one()))


def spent(c: Connection, owner: str, since: datetime) -> int:
    """Nanodollars spent since then."""
    return int(c.execute(select(_sum(ledger.c.nanos)).where(ledger.c.owner == owner, ledger.c.at >= since)).scalar_one())


def groups(c: Connection, within: Within, by: UsageBy, zone: tzinfo) -> list[UsageGroup]:
    """Broken down: days in their order, everything else with what cost most first."""
    if by == "day":
        return _days(c, within, zone)
    key = _KEYS[by]
    rows = c.execute(select(key, *_SUMS).where(within.condition).group_by(key)).all()
    found = [UsageGroup(key=row[0], **_named(row[1:])) for row in rows]
    found.sort(key=lambda group: (-group.cost_nanos, -group.input_tokens - group.output_tokens, group.key or ""))
    return _with_titles(c, found) if by == "conversation" else found


def report(
    c: Connection, within: Within, ways: Iterable[UsageBy], zone: tzinfo
) -> tuple[UsageTotal, dict[UsageBy, tuple[UsageGroup, ...]]]:
    """The total, and what it is made of in each of these ways."""
    found: dict[UsageBy, tuple[UsageGroup, ...]] = {way: tuple(groups(c, within, way, zone)) for way in ways}
    return _together(next(iter(found.values()))) if found else total(c, within), found


def of_conversation(c: Connection, owner: str, conversation_id: str, path: Sequence[str]) -> ConversationUsage:
    """What a conversation used, and what the messages of `path` did."""
    within = Within(owner, None, None, conversation_id=conversation_id)
    by_message = {group.key: group for group in groups(c, within, "message", UTC)}
    branch = [by_message[id] for id in path if id in by_message]
    return ConversationUsage(conversation=total(c, within), branch=_together(branch), messages=tuple(branch))


def path_ids(c: Connection, conversation_id: str, leaf: str | None) -> list[str]:
    """The ids from the root to `leaf`."""
    if leaf is None:
        return []
    where = {"leaf": leaf, "conversation": conversation_id, "limit": 2**31 - 1}
    found = list(c.execute(trees.PATH.with_only_columns(messages.c.id), where).scalars())
    if not found:
        raise trees.no_message(leaf)
    return found


def page(c: Connection, within: Within, after: tuple[datetime, str] | None, limit: int) -> list[tuple[Entry, str | None]]:
    """Entries in the order of their time, behind `after` (time and id of one), each with the title of its conversation."""
    asked: Select[Any] = (
        select(*_FIELDS, conversations.c.title)
        .outerjoin(conversations, conversations.c.id == ledger.c.conversation_id)
        .where(within.condition)
        .order_by(ledger.c.at, ledger.c.id)
        .limit(limit)
    )
    if after is not None:
        at, id = after
        asked = asked.where((ledger.c.at > at) | and_(ledger.c.at == at, ledger.c.id > id))
    found: list[tuple[Entry, str | None]] = []
    for row in c.execute(asked).mappings():
        values = dict(row)
        title = values.pop("title")
        found.append((Entry(**values), title))
    return found


# ---- steps


_NAMES: Final = (
    "answers",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_nanos",
    "unpriced_answers",
    "guessed_answers",
    "guessed_input_tokens",
    "guessed_output_tokens",
)


def _named(sums: Iterable[Any]) -> dict[str, Any]:
    """A row of `_SUMS`; PostgreSQL sums into decimals."""
    named: dict[str, Any] = {name: int(value) for name, value in zip(_NAMES, sums, strict=True)}
    return {**named, "cost_usd": dollars(named["cost_nanos"])}


def _together(found: Iterable[UsageTotal]) -> UsageTotal:
    rows = [[getattr(one, name) for name in _NAMES] for one in found]
    return UsageTotal(**_named(map(sum, zip(*rows, strict=True)))) if rows else UsageTotal()


def _days(c: Connection, within: Within, zone: tzinfo) -> list[UsageGroup]:
    first, last = c.execute(select(func.min(ledger.c.quarter), func.max(ledger.c.quarter)).where(within.condition)).one()
    if first is None:
        return []
    *spans, (_, usual) = _offsets(zone, first, last)
    local = ledger.c.quarter + usual
    if spans:
        local = case(*((ledger.c.quarter < end, ledger.c.quarter + offset) for end, offset in spans), else_=local)
    day = (local // _DAY).label("day")
    rows = c.execute(select(day, *_SUMS).where(within.condition).group_by(day).order_by(day)).all()
    epoch = date(1970, 1, 1)
    return [UsageGroup(key=(epoch + timedelta(days=row[0])).isoformat(), **_named(row[1:])) for row in rows]


def _offsets(zone: tzinfo, first: int, last: int) -> list[tuple[int, int]]:
    """How far a zone's clocks are ahead of UTC, in quarters of an hour: up to which quarter, and how many."""
    found: list[tuple[int, int]] = []
    at, offset = first, _offset(zone, first)
    while at < last:
        following = min(at + _DAY, last)
        if _offset(zone, following) != offset:
            low, high = at, following  # the clocks change once in between
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            found.append((high, offset))
            offset = _offset(zone, following)
        at = following
    return [*found, (last + 1, offset)]


def _offset(zone: tzinfo, quarter: int) -> int:
    ahead = datetime.fromtimestamp(quarter * _QUARTER, zone).utcoffset() or timedelta()
    return int(ahead.total_seconds()) // _QUARTER


def _with_titles(c: Connection, found: list[UsageGroup]) -> list[UsageGroup]:
    titles: dict[str, str | None] = {}
    ids = [group.key for group in found if group.key]
    for start in range(0, len(ids), 500):
        asked = select(conversations.c.id, conversations.c.title).where(conversations.c.id.in_(ids[start : start + 500]))
        titles.update((row.id, row.title) for row in c.execute(asked))
    return [group.model_copy(update={"label": titles.get(group.key or "")}) for group in found]
