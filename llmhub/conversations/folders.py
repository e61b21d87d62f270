"""`FolderStore`: folders of conversations, one within another; names are compared without case, among siblings.

A folder's counts are of the conversations right in it. Temporary conversations are in none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update

from ..errors import Conflict, Invalid, NotFound
from ..ids import is_id, new_id
from .changes import request_id_fault
from .cursors import is_text
from .database import Database
from .tables import conversations, folders, runs
from .titles import fold
from .values import Folder, FolderDraft, FolderSettings

DEEPEST: Final = 8
"""Folders within one another."""
MOST: Final = 2000
"""Folders of one owner: they are read together."""
_LONGEST_KEY: Final = 400
"""Characters of a folded name: an index of PostgreSQL takes 2,700 bytes."""
Contents = Literal["move", "delete"]


class FolderStore:
    """Every method takes the owner's principal id first and raises `NotFound` for what is not theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, owner: str) -> list[Folder]:
        """All folders of an owner, siblings in their order."""
        return await self._database.read(lambda c: _listed(c, owner))

    async def get(self, owner: str, folder_id: str) -> Folder:
        """One folder."""
        return await self._database.read(lambda c: _shown(c, owner, folder_id))

    async def add(self, owner: str, draft: FolderDraft, *, client_request_id: str | None = None) -> Folder:
        """Make a folder, the last among its siblings; the same `client_request_id` again gives the one that it made before.

        `Conflict`: there is one of this name, it would be too deep, or there are too many.
        """
        values = _columns(draft.model_dump(exclude={"parent_id"}))
        if client_request_id is not None and (fault := request_id_fault(client_request_id)):
            raise _invalid("client_request_id", fault)

        def work(c: Connection) -> Folder:
            if client_request_id is not None:
                mine = (folders.c.owner == owner, folders.c.client_request_id == client_request_id)
                if (before := c.execute(select(folders.c.id).where(*mine)).scalar_one_or_none()) is not None:
                    return _shown(c, owner, before)
            forest = Forest.read(c, owner, lock=True)
            if len(forest) >= MOST:
                raise Conflict(f"There are {MOST} folders already.", hint="Delete some that you do not use.")
            siblings = forest.children(draft.parent_id)
            forest.check_depth(draft.parent_id, 1)
            forest.check_name(draft.parent_id, draft.name)
            id = new_id()
            row = {
                **values,
                **_place(draft.parent_id, siblings[-1].position + 1 if siblings else 0),
                **{"id": id, "owner": owner, "client_request_id": client_request_id, "created_at": datetime.now(UTC)},
            }
            c.execute(insert(folders), [row])
            return _shown(c, owner, id)

        return await self._database.write(work)

    async def change(self, owner: str, folder_id: str, changes: Mapping[str, Any]) -> Folder:
        """Change name, parent_id, position (among its siblings), instructions or model of a folder.

        `Conflict`: a sibling has this name, it would be within itself, or too deep.
        """
        values = _columns({name: value for name, value in changes.items() if name not in ("parent_id", "position")})

        def work(c: Connection) -> Folder:
            forest = Forest.read(c, owner, lock=True)
            folder = forest[folder_id]
            parent_id: str | None = changes.get("parent_id", folder.parent_id)
            if parent_id != folder.parent_id:
                forest.check_move(folder_id, parent_id)
            forest.check_name(parent_id, changes.get("name", folder.name), besides=folder_id)
            if values:
                c.execute(update(folders).where(folders.c.id == folder_id).values(values))
            if parent_id != folder.parent_id or "position" in changes:
                _put(c, forest, folder_id, parent_id, changes.get("position"))
            return _shown(c, owner, folder_id)

        return await self._database.write(work)

    async def contents(self, owner: str, folder_id: str) -> list[str]:
        """The ids of all conversations in it and below it."""

        def work(c: Connection) -> list[str]:
            return _within(c, owner, Forest.read(c, owner).below(folder_id))

        return await self._database.read(work)

    async def delete(self, owner: str, folder_id: str, contents: Contents = "move") -> list[str]:
        """Delete a folder; gives the conversations that are somewhere else now, or gone.

        "move": what was in it goes up to its parent; a subfolder whose name is taken there gets a number. "delete": all is deleted.
        """

        def work(c: Connection) -> list[str]:
            forest = Forest.read(c, owner, lock=True)
            parent_id = forest[folder_id].parent_id
            if contents == "delete":
                gone = forest.below(folder_id)
                filed = _within(c, owner, gone, lock=True)
                c.execute(delete(conversations).where(conversations.c.owner == owner, conversations.c.folder_id.in_(gone)))
                for id in reversed(gone):  # a folder before the one that it is in
                    c.execute(delete(folders).where(folders.c.id == id))
                return filed
            filed = _within(c, owner, [folder_id], lock=True)
            here = (conversations.c.owner == owner, conversations.c.folder_id == folder_id)
            c.execute(update(conversations).where(*here).values(folder_id=parent_id))
            _lift(c, forest, folder_id, parent_id)
            c.execute(delete(folders).where(folders.c.id == folder_id))
            return filed

        return await self._database.write(work)


