"""`TagStore`: all tags of an owner together; which tags one conversation has is its own (`library.py`)."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select

from ..errors import Invalid, NotFound
from .cursors import is_text
from .database import Database
from .tables import conversations, tags
from .values import TagCount


class TagStore:
    """Every method takes the owner's principal id first and raises `NotFound` for a tag that nothing has."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, owner: str) -> list[TagCount]:
        """All tags, those that most conversations have first."""
        number = func.count().label("number")
        asked = (
            select(tags.c.tag, number)
            .join(conversations, conversations.c.id == tags.c.conversation_id)
            .where(conversations.c.owner == owner)
            .group_by(tags.c.tag)
        )
        rows = await self._database.read(lambda c: c.execute(asked).all())
        counted = [TagCount(tag=row.tag, conversations=row.number) for row in rows]
        return sorted(counted, key=lambda count: (-count.conversations, count.tag.casefold(), count.tag))

    async def rename(self, owner: str, tag: str, name: str) -> list[str]:
        """Call a tag something else in all conversations, which are given; where both are, one is left."""
        name = name.strip()
        if not name or not is_text(name):
            fault = "holds characters that cannot be stored" if name else "is empty"
            raise Invalid(
                f"A tag cannot be called this: it {fault}.", hint="Choose another name.", details={"errors": {"name": fault}}
            )

        def work(c: Connection) -> list[str]:
            having = _having(c, owner, tag)
            if name != tag:
                both = set(_having(c, owner, name, needed=False))
                c.execute(_taken(tag, owner))
                if missing := [id for id in having if id not in both]:
                    c.execute(insert(tags), [{"conversation_id": id, "tag": name} for id in missing])
            return having

        return await self._database.write(work)

    async def delete(self, owner: str, tag: str) -> list[str]:
        """Take a tag away from all conversations that have it, which are given."""

        def work(c: Connection) -> list[str]:
            having = _having(c, owner, tag)
            c.execute(_taken(tag, owner))
            return having

        return await self._database.write(work)


def _having(c: Connection, owner: str, tag: str, *, needed: bool = True) -> list[str]:
    asked = select(tags.c.conversation_id).join(conversations, conversations.c.id == tags.c.conversation_id)
    mine = asked.where(conversations.c.owner == owner, tags.c.tag == tag)
    found = list(c.execute(mine.order_by(conversations.c.id).with_for_update()).scalars()) if is_text(tag) else []
    if needed and not found:
        raise NotFound("No conversation has this tag.", hint="It may have been renamed. Reload the list.", details={"tag": tag})
    return found


def _taken(tag: str, owner: str):
    mine = select(conversations.c.id).where(conversations.c.owner == owner)
    return delete(tags).where(tags.c.tag == tag, tags.c.conversation_id.in_(mine))
