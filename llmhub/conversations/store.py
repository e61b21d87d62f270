"""The conversation store: coroutines over the SQL in `library`, `trees`, `branches`, `summaries`, `runs` and `ledger`.

Every method takes the owner's principal id first and raises `NotFound` for what is not theirs. Temporary conversations live in a
second database in memory, through the same code: they reach neither the disk nor a list, and are gone when the server stops.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from ..errors import Conflict, Invalid
from ..ids import new_id
from . import copies, library, trees
from .changes import Changes, request_id_fault
from .copies import CopyDraft
from .database import Database
from .filters import Filter
from .homes import check_id, moment
from .ledger_store import LedgerStore
from .message_store import MessageStore
from .run_store import RunStore
from .search_store import SearchStore
from .transfer import writer
from .transfer.bundle import Bundle
from .transfer.writer import Outcome, Standing
from .values import (
    Conversation,
    Kept,
    Page,
)


class ConversationStore(SearchStore, MessageStore, RunStore, LedgerStore):
    """Conversations, their messages and the runs that answer them: all of it over one pair of databases.

    Not here: the bytes of files (`FileStore`, which shares `database`), and what a living run has said so far (the journal).
    """

    async def open(self) -> None:
        """Create or migrate the database (after a backup). Every method does so by itself; this is for who wants to know early."""
        await self.database.open()

    async def aclose(self) -> None:
        """Finish what was begun and close the database. Temporary conversations are gone."""
        if self._indexing is not None and not self._indexing.done():
            self._indexing.cancel()
        await self.database.aclose()
        if self._memory is not None:
            await self._memory.aclose()
            self._temporary.clear()

    async def create(
        self,
        owner: str,
        *,
        title: str | None = None,
        model: str | None = None,
        folder_id: str | None = None,
        params: Mapping[str, Any] | None = None,
        temporary: bool = False,
        client_request_id: str | None = None,
    ) -> Conversation:
        """A new conversation without messages. The same `client_request_id` again gives the one that it made before."""
        changes = Changes.read({"title": title, "model": model, "folder_id": folder_id, "params": dict(params or {})})
        if client_request_id is not None and (fault := request_id_fault(client_request_id)):
            errors = {"client_request_id": fault}
            raise Invalid(f"client_request_id {fault}.", hint="Send another id.", details={"errors": errors})
        if temporary and folder_id is not None:
            raise Invalid(
                "A temporary conversation is in no folder.",
                hint="Leave out `folder_id`, or keep the conversation.",
                details={"errors": {"folder_id": "stands beside temporary"}},
            )
        if temporary:
            self._memory = self._memory or Database("sqlite://")
        home = self._memory if self._memory and temporary else self.database
        id = await home.write(lambda c: library.create(c, owner, new_id(), changes, moment(), client_request_id))
        if temporary:
            self._temporary[id] = id
        return await self.get(owner, id)

    async def list(
        self,
        owner: str,
        *,
        sort: library.Sort = "used",
        pinned_first: bool = False,
        limit: int = 50,
        cursor: str | None = None,
        **which: Any,
    ) -> Page[Conversation]:
        """The owner's conversations, newest turn first unless `sort` says otherwise. `which`: the fields of `Filter`."""
        wanted = Filter(**which)
        return await self.database.read(
            lambda c: library.page(c, owner, wanted, sort=sort, pinned_first=pinned_first, limit=limit, cursor=cursor)
        )

    async def get(self, owner: str, conversation_id: str) -> Conversation:
        """One conversation, without its messages."""
        check_id(conversation_id, library.no_conversation)
        temporary = self.is_temporary(conversation_id)
        return await self._home(conversation_id).read(lambda c: library.get(c, owner, conversation_id, temporary=temporary))

    async def update(self, owner: str, conversation_id: str, changes: Mapping[str, Any]) -> Conversation:
        """Change title, head_id, folder_id, tags, pinned, archived, unread, model or params; `Invalid` names what cannot be.

        A head that is no leaf becomes the newest leaf below it, so that a branch picker can send what was picked.
        """
        check_id(conversation_id, library.no_conversation)
        checked = Changes.read(changes)
        await self._home(conversation_id).write(lambda c: library.change(c, owner, conversation_id, checked))
        return await self.get(owner, conversation_id)

    async def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation with its messages and runs. A run that is still answering finds nothing left to write to."""
        check_id(conversation_id, library.no_conversation)
        await self._home(conversation_id).write(lambda c: library.remove(c, owner, conversation_id))
        self.forget_temporary({conversation_id})

    async def retitle(self, owner: str, conversation_id: str, before: str | None, title: str) -> bool:
        """Call a conversation `title` if it is still called `before`: what a person wrote meanwhile stays. False: it stays."""
        return await self._home(conversation_id).write(lambda c: library.retitle(c, owner, conversation_id, before, title))

    async def instructions(self, owner: str, conversation_id: str) -> tuple[str, ...]:
        """What the folders of a conversation say to its models, the outermost first."""
        return await self._home(conversation_id).read(lambda c: library.instructions(c, owner, conversation_id))

    async def copy(self, owner: str, conversation_id: str, draft: CopyDraft) -> Conversation:
        """A conversation, or what a fork takes along of it, as a new one. The same `client_request_id` again gives it again."""
        check_id(conversation_id, library.no_conversation)
        if draft.at is not None:
            check_id(draft.at, trees.no_message)
        now, new = moment(), new_id()
        home = self._home(conversation_id)
        id, copied = await home.write(lambda c: copies.copy(c, owner, conversation_id, new, draft, now))
        if self.is_temporary(conversation_id):
            self._temporary |= dict.fromkeys((id, *copied), id)
        return await self.get(owner, id)

    # ---- whole conversations from elsewhere

    async def standing(self, owner: str, bundle: Bundle) -> Standing:
        """Whether a bundle is new, has grown since it came in, or is there as it is."""
        return (await self.standings(owner, [bundle]))[0]

    async def standings(self, owner: str, bundles: Sequence[Bundle]) -> builtins.list[Standing]:
        """The same of several, at one moment."""
        return await self.database.read(lambda c: [writer.stand(c, owner, bundle) for bundle in bundles])

    async def add_bundle(
        self, owner: str, bundle: Bundle, kept: Mapping[str, Kept], *, folder_id: str | None = None
    ) -> tuple[Outcome, str]:
        """Write down a whole conversation, or what of it is new, in one transaction; gives what that was, and its id.

        The same bundle again adds nothing. `kept`: what `FileStore.keep` gave for its files, by their ids in the bundle.
        """
        return (await self.add_bundles(owner, [(bundle, kept)], folder_id=folder_id))[0]

    async def add_bundles(
        self, owner: str, bundles: Sequence[tuple[Bundle, Mapping[str, Kept]]], *, folder_id: str | None = None
    ) -> builtins.list[tuple[Outcome, str]]:
        """The same of several in one transaction: all of them come in or none."""

        def work(c: Connection) -> builtins.list[tuple[Outcome, str]]:
            now = moment()
            return [writer.write(c, owner, bundle, kept, now, folder_id=folder_id) for bundle, kept in bundles]

        try:
            return await self.database.write(work)
        except Conflict:  # another server has brought in one of them at the same moment: now it is known
            return await self.database.write(work)