class Forest:
    """All folders of one owner: which is in which."""

    def __init__(self, rows: Iterable[Row[Any]]) -> None:
        ordered = sorted(rows, key=lambda row: (row.position, row.name_key))
        self._rows: dict[str, Row[Any]] = {row.id: row for row in ordered}
        self._children: dict[str | None, list[Row[Any]]] = {}
        for row in self._rows.values():
            self._children.setdefault(row.parent_id, []).append(row)

    @classmethod
    def read(cls, c: Connection, owner: str, *, lock: bool = False) -> Forest:
        """As it stands. `lock` makes other writers wait: two moves at once could make a circle.

        All take locks in the same order, folders by their ids before conversations: nobody waits for somebody who waits for them.
        """
        asked = select(folders).where(folders.c.owner == owner).order_by(folders.c.id)
        return cls(c.execute(asked.with_for_update() if lock else asked))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, folder_id: str) -> Row[Any]:
        """One folder, or `NotFound`."""
        if (row := self._rows.get(folder_id)) is None:
            raise no_folder(folder_id)
        return row

    def children(self, folder_id: str | None) -> list[Row[Any]]:
        """What is right in a folder, or at the top, in order. Raises `NotFound`."""
        if folder_id is not None:
            self[folder_id]
        return self._children.get(folder_id, [])

    def below(self, folder_id: str) -> list[str]:
        """A folder and all that is in it, each behind the one that it is in. Raises `NotFound`."""
        found = [self[folder_id].id]
        for id in found:
            found.extend(row.id for row in self.children(id))
        return found

    def chain(self, folder_id: str | None) -> list[Row[Any]]:
        """The folders from the top down to this one, itself included."""
        chain: list[Row[Any]] = []
        while folder_id is not None:
            chain.append(self[folder_id])
            folder_id = chain[-1].parent_id
        return chain[::-1]

    def height(self, folder_id: str) -> int:
        """How many folders deep it is, itself included."""
        return 1 + max((self.height(row.id) for row in self.children(folder_id)), default=0)

    def check_depth(self, parent_id: str | None, height: int) -> None:
        """`Conflict`: something so deep would be too deep there."""
        if len(self.chain(parent_id)) + height > DEEPEST:
            raise Conflict(
                f"Folders are at most {DEEPEST} deep.",
                hint="Put it into a folder that is further up.",
                details={"reason": "too_deep", "deepest": DEEPEST},
            )

    def check_name(self, parent_id: str | None, name: str, besides: str | None = None) -> None:
        """`Conflict`: there is one of this name. An index holds it too, against two servers at once."""
        key = fold(name)
        if any(row.name_key == key and row.id != besides for row in self.children(parent_id)):
            raise Conflict(
                f"There is a folder called “{name}” here already.", hint="Choose another name.", details={"reason": "name_taken"}
            )

    def check_move(self, folder_id: str, parent_id: str | None) -> None:
        """`Conflict`: it cannot be put there."""
        if any(row.id == folder_id for row in self.chain(parent_id)):
            raise Conflict(
                f"“{self[folder_id].name}” cannot be put into itself, or into a folder that is in it.",
                hint="Choose a folder outside of it.",
                details={"reason": "circle"},
            )
        self.check_depth(parent_id, self.height(folder_id))


