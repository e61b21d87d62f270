"""`Bulk`: many conversations changed or deleted in one transaction, each saying what it was like before, or why it stayed so."""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from ..errors import Invalid, LLMHubError, NotFound
from ..ids import is_id
from ..messages import ErrorInfo
from . import folders, library
from .changes import TAGS, Changes
from .filters import Filter, among
from .store import ConversationStore
from .tables import conversations, tags
from .values import Changed, Former

_CHUNK: Final = {"sqlite": 500, "postgresql": 25_000}
"""Ids in one statement: SQLite takes 32,766 parameters, older ones 999. For PostgreSQL they are one."""

_FORMER: Final = tuple(conversations.c[name] for name in ("id", "folder_id", "pinned", "archived", "unread", "model"))


@dataclass(frozen=True, slots=True)
class ManyChanges:
    """What `Changes` says, and tags that come on top of those that a conversation has, or go."""

    changes: Changes
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()

    @classmethod
    def read(cls, changes: Mapping[str, Any]) -> Self:
        """The changes that a client asked for, or `Invalid`."""
        given = dict(changes)
        add, remove = (Changes.read({"tags": given.pop(name, ())}).tags or () for name in ("add_tags", "remove_tags"))
        return cls(Changes.read(given), add, remove)

    @property
    def is_about_tags(self) -> bool:
        """Whether they change tags at all."""
        return self.changes.tags is not None or bool(self.add_tags or self.remove_tags)

    def tags(self, before: Iterable[str]) -> list[str]:
        """The tags of a conversation that had these. Raises `Invalid`: too many."""
        kept = self.changes.tags if self.changes.tags is not None else before
        new = [tag for tag in dict.fromkeys((*kept, *self.add_tags)) if tag not in self.remove_tags]
        if len(new) > TAGS:
            raise Invalid(f"A conversation has at most {TAGS} tags.", hint="Take some away.")
        return sorted(new)


class Bulk:
    """Every method takes the owner's principal id first. What is not theirs, or gone, is answered with an error of its own."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store

    async def ids(self, owner: str, which: Filter) -> list[str]:
        """The ids of all that a filter finds."""
        asked = select(conversations.c.id).order_by(conversations.c.updated_at.desc(), conversations.c.id.desc())
        return await self._store.database.read(lambda c: list(c.execute(asked.where(*which.conditions(c, owner))).scalars()))

    async def change(self, owner: str, ids: Sequence[str], changes: Mapping[str, Any]) -> list[Changed]:
        """The same changes for all. Raises `Invalid`, and `NotFound` for a folder that is not there."""
        same = ManyChanges.read(changes)
        return await self._each(owner, {id: same for id in ids}, strict=True)

    async def change_each(self, owner: str, each: Mapping[str, Mapping[str, Any]]) -> list[Changed]:
        """Changes of its own for each, as to take back what `change` did."""
        return await self._each(owner, {id: ManyChanges.read(changes) for id, changes in each.items()}, strict=False)

    async def delete(self, owner: str, ids: Sequence[str]) -> list[Changed]:
        """Delete conversations with their messages and runs."""
        found: set[str] = set()
        for home, some in self._store.homes(ids):
            found |= await home.write(lambda c, some=some: _delete(c, owner, some))
        self._store.forget_temporary(found)
        return [Changed(id=id, error=None if id in found else _missing(id)) for id in dict.fromkeys(ids)]

    async def _each(self, owner: str, each: Mapping[str, ManyChanges], *, strict: bool) -> list[Changed]:
        done: dict[str, Changed] = {}
        for home, some in self._store.homes(each):
            work = {id: each[id] for id in some}
            done |= await home.write(lambda c, work=work: _change(c, owner, work, strict=strict))
        return [done[id] for id in each]


def _change(c: Connection, owner: str, each: Mapping[str, ManyChanges], *, strict: bool) -> dict[str, Changed]:
    no_folder = _missing_folders(c, owner, each.values(), strict=strict)  # locked before conversations, here and elsewhere
    before = _former(c, owner, each)
    done: dict[str, Changed] = {}
    alike: dict[bytes, list[str]] = defaultdict(list)
    tagged: dict[str, list[str]] = {}
    written: dict[int, tuple[dict[str, Any], bytes]] = {}  # by changes, which are mostly the same for all
    for id, wanted in each.items():
        former = before.get(id)
        if (known := written.get(builtins.id(wanted))) is None:
            columns = wanted.changes.columns()
            known = written[builtins.id(wanted)] = columns, orjson.dumps(columns, option=orjson.OPT_SORT_KEYS)
        columns, key = known
        if former is None:
            done[id] = Changed(id=id, error=_missing(id))
        elif (folder_id := columns.get("folder_id")) in no_folder:
            done[id] = Changed(id=id, before=former, error=ErrorInfo.model_validate(folders.no_folder(folder_id).to_json()))
        else:
            try:
                new = wanted.tags(former.tags) if wanted.is_about_tags else list(former.tags)
            except LLMHubError as exc:
                done[id] = Changed(id=id, before=former, error=ErrorInfo.model_validate(exc.to_json()))
                continue
            done[id] = Changed(id=id, before=former)
            if columns:
                alike[key].append(id)
            if tuple(new) != former.tags:
                tagged[id] = new
    for columns, ids in alike.items():
        for some in _chunks(c, ids):
            c.execute(update(conversations).where(among(c, conversations.c.id, some)).values(orjson.loads(columns)))
    for some in _chunks(c, list(tagged)):
        c.execute(delete(tags).where(among(c, tags.c.conversation_id, some)))
        if rows := [{"conversation_id": id, "tag": tag} for id in some for tag in tagged[id]]:
            c.execute(insert(tags), rows)
    return done


def _former(c: Connection, owner: str, ids: Iterable[str]) -> dict[str, Former]:
    found: dict[str, Former] = {}
    made = lru_cache(maxsize=1000)(_as_former)  # most were alike
    for some in _chunks(c, sorted(id for id in ids if is_id(id))):
        asked = select(*_FORMER).where(conversations.c.owner == owner, among(c, conversations.c.id, some))
        rows = c.execute(asked.order_by(conversations.c.id).with_for_update()).all()
        tagged = library.tags_of(c, [row.id for row in rows])
        for id, *rest in rows:
            found[id] = made(tuple(tagged[id]), *rest)
    return found


def _as_former(
    tags: tuple[str, ...], folder_id: str | None, pinned: bool, archived: bool, unread: bool, model: str | None
) -> Former:
    return Former(folder_id=folder_id, tags=tags, pinned=pinned, archived=archived, unread=unread, model=model)


def _missing_folders(c: Connection, owner: str, all_changes: Iterable[ManyChanges], *, strict: bool) -> set[str]:
    missing: set[str] = set()
    for folder_id in sorted({many.changes.folder_id or "" for many in all_changes} - {""}):
        try:
            folders.require(c, owner, folder_id)
        except NotFound:
            if strict:
                raise
            missing.add(folder_id)
    return missing


def _delete(c: Connection, owner: str, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in _chunks(c, sorted(id for id in ids if is_id(id))):
        mine = (conversations.c.owner == owner, among(c, conversations.c.id, some))
        asked = select(conversations.c.id).where(*mine).order_by(conversations.c.id)
        found |= set(c.execute(asked.with_for_update()).scalars())
        c.execute(delete(conversations).where(*mine))
    return found


def _missing(id: str) -> ErrorInfo:
    return ErrorInfo.model_validate(library.no_conversation(id).to_json())


def _chunks(c: Connection, ids: Sequence[str]) -> Iterator[Sequence[str]]:
    size = _CHUNK[c.dialect.name]
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
