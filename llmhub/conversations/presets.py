"""`PresetStore`: model, parameters and tools under a name, a list for each owner; a new conversation begins with one.

What everybody has by llmhub.yaml is not in here. Names are compared without case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import Conflict, Invalid, NotFound
from ..ids import is_id, new_id
from .cursors import is_text
from .database import Database
from .tables import presets
from .titles import fold
from .values import Preset, PresetDraft

MOST: Final = 500
"""Presets of one owner; nobody finds one among more."""
T = TypeVar("T")


class PresetStore:
    """Every method takes the owner's principal id first and raises `NotFound` for what is not theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, owner: str) -> list[Preset]:
        """All presets of an owner, by name."""
        rows = await self._database.read(
            lambda c: c.execute(select(presets).where(presets.c.owner == owner).order_by(presets.c.name_key)).all()
        )
        return [_preset(row) for row in rows]

    async def add(self, owner: str, draft: PresetDraft, *, client_request_id: str | None = None) -> Preset:
        """Save a preset; the same `client_request_id` again gives the one that it saved before.

        `Conflict`: there is one of this name.
        """
        _check(draft.name, draft.model)

        def work(c: Connection) -> Preset:
            asked = and_(presets.c.owner == owner, presets.c.client_request_id == client_request_id)
            if client_request_id is not None and (before := c.execute(select(presets).where(asked)).one_or_none()):
                return _preset(before)
            if c.execute(select(func.count()).select_from(presets).where(presets.c.owner == owner)).scalar_one() >= MOST:
                raise Conflict(f"There are {MOST} presets already.", hint="Delete some that you do not use.")
            if draft.default:
                _no_default(c, owner)
            id = new_id()
            row = {**_columns(draft.model_dump(mode="json")), "id": id, "owner": owner, "client_request_id": client_request_id}
            c.execute(insert(presets), [{**row, "created_at": datetime.now(UTC)}])
            return _preset(_one(c, owner, id))

        return await self._write(work, draft.name)

    async def change(self, owner: str, preset_id: str, changes: dict[str, Any]) -> Preset:
        """Change name, model, params, tools or default of a preset. `Conflict`: there is another one of this name."""
        _check(changes.get("name", "-"), changes.get("model"))

        def work(c: Connection) -> Preset:
            _one(c, owner, preset_id)
            if changes.get("default"):
                _no_default(c, owner)
            if changes:
                c.execute(update(presets).where(presets.c.id == preset_id).values(_columns(changes)))
            return _preset(_one(c, owner, preset_id))

        return await self._write(work, changes.get("name", ""))

    async def delete(self, owner: str, preset_id: str) -> None:
        """Delete a preset. Conversations that began with it stay as they are."""

        def work(c: Connection) -> None:
            _one(c, owner, preset_id)
            c.execute(delete(presets).where(presets.c.id == preset_id))

        await self._database.write(work)

    async def _write(self, work: Callable[[Connection], T], name: str) -> T:
        try:
            return await self._database.write(work)
        except IntegrityError:
            raise taken(name) from None


def taken(name: str) -> Conflict:
    """The answer to a name that there is already."""
    return Conflict(f"There is a preset called “{name}” already.", hint="Choose another name, or change that one.")


def no_preset() -> NotFound:
    """The answer to an id that is no preset, or somebody else's."""
    return NotFound("There is no such preset.", hint="It may have been deleted in another window.")


def _check(name: str, model: str | None) -> None:
    given = {"name": name, "model": model or ""}
    errors = {field: "holds characters that cannot be stored" for field, text in given.items() if not is_text(text)}
    if errors:
        raise Invalid("This cannot be saved.", hint="Leave out what cannot be stored.", details={"errors": errors})


def _one(c: Connection, owner: str, preset_id: str) -> Row[Any]:
    asked = select(presets).where(presets.c.id == preset_id, presets.c.owner == owner)
    row = c.execute(asked).one_or_none() if is_id(preset_id) else None
    if row is None:
        raise no_preset()
    return row


def _no_default(c: Connection, owner: str) -> None:
    c.execute(update(presets).where(presets.c.owner == owner).values(is_default=False))


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in values.items() if name != "default"}
    if "default" in values:
        columns["is_default"] = values["default"]
    if "name" in values:
        columns["name_key"] = fold(values["name"])
    return columns


def _preset(row: Row[Any]) -> Preset:
    return Preset(
        id=row.id,
        name=row.name,
        model=row.model,
        params=row.params,
        tools=tuple(row.tools),
        default=row.is_default,
        created_at=row.created_at,
    )