# ---- for those who write conversations, in their own transaction


def require(c: Connection, owner: str, folder_id: str | None, *, lock: bool = True) -> None:
    """`NotFound`, unless it is None or a folder of the owner. `lock`: it stays until the transaction ends."""
    if folder_id is None:
        return
    asked = select(folders.c.id).where(folders.c.id == folder_id, folders.c.owner == owner)
    found = c.execute(asked.with_for_update(read=True) if lock else asked).one_or_none() if is_id(folder_id) else None
    if found is None:
        raise no_folder(folder_id)


def chain(c: Connection, folder_id: str | None) -> list[Row[Any]]:
    """The folders from the top down to this one; of one that is gone, none."""
    rows: list[Row[Any]] = []
    while folder_id is not None and len(rows) < DEEPEST:
        row = c.execute(select(folders).where(folders.c.id == folder_id)).one_or_none()
        if row is None:
            break
        rows.append(row)
        folder_id = row.parent_id
    return rows[::-1]


def model_of(c: Connection, folder_id: str | None) -> str | None:
    """What a new conversation in it begins with: its own model, else that of the nearest folder above which has one."""
    return next((row.model for row in reversed(chain(c, folder_id)) if row.model), None)


def instructions_of(c: Connection, folder_id: str | None) -> tuple[str, ...]:
    """What is said in its conversations, the outermost folder's first."""
    return tuple(row.instructions for row in chain(c, folder_id) if row.instructions)


def made(c: Connection, owner: str, path: Sequence[tuple[str, FolderSettings]], within: str | None, now: datetime) -> str | None:
    """The folder at a path of names below `within` (None: the top), made where it is missing; for conversations from elsewhere.

    One that is there stays as it is: only what is made gets the settings. Where there can be no more folders, or none so deep,
    it is the nearest one above. Raises `NotFound` for `within`.
    """
    forest = Forest.read(c, owner, lock=True)
    here = within
    height, count = len(forest.chain(here)), len(forest)
    siblings = forest.children(here)
    for name, settings in path:
        key = fold(name)
        found = next((row.id for row in siblings if row.name_key == key), None)
        if found is None:
            if height >= DEEPEST or count >= MOST or len(key) > _LONGEST_KEY:
                return here
            found = new_id()
            place = _place(here, siblings[-1].position + 1 if siblings else 0)
            row = {"id": found, "owner": owner, "name": name, "name_key": key, "created_at": now, **place}
            c.execute(insert(folders), [{**row, **settings.model_dump()}])
            siblings, count = [], count + 1
        else:
            siblings = forest.children(found)
        here, height = found, height + 1
    return here


def no_folder(folder_id: str) -> NotFound:
    """The answer to an id that is no folder, or somebody else's."""
    return NotFound("There is no such folder.", hint="It may have been deleted. Reload the list.", details={"folder_id": folder_id})


# ---- steps


def _listed(c: Connection, owner: str) -> list[Folder]:
    asked = select(folders).where(folders.c.owner == owner).order_by(folders.c.parent_key, folders.c.position, folders.c.name_key)
    rows = c.execute(asked).all()
    counts = _counts(c, owner) if rows else {}
    return [_to_folder(row, counts.get(row.id, {})) for row in rows]


def _shown(c: Connection, owner: str, folder_id: str) -> Folder:
    row = c.execute(select(folders).where(folders.c.id == folder_id, folders.c.owner == owner)).one_or_none()
    if row is None:
        raise no_folder(folder_id)
    return _to_folder(row, _counts(c, owner, folder_id).get(folder_id, {}))


