"""Putting conversations in order: folders, tags, and changes of many at once."""

from __future__ import annotations

from typing import Final

from ....conversations.values import Changed, Folder, Page, TagCount
from ...bodies.filing import (
    FolderChanges,
    FolderDeletion,
    Folders,
    FolderStart,
    Many,
    ManyDone,
    TagCounts,
    TagQuery,
    TagRenaming,
)
from ..handler import Handler
from ..operation import reads, writes

_FEW: Final = 20
"""Conversations that pages are told of one by one; beyond that they look at everything again."""


class FilingHandler(Handler):
    """What the handlers here share."""

    def publish_many(self, ids: list[str], what: str) -> None:
        """Tell other pages that these conversations are different, or gone."""
        if len(ids) > _FEW:
            self.publish("conversations.changed")
            self.publish("folders.changed")
            return
        for id in ids:
            self.publish("conversation.deleted" if what == "deleted" else "conversation.changed", id)
        self.publish("folders.changed")

    async def stop(self, ids: list[str]) -> None:
        """Stop what is being answered in conversations that are to be deleted."""
        for id in await self.workspace.runs.answering(self.principal, ids):
            await self.workspace.runs.stop_all(self.principal, id)


class FoldersHandler(FilingHandler):
    """All of them."""

    @reads("Folders with their counts, siblings in their order", answer=Folders)
    async def get(self) -> Page[Folder]:
        """As a list; `parent_id` makes the tree."""
        return Page(await self.workspace.folders.list(self.principal.id))

    @writes("A new folder", body=FolderStart, answer=Folder, status=201, errors=(404, 409))
    async def post(self, body: FolderStart) -> Folder:
        """The last among its siblings."""
        if body.model is not None:
            self.rules.check_model(body.model)
        made = await self.workspace.folders.add(self.principal.id, body.draft(), client_request_id=body.client_request_id)
        self.publish("folders.changed")
        return made


class FolderHandler(FilingHandler):
    """One of them."""

    @reads("A folder", answer=Folder, errors=(404,))
    async def get(self, folder_id: str) -> Folder:
        """With its counts."""
        return await self.workspace.folders.get(self.principal.id, folder_id)

    @writes("Change or move a folder; what is absent stays", body=FolderChanges, answer=Folder, errors=(404, 409))
    async def patch(self, folder_id: str, body: FolderChanges) -> Folder:
        """Not into itself, and not too deep."""
        if body.model is not None:
            self.rules.check_model(body.model)
        changed = await self.workspace.folders.change(self.principal.id, folder_id, body.changes())
        self.publish("folders.changed")
        return changed

    @writes(
        "Delete a folder; what is in it goes up to the folder above, or is deleted if asked", query=FolderDeletion, errors=(404,)
    )
    async def delete(self, folder_id: str, query: FolderDeletion) -> None:
        """Gone for good."""
        folders, owner = self.workspace.folders, self.principal.id
        if query.contents == "delete":
            await self.stop(await folders.contents(owner, folder_id))
        concerned = await folders.delete(owner, folder_id, query.contents)
        self.publish("folders.changed")
        self.publish_many(concerned, "deleted" if query.contents == "delete" else "changed")


class TagsHandler(FilingHandler):
    """All tags."""

    @reads("Tags with their counts, the most used first", answer=TagCounts)
    async def get(self) -> Page[TagCount]:
        """Archived conversations count, too."""
        return Page(await self.workspace.tags.list(self.principal.id))

    @writes("Give a tag another name everywhere", body=TagRenaming, answer=TagCounts, errors=(404,))
    async def patch(self, body: TagRenaming) -> Page[TagCount]:
        """Where both are, one is left; gives all tags."""
        self.publish_many(await self.workspace.tags.rename(self.principal.id, body.tag, body.name), "changed")
        return await self._all()

    @writes("Take a tag away everywhere", query=TagQuery, answer=TagCounts, errors=(404,))
    async def delete(self, query: TagQuery) -> Page[TagCount]:
        """The conversations stay; gives all tags."""
        self.publish_many(await self.workspace.tags.delete(self.principal.id, query.tag), "changed")
        return await self._all()

    async def _all(self) -> Page[TagCount]:
        return Page(await self.workspace.tags.list(self.principal.id))


class ManyHandler(FilingHandler):
    """Many conversations at once."""

    @writes("Change or delete many conversations in one transaction", body=Many, answer=ManyDone, errors=(404,))
    async def post(self, body: Many) -> ManyDone:
        """Each says what it was like before, so that it can be taken back by `each`, or why nothing was done."""
        bulk, owner = self.workspace.bulk, self.principal.id
        if body.each is not None:
            items = await bulk.change_each(owner, {one.id: one.changes.changes() for one in body.each})
        else:
            ids = list(body.ids) if body.ids is not None else await bulk.ids(owner, body.filter.filter()) if body.filter else []
            items = await (self._delete(ids) if body.changes is None else bulk.change(owner, ids, body.changes.changes()))
        self.publish_many([item.id for item in items if item.error is None], "deleted" if body.delete else "changed")
        return ManyDone(items=tuple(items), failed=sum(item.error is not None for item in items))

    async def _delete(self, ids: list[str]) -> list[Changed]:
        await self.stop(ids)
        return await self.workspace.bulk.delete(self.principal.id, ids)
