"""Searching: the query, and what was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from ...conversations.search import when
from ...conversations.search.query import LONGEST_QUERY, NoteCode, Query, parse
from ...conversations.values import Mention, SearchHit
from ...messages import Role, Value
from .fields import Cursor, Filters, Id, Listed, Model, Zone


def _a_time(text: str) -> str:
    if when.beginning(text, datetime.now(UTC)) is None:
        raise ValueError(f"is no time; write it as in {', '.join(when.EXAMPLES)}")
    return text


Text = Annotated[
    str, Field(max_length=10 * LONGEST_QUERY, description='words, "phrases", -not, OR, and operators such as role:user')
]
Moment = Annotated[
    str, Field(max_length=40, description="a time, a day, a month, or a word such as yesterday"), AfterValidator(_a_time)
]


class SearchQuery(Filters):
    """What to look for; the conditions hold together with those in `q`. Days begin at midnight in `zone`."""

    q: Text = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    role: Role | None = None
    model: Model | None = None
    after: Moment | None = None
    before: Moment | None = None
    folder_id: Id | None = None
    conversation_id: Id | None = None
    cursor: Cursor | None = None
    zone: Zone = "UTC"

    def understood(self) -> Query:
        """All of it together, as the store takes it."""
        now = datetime.now(ZoneInfo(self.zone))
        query = parse(self.q, now)
        after = [time for time in (query.after, when.beginning(self.after or "", now)) if time]
        before = [time for time in (query.before, when.beginning(self.before or "", now)) if time]
        return replace(
            query,
            roles=(self.role,) if self.role else query.roles,
            models=(self.model,) if self.model else query.models,
            after=max(after, default=None),
            before=min(before, default=None),
        )


class SearchNote(Value):
    """Something about the query that its writer may want to know; `known`: what could stand there."""

    code: NoteCode
    message: str
    operator: str
    value: str
    known: tuple[str, ...]


class SearchHits(Listed[SearchHit]):
    """What was found, the best first."""

    notes: tuple[SearchNote, ...]
    unindexed: int
    """How many messages of a database from before there was a search are not found yet; they come in the background."""


class MentionQuery(Value):
    """A text to look for, letter by letter, on the path to `leaf`; without it on the one that is shown."""

    q: Annotated[str, Field(max_length=LONGEST_QUERY, description="a text as it stands there; case and accents do not count")] = ""
    leaf: Id | None = None


class Mentions(Listed[Mention]):
    """The messages in which it stands, from the first on."""