def _counts(c: Connection, owner: str, folder_id: str | None = None) -> dict[str, dict[str, int]]:
    here = conversations.c.archived.is_(False)
    filed = conversations.c.folder_id.is_not(None) if folder_id is None else conversations.c.folder_id == folder_id
    asked = (
        select(
            conversations.c.folder_id,
            func.sum(case((here, 1), else_=0)),
            func.sum(case((here, 0), else_=1)),
            func.sum(case((here & conversations.c.unread.is_(True), 1), else_=0)),
        )
        .where(conversations.c.owner == owner, filed)
        .group_by(conversations.c.folder_id)
    )
    counts = {
        id: {"conversations": int(kept), "archived": int(archived), "unread": int(unread)}
        for id, kept, archived, unread in c.execute(asked)
    }
    answering = (
        select(conversations.c.folder_id, func.count(conversations.c.id.distinct()))
        .select_from(runs.join(conversations, conversations.c.id == runs.c.conversation_id))
        .where(runs.c.finished_at.is_(None), conversations.c.owner == owner, filed, here)
        .group_by(conversations.c.folder_id)
    )
    for id, number in c.execute(answering):
        counts[id]["running"] = number
    return counts


def _within(c: Connection, owner: str, ids: list[str], *, lock: bool = False) -> list[str]:
    asked = select(conversations.c.id).where(conversations.c.owner == owner, conversations.c.folder_id.in_(ids))
    ordered = asked.order_by(conversations.c.id)
    return list(c.execute(ordered.with_for_update() if lock else ordered).scalars())


def _put(c: Connection, forest: Forest, folder_id: str, parent_id: str | None, position: int | None) -> None:
    """Place a folder among its siblings; None: behind them."""
    order = [row.id for row in forest.children(parent_id) if row.id != folder_id]
    order.insert(len(order) if position is None else position, folder_id)
    for place, id in enumerate(order):
        c.execute(update(folders).where(folders.c.id == id).values(_place(parent_id, place)))


def _lift(c: Connection, forest: Forest, folder_id: str, parent_id: str | None) -> None:
    """What is in a folder takes its place in the folder above."""
    order: list[str] = []
    taken = {row.name_key for row in forest.children(parent_id) if row.id != folder_id}
    for row in forest.children(parent_id):
        order.extend([child.id for child in forest.children(folder_id)] if row.id == folder_id else [row.id])
    for child in forest.children(folder_id):
        name, number = child.name, 1
        while fold(name) in taken:
            number += 1
            name = f"{child.name[:190]} ({number})"
        taken.add(fold(name))
        c.execute(update(folders).where(folders.c.id == child.id).values(name=name, name_key=fold(name)))
    for place, id in enumerate(order):
        c.execute(update(folders).where(folders.c.id == id).values(_place(parent_id, place)))


def _place(parent_id: str | None, position: int) -> dict[str, Any]:
    return {"parent_id": parent_id, "parent_key": parent_id or "", "position": position}


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(values)
    for field, text in columns.items():
        if isinstance(text, str) and not is_text(text):
            raise _invalid(field, "holds characters that cannot be stored")
    if "name" in columns:
        columns["name_key"] = fold(columns["name"])
        if len(columns["name_key"]) > _LONGEST_KEY:
            raise _invalid("name", "is too long")
    return columns


def _invalid(field: str, fault: str) -> Invalid:
    return Invalid(f"The folder cannot be like this: {field} {fault}.", hint="Change it.", details={"errors": {field: fault}})


def _to_folder(row: Row[Any], counts: Mapping[str, int]) -> Folder:
    return Folder(
        id=row.id,
        name=row.name,
        parent_id=row.parent_id,
        instructions=row.instructions,
        model=row.model,
        position=row.position,
        created_at=row.created_at,
        **counts,
    )
