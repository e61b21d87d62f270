"""Finding: a query in, hits out, the best first. Deleted messages and other people's are in no hit.

The full text gives matches from the newest on. The first `WINDOW` of them are weighed and put in order; the pages behind them go
on with the next ones.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, String, bindparam, select, text

from ...errors import StoreError
from .. import cursors
from ..tables import UtcTime, files, metadata, parts
from ..values import SearchHit
from . import contents, rank
from .direct import planned_for_each
from .entries import BLOCK, first_id
from .expression import GRAMMARS, expression
from .marks import TITLE, conversation_mark, has_mark, model_marks, owner_mark, role_mark
from .matches import END, Wanted, newest
from .postgres import IS_TITLE
from .query import Note, Query, Word
from .snippet import marked, snippet

WINDOW: Final = 300
"""Matches that are weighed at a time."""
TITLES: Final = 200
_READ: Final = 400_000
"""Bytes of packed terms that are looked into."""
_FEW: Final = 300
"""So many conversations at most are named to the full text; the conditions of more are checked match by match."""
_TITLE_WEIGHT: Final = 2.0

_SAID: Final = ("messages m ON m.id = e.subject", "conversations c ON c.id = m.conversation_id")
_TITLED: Final = ("conversations c ON c.id = e.subject",)
_OWNED: Final = "coalesce(c.owner, '') = :owner"
"""What is looked up by its id is not looked for by an index of its owner or of what is deleted: that would be all there is."""
_THEIR_NEWEST: Final = "SELECT max(id) FROM search_entries WHERE owner = :owner"
_NEAR_IT: Final = (
    "SELECT count(*), sum(CASE WHEN owner = :owner THEN 1 ELSE 0 END)"
    " FROM (SELECT owner FROM search_entries WHERE id <= :newest ORDER BY id DESC LIMIT 200) e"
)
_FLAGS: Final = {"pinned": "c.pinned", "archived": "c.archived", "unread": "c.unread", "starred": "(m.starred_at IS NOT NULL)"}


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, the cursor of what follows, and what is to be said of the query."""

    items: tuple[SearchHit, ...]
    next: str | None
    notes: tuple[Note, ...]


class _Place(NamedTuple):
    """Where a page begins: in the window of matches up to the entry `top`, behind so many hits of it. Titles are in the first."""

    top: int = END
    offset: int = 0
    titles: bool = True

    def cursor(self) -> str:
        return cursors.encode(str(self.top), str(self.offset), "t" if self.titles else "")

    @classmethod
    def read(cls, cursor: str | None) -> _Place:
        if cursor is None:
            return cls()
        top, offset, titles = cursors.decode(cursor, 3)
        if not (top.isascii() and top.isdigit() and offset.isascii() and offset.isdigit()) or len(top) > 19 or len(offset) > 9:
            raise cursors.broken()
        return cls(min(int(top), END), int(offset), bool(titles))


class _Candidate(NamedTuple):
    id: int
    subject: str
    score: float
    is_title: bool


