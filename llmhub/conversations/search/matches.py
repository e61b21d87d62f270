"""Matches: the newest entries that meet an expression and its conditions. Each database has its own way of looking for them.

SQLite's full text gives them from the newest on. PostgreSQL's would gather all to put them in order: it is asked for as few as
tell, and looked past where what is common stands among the newest anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Any, Final

from .schema import WORDS

END: Final = 1 << 62
"""No entry has such an id."""
_NEWEST: Final = 1_000
"""So many of a person's newest entries PostgreSQL looks through before it asks the full text: what is common is there."""
_NEAR: Final = 20_000
"""Up to so many it still looks through; it takes about a microsecond for each."""
_DOUBT: Final = 1.3
"""Standard deviations by which what few entries say is taken for too much: to look once more costs more than to look further."""

# SQLite joins in this order, and not the other way round: from the full text to what it is of.
_SQLITE: Final = (
    "SELECT e.id, e.subject, e.terms{more} FROM {words} CROSS JOIN search_entries e{joins}"
    " WHERE {words} MATCH :match AND {words}.rowid BETWEEN :low AND :high AND e.id = {words}.rowid AND e.owner = :owner"
    " AND {conditions} ORDER BY {words}.rowid DESC LIMIT {most}"
)
_MATCHES: Final = "e.vector @@ CAST(:match AS tsquery) AND e.owner = :owner AND e.id BETWEEN :low AND :high"
_AMONG: Final = (
    "SELECT e.id, e.subject, e.terms{more} FROM (SELECT id, subject, owner, terms, vector FROM search_entries"
    " WHERE owner = :owner AND id BETWEEN :low AND :high ORDER BY id DESC LIMIT {among}) e{joins}"
    f" WHERE {_MATCHES} AND {{conditions}} ORDER BY e.id DESC LIMIT {{most}}"
)
# Put in order only when all are there: with a LIMIT in sight PostgreSQL would rather look through everything from the newest on.
_GATHERED: Final = (
    f"WITH matching AS MATERIALIZED (SELECT e.id, e.subject FROM search_entries e WHERE {_MATCHES} AND {{only}}),"
    " found AS (SELECT e.id{more} FROM matching e{joins} WHERE {conditions})"
    " SELECT e.id, e.subject, e.terms{picked} FROM (SELECT * FROM found ORDER BY id DESC LIMIT {most}) f"
    " JOIN search_entries e ON e.id = f.id ORDER BY e.id DESC"
)

Ask = Callable[[str, Mapping[str, Any]], Sequence[Any]]
"""Gives the rows of a statement with such values, and with those of its conditions."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are looked for."""

    match: str
    """The expression, as the database's full text reads it."""
    most: int
    joined: Sequence[str] = ()
    """Tables with what they are joined on; the entry is `e`."""
    conditions: Sequence[str] = ()
    at: str = ""
    """What is given as `at` besides."""
    low: int = 0
    high: int = END
    only: str = ""
    """Entries for which PostgreSQL has a full text of its own, so small that it is asked at once."""


def newest(dialect: str, wanted: Wanted, ask: Ask) -> Sequence[Any]:
    """The newest of them, as rows of id, subject, terms and `at`."""
    if dialect == "postgresql":
        return _Postgres(wanted, ask).newest()
    joins = "".join(f" CROSS JOIN {table}" for table in wanted.joined)
    statement = _SQLITE.format(words=WORDS, joins=joins, most=wanted.most, more=_more(wanted), conditions=_conditions(wanted))
    return ask(statement, {"match": wanted.match, "low": wanted.low, "high": wanted.high})


class _Postgres:
    """PostgreSQL's way: a look at the newest entries, one further back if that promises enough, else all that matches."""

    def __init__(self, wanted: Wanted, ask: Ask) -> None:
        self._wanted = wanted
        self._ask = ask
        joins = "".join(f" JOIN {table}" for table in wanted.joined)
        self._same = {"joins": joins, "more": _more(wanted), "conditions": _conditions(wanted), "most": wanted.most}

    def newest(self) -> Sequence[Any]:
        """How many of the newest match, and of how long a time they are, tells how far back as many as wanted will be."""
        most, low = self._wanted.most, self._wanted.low
        if self._wanted.only:
            return self._gathered(low)
        rows = self._among(_NEWEST)
        if len(rows) < most and (further := _NEWEST * _times(most, len(rows))) <= _NEAR:
            rows = self._among(round(further))
        if len(rows) < most and len(rows) > 1:
            bound = rows[0].id - min((rows[0].id - rows[-1].id) * _times(most, len(rows)), END)
            rows = self._gathered(max(round(bound), low))
            if bound <= low:
                return rows
        return rows if len(rows) >= most else self._gathered(low)

    def _among(self, count: int) -> Sequence[Any]:
        """Those among so many of the newest entries."""
        return self._asked(_AMONG.format(among=count, **self._same), self._wanted.low)

    def _gathered(self, low: int) -> Sequence[Any]:
        """The newest of all that match down to the id `low`."""
        picked = ", f.at" if self._wanted.at else ""
        return self._asked(_GATHERED.format(only=self._wanted.only or "true", picked=picked, **self._same), low)

    def _asked(self, statement: str, low: int) -> Sequence[Any]:
        return self._ask(statement, {"match": self._wanted.match, "low": low, "high": self._wanted.high})


def _more(wanted: Wanted) -> str:
    return f", {wanted.at} AS at" if wanted.at else ""


def _conditions(wanted: Wanted) -> str:
    return " AND ".join(wanted.conditions) or "true"


def _times(most: int, found: int) -> float:
    """In how many times as much there are `most`, if there are `found` in a little."""
    likely = found - _DOUBT * sqrt(found)
    return most / likely if likely > 0 else inf
