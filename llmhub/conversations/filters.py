"""`Filter`: which conversations, as conditions in SQL that hold together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, String, any_, exists, false, literal
from sqlalchemy.dialects.postgresql import ARRAY

from ..errors import Invalid
from .changes import TITLE_CHARS
from .cursors import is_text
from .folders import Forest
from .tables import conversations, runs, tags
from .titles import fold

LONGEST_QUERY = 2 * TITLE_CHARS
"""No title can hold a longer one, and SQLite refuses a LIKE pattern of 50,000 bytes."""

running = exists().where(runs.c.conversation_id == conversations.c.id, runs.c.finished_at.is_(None))
"""A run is answering in the conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """None means: either. `query` is part of the title, without case; `subfolders`: what is below `folder_id`, too."""

    query: str | None = None
    folder_id: str | None = None
    subfolders: bool = False
    unfiled: bool = False
    """Only those that are in no folder."""
    tag: str | None = None
    pinned: bool | None = None
    archived: bool | None = None
    unread: bool | None = None
    running: bool | None = None
    model: str | None = None

    def conditions(self, c: Connection, owner: str) -> list[ColumnElement[bool]]:
        """For a `WHERE`; what nothing can be is `false`. Raises `Invalid` for what excludes itself."""
        where: list[ColumnElement[bool]] = [conversations.c.owner == owner]
        if not all(is_text(text) for text in (self.query, self.folder_id, self.tag, self.model) if text):
            return [false()]
        if query := (self.query or "").strip():
            if len(query) > LONGEST_QUERY:
                return [false()]
            where.append(conversations.c.title_key.contains(fold(query), autoescape=True))
        where += self._place(c, owner)
        if self.tag is not None:
            where.append(exists().where(tags.c.conversation_id == conversations.c.id, tags.c.tag == self.tag))
        if self.running is not None:
            where.append(running if self.running else ~running)
        if self.model is not None:
            where.append(conversations.c.model == self.model)
        for name in ("pinned", "archived", "unread"):
            if (wanted := getattr(self, name)) is not None:
                where.append(conversations.c[name].is_(wanted))
        return where

    def _place(self, c: Connection, owner: str) -> list[ColumnElement[bool]]:
        if self.unfiled:
            if self.folder_id is not None:
                raise Invalid(
                    "What is in no folder is not in this one.",
                    hint="Leave out `unfiled` or `folder_id`.",
                    details={"errors": {"unfiled": "stands beside folder_id"}},
                )
            return [conversations.c.folder_id.is_(None)]
        if self.folder_id is None:
            return []
        if not self.subfolders:
            return [conversations.c.folder_id == self.folder_id]
        return [conversations.c.folder_id.in_(Forest.read(c, owner).below(self.folder_id))]


def among(c: Connection, column: ColumnElement[str], ids: Sequence[str]) -> ColumnElement[bool]:
    """One of these. For PostgreSQL they are one value: to take apart a statement of 500 takes it longer than to carry it out."""
    if c.dialect.name == "postgresql":
        return column == any_(literal(list(ids), ARRAY(String)))
    return column.in_(ids)