def find(
    c: Connection,
    owner: str,
    query: Query,
    *,
    now: datetime,
    folder_id: str | None = None,
    conversation_id: str | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> Found:
    """The owner's messages and titles that a query asks for; with `conversation_id`: the messages of that one."""
    place = _Place.read(cursor)
    limit = cursors.size(limit)
    if query.is_empty and folder_id is None and conversation_id is None:
        return Found((), None, query.notes)
    with planned_for_each(c):
        return _find(_Search(c, owner, query, folder_id, conversation_id, now), query, place, limit)


def _find(search: _Search, query: Query, place: _Place, limit: int) -> Found:
    items: list[SearchHit] = []
    following: _Place | None = place
    while following is not None and len(items) < limit and not search.is_vain:
        ranked, place, beyond = search.window(following)
        at = place.offset
        while at < len(ranked) and len(items) < limit:
            taken = ranked[at : at + limit - len(items)]
            items += search.hits(taken)
            at += len(taken)
        following = place._replace(offset=at) if at < len(ranked) else beyond
    return Found(tuple(items), following.cursor() if following and not search.is_vain else None, (*query.notes, *search.notes))


class _Search:
    """One query of one person, in one state of the database."""

    def __init__(
        self, c: Connection, owner: str, query: Query, folder_id: str | None, conversation_id: str | None, now: datetime
    ) -> None:
        self._c = c
        self._owner = owner
        self._query = query
        self._now = now
        self._grammar = GRAMMARS[c.dialect.name]
        self.notes: list[Note] = []
        self.is_vain = False
        """Nothing can be found: a folder that is asked for does not exist, say."""
        self._values: dict[str, Any] = {"owner": owner}
        self._conditions: list[str] = []
        self._message_conditions: list[str] = []
        self._has_titles = conversation_id is None and not query.is_about_messages and "starred" not in query.flags
        # A term that most entries have is costly and says little. Whose a hit is, is looked at once more before it is shown.
        self._newest, is_rare = self._share()
        self._owned = [[owner_mark(owner)]] if is_rare or not query.words else []
        self._in_folders(folder_id)
        if conversation_id is not None:
            self._among("c.id", [conversation_id])
        self._tagged()
        self._flagged()
        self._marks = self._marks_of_conversations()

    def window(self, place: _Place) -> tuple[list[_Candidate], _Place, _Place | None]:
        """The matches up to a place in their order, the place with its upper end fixed, and the place behind them."""
        rows = self._messages(min(place.top, self._newest))
        found = self._weighed(rows, [_time(row.id) for row in rows], is_title=False)
        if place.titles and self._query.words and self._has_titles:
            titles = self._titles()
            found += self._weighed(titles, [row.at for row in titles], is_title=True)
        best: dict[str, _Candidate] = {}
        for candidate in found:
            before = best.get(candidate.subject)
            if before is None or candidate.score > before.score:
                best[candidate.subject] = candidate
        ranked = sorted(best.values(), key=lambda one: (-one.score, -one.id))
        top = rows[0].id if rows else place.top
        beyond = _Place(rows[-1].id - 1, 0, titles=False) if len(rows) == WINDOW else None
        return ranked, place._replace(top=top), beyond

    def hits(self, ranked: Sequence[_Candidate]) -> list[SearchHit]:
        """What is shown of them: here it is seen whose they are, whether they are deleted, and every condition to the letter."""
        said = self._said([one.subject for one in ranked if not one.is_title])
        titled = self._titled([one.subject for one in ranked if one.is_title])
        bodies: dict[str, list[Any]] = defaultdict(list)
        names: dict[str, str] = {}
        if said:
            asked = select(parts.c.message_id, parts.c.body).where(parts.c.message_id.in_(list(said)))
            for id, body in self._c.execute(asked.order_by(parts.c.message_id, parts.c.idx)):
                bodies[id].append(body)
            if named := contents.file_ids(body for each in bodies.values() for body in each):
                names = {id: name for id, name in self._c.execute(select(files.c.id, files.c.name).where(files.c.id.in_(named)))}
        words = [word for group in self._query.words for word in group]
        hits: list[SearchHit] = []
        for one in ranked:
            if one.is_title and (row := titled.get(one.subject)):
                hits.append(self._hit(one, row, self._title(row, words)))
            elif (row := said.get(one.subject)) and self._is_by(row.model):
                hits.append(self._hit(one, row, snippet(contents.texts_of(bodies[row.id], names, row.instruction), words)))
        return hits

    def _is_by(self, model: str | None) -> bool:
        """Whether it is one of the models that are asked for: the full text may know the beginning of their names only."""
        said = model_marks(model or "")
        return not self._query.models or any(
            all(any(mark.startswith(asked) for mark in said) for asked in model_marks(name) or ["=m"])
            for name in self._query.models
        )

    def _hit(self, one: _Candidate, row: Any, shown: str) -> SearchHit:
        return SearchHit(
            conversation_id=row.id if one.is_title else row.conversation_id,
            message_id=None if one.is_title else row.id,
            title=row.title,
            snippet=shown,
            score=round(one.score, 4),
            role=None if one.is_title else row.role,
            model=None if one.is_title else row.model,
            created_at=row.created_at,
            folder_id=row.folder_id,
            archived=bool(row.archived),
        )

    def _title(self, row: Any, words: Sequence[Word]) -> str:
        said = marked(row.title or "", words)
        if "<mark>" in said:
            return said
        return " · ".join(part for part in (said, *(marked(tag, words) for tag in self._tags(row.id))) if part)

    def _said(self, ids: Sequence[str]) -> dict[str, Any]:
        return self._rows(
            "SELECT m.id, m.conversation_id, m.role, m.model, m.instruction, m.created_at, c.title, c.folder_id, c.archived"
            " FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id IN :ids",
            ids,
            self._of_messages,
        )

    def _titled(self, ids: Sequence[str]) -> dict[str, Any]:
        return self._rows(
            "SELECT c.id, c.updated_at AS created_at, c.title, c.folder_id, c.archived FROM conversations c WHERE c.id IN :ids",
            ids,
            self._of_titles,
        )

    def _rows(self, selected: str, ids: Sequence[str], conditions: Sequence[str]) -> dict[str, Any]:
        if not ids:
            return {}
        asked = " AND ".join([selected, *conditions])
        rows = self._ask(asked, {"ids": list(ids)}, [bindparam("ids", expanding=True)], {"created_at": UtcTime})
        return {row.id: row for row in rows}

    def _share(self) -> tuple[int, bool]:
        """The owner's newest entry, and whether most of what is near it is other people's."""
        newest = self._c.execute(text(_THEIR_NEWEST), {"owner": self._owner}).scalar()
        if newest is None:
            return 0, True
        near, own = self._c.execute(text(_NEAR_IT), {"owner": self._owner, "newest": newest}).one()
        return newest, own * 2 < near

    def _tags(self, conversation_id: str) -> list[str]:
        rows = self._c.execute(text("SELECT tag FROM tags WHERE conversation_id = :id ORDER BY tag"), {"id": conversation_id})
        return list(rows.scalars())

    # ---- matches

    @property
    def _of_messages(self) -> list[str]:
        """What has to hold of a message that is a hit."""
        conditions = [_OWNED, "coalesce(m.deleted_with, '') = ''", *self._message_conditions, *self._conditions]
        conditions += ["m.created_at >= :after"] if self._query.after is not None else []
        return conditions + (["m.created_at < :before"] if self._query.before is not None else [])

    @property
    def _of_titles(self) -> list[str]:
        conditions = [_OWNED, *self._conditions]
        conditions += ["c.updated_at >= :after"] if self._query.after is not None else []
        return conditions + (["c.created_at < :before"] if self._query.before is not None else [])

    def _messages(self, top: int) -> Sequence[Any]:
        query = self._query
        marks: list[Sequence[str]] = [*self._owned]
        marks += [[has_mark(what)] for what in query.has]
        if query.roles:
            marks.append([role_mark(role) for role in query.roles])
        if self._marks is not None:
            marks.append(self._marks)
        # The few that are shown are looked at to the letter (`hits`); here only what many matches would not meet.
        is_narrow = bool(self._message_conditions) or (bool(self._conditions) and self._marks is None)
        wanted = Wanted(
            expression(
                self._grammar,
                words=query.words,
                without=query.without,
                marks=marks,
                without_marks=[*map(has_mark, query.has_not), *map(role_mark, query.not_roles)],
                models=query.models,
                without_models=query.not_models,
            ),
            WINDOW,
            joined=_SAID if is_narrow else (),
            conditions=self._of_messages if is_narrow else (),
            low=first_id(query.after) if query.after is not None else 0,
            high=min(top, first_id(query.before) + BLOCK - 1) if query.before is not None else top,
        )
        return newest(self._c.dialect.name, wanted, self._asked)

    def _titles(self) -> Sequence[Any]:
        query = self._query
        match = expression(self._grammar, words=query.words, without=query.without, marks=[*self._owned, [TITLE]])
        wanted = Wanted(match, TITLES, _TITLED, self._of_titles, at="c.updated_at", only=f"e.{IS_TITLE}")
        return newest(self._c.dialect.name, wanted, lambda asked, values: self._asked(asked, values, at=UtcTime))

    def _asked(self, statement: str, values: Mapping[str, Any], **typed: Any) -> Sequence[Any]:
        return self._ask(statement, values, [], typed)

    def _ask(self, statement: str, values: Mapping[str, Any], expanding: list[Any], typed: dict[str, Any]) -> Sequence[Any]:
        known = {**self._values, "after": self._query.after, "before": self._query.before, **values}
        used = {name: value for name, value in known.items() if re.search(rf":{name}\b", statement)}
        bound: list[Any] = [bindparam(name, type_=UtcTime) for name in ("after", "before") if name in used]
        bound += [*expanding, *(bindparam(name, expanding=True) for name in used if name.startswith("in_"))]
        return self._c.execute(text(statement).bindparams(*bound).columns(**typed), used).all()

    def _weighed(self, rows: Sequence[Any], times: Sequence[datetime], *, is_title: bool) -> list[_Candidate]:
        read, texts = 0, list[str | None]()
        for row in rows:
            read += len(row.terms)
            texts.append(_terms(row.terms) if self._query.words and read <= _READ else None)
        weights = rank.scores(texts, times, self._query.words, self._now)
        weight = _TITLE_WEIGHT if is_title else 1.0
        return [_Candidate(row.id, row.subject, score * weight, is_title) for row, score in zip(rows, weights, strict=True)]

    # ---- conditions of conversations

    def _in_folders(self, folder_id: str | None) -> None:
        if folder_id is not None:
            self._among("c.folder_id", [folder_id])
        for names, wanted in ((self._query.folders, True), (self._query.not_folders, False)):
            ids: list[str] = []
            for name in names:
                there = self._folders(name)
                if not there:
                    self.notes.append(Note("no_such_folder", f"There is no folder “{name}”.", "in", name))
                ids += there
            if names:
                self._among("c.folder_id", ids, wanted=wanted)

    def _folders(self, name: str) -> list[str]:
        """The ids of the folders of that name (or id), and of all within them."""
        folders = metadata.tables.get("folders")
        if folders is None:
            return [name]
        rows = self._c.execute(
            select(folders.c.id, folders.c.parent_id, folders.c.name).where(folders.c.owner == self._owner)
        ).all()
        wanted = name.casefold()
        exact = {row.id for row in rows if wanted in (row.name.casefold(), row.id)}
        inside = exact or {row.id for row in rows if row.name.casefold().startswith(wanted)}
        while more := {row.id for row in rows if row.parent_id in inside} - inside:
            inside |= more
        return sorted(inside)

    def _tagged(self) -> None:
        for number, (tag, wanted) in enumerate(
            [*((tag, True) for tag in self._query.tags), *((tag, False) for tag in self._query.not_tags)]
        ):
            tagged = f"EXISTS (SELECT 1 FROM tags t WHERE t.conversation_id = c.id AND lower(t.tag) = lower(:tag_{number}))"
            self._conditions.append(tagged if wanted else f"NOT {tagged}")
            self._values[f"tag_{number}"] = tag

    def _flagged(self) -> None:
        for flags, wanted in ((self._query.flags, True), (self._query.not_flags, False)):
            for flag in flags:
                where = self._message_conditions if flag == "starred" else self._conditions
                where.append(_FLAGS[flag] if wanted else f"NOT {_FLAGS[flag]}")

    def _among(self, name: str, ids: Sequence[str], *, wanted: bool = True) -> None:
        if not ids:
            self.is_vain = self.is_vain or wanted
            return
        key = f"in_{len(self._values)}"
        self._values[key] = list(ids)
        self._conditions.append(f"{name} IN :{key}" if wanted else f"({name} IS NULL OR {name} NOT IN :{key})")

    def _marks_of_conversations(self) -> list[str] | None:
        """The few conversations that meet the conditions, as the full text knows them; None if they are many, or all do."""
        if not self._conditions:
            return None
        where = " AND ".join(["c.owner = :owner", *self._conditions])
        asked = text(f"SELECT c.id FROM conversations c WHERE {where} LIMIT {_FEW + 1}")
        expanding: list[Any] = [bindparam(name, expanding=True) for name in self._values if name.startswith("in_")]
        ids = self._c.execute(asked.bindparams(*expanding).columns(id=String), self._values).scalars().all()
        if not ids:
            self.is_vain = True
        return [conversation_mark(id) for id in ids] if 0 < len(ids) <= _FEW else None


def _time(id: int) -> datetime:
    """About when something is of, by the id of its entry."""
    return datetime.fromtimestamp(id // BLOCK * 60, UTC)


def _terms(packed: bytes) -> str:
    try:
        return zlib.decompress(packed).decode()
    except zlib.error as exc:
        raise StoreError("The search index is damaged.", hint="What was said is all there. Search again in a moment.") from exc
