"""`MessageStore`: paths and trees of messages, what stands for older turns, and what people mark."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import select

from ..errors import Invalid
from ..ids import is_id, new_id
from ..messages import Message
from . import branches, folders, library, marks, picture, summaries, trees
from .cursors import is_text
from .homes import Homes, check_id, moment
from .tables import files
from .values import (
    FolderSettings,
    NewMessage,
    Node,
    Page,
    RatedAnswer,
    StarredMessage,
    Summary,
    Whole,
)

KEPT: Final = timedelta(days=1)
"""How long a deleted message can be restored."""
_nodes: Final = TypeAdapter(list[Node])


class MessageStore(Homes):
    """Messages of conversations, in either home."""

    async def path(
        self,
        owner: str,
        conversation_id: str,
        *,
        leaf: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        siblings: bool = True,
    ) -> Page[Message]:
        """The path from the root to `leaf` (default: the head), each message with its siblings (itself included, oldest first).

        `limit` gives the last N of it; the next page holds those above them. `siblings=False` leaves `sibling_ids` empty.
        """
        check_id(conversation_id, library.no_conversation)
        if leaf is not None:
            check_id(leaf, trees.no_message)

        def work(c: Any) -> Page[Message]:
            head = library.require(c, owner, conversation_id)
            return trees.path(c, conversation_id, leaf or head, limit, cursor, siblings=siblings)

        return await self._home(conversation_id).read(work)

    async def tree(self, owner: str, conversation_id: str, *, excerpts: bool = False) -> list[Node]:
        """Every message without its body, oldest first. `excerpts`: with its first words."""
        return _nodes.validate_json(await self.written_tree(owner, conversation_id, excerpts=excerpts))

    async def written_tree(self, owner: str, conversation_id: str, *, excerpts: bool = False) -> bytes:
        """The same as JSON text, which is what the database gives: for whoever passes it on."""
        check_id(conversation_id, library.no_conversation)

        def work(c: Any) -> bytes:
            library.require(c, owner, conversation_id)
            return picture.written(c, conversation_id, with_excerpts=excerpts)

        return await self._home(conversation_id).read(work)

    async def whole(self, owner: str, conversation_id: str) -> Whole:
        """A conversation with every message of every branch, one moment's view of it."""
        check_id(conversation_id, library.no_conversation)
        temporary = self.is_temporary(conversation_id)

        def work(c: Any) -> Whole:
            conversation = library.get(c, owner, conversation_id, temporary=temporary)
            within = folders.chain(c, conversation.folder_id)
            names = tuple(row.name for row in within)
            settings = tuple(FolderSettings(instructions=row.instructions, model=row.model) for row in within)
            return Whole(conversation, names, settings, trees.whole(c, conversation_id), summaries.of(c, owner, conversation_id))

        return await self._home(conversation_id).read(work)

    async def ids(self, owner: str) -> list[str]:
        """The ids of all the owner's conversations, oldest first; temporary ones are not among them."""
        return await self.database.read(lambda c: library.ids(c, owner))

    async def message(self, owner: str, message_id: str, *, deleted: bool = False) -> Message:
        """One message with its siblings. `deleted`: also one that was taken away and not purged yet."""
        check_id(message_id, trees.no_message)
        return await self._home(message_id).read(lambda c: trees.message(c, owner, message_id, deleted=deleted))

    async def add_message(self, owner: str, conversation_id: str, new: NewMessage) -> Message:
        """Save a message beside its siblings, without a run, and show it. The same `client_request_id` again gives it again.

        `Conflict`: its parent is still being written. `Invalid`: an answer that answers nothing.
        """
        check_id(conversation_id, library.no_conversation)
        if new.parent_id is not None:
            check_id(new.parent_id, trees.no_message)
        branches.check(new)
        home = self._home(conversation_id)
        id = await home.write(lambda c: branches.add(c, owner, conversation_id, new_id(), new, moment()))
        if self.is_temporary(conversation_id):
            self._temporary[id] = conversation_id
        return await self.message(owner, id)

    async def delete_message(self, owner: str, conversation_id: str, message_id: str) -> tuple[str | None, list[str]]:
        """Take a message away with everything beneath it; gives the head, and the runs that are answering in what is gone.

        If the head was in it, the newest leaf of the sibling before it is shown, else of the one behind it, else its parent.
        """
        check_id(conversation_id, library.no_conversation)
        check_id(message_id, trees.no_message)
        now = moment()

        def work(c: Any) -> tuple[str | None, list[str]]:
            head, running = branches.remove(c, owner, conversation_id, message_id, now)
            branches.purge(c, now - KEPT)
            return head, list(running)

        return await self._home(conversation_id).write(work)

    async def restore_message(self, owner: str, conversation_id: str, message_id: str) -> str | None:
        """Bring back what was taken away with a message, and the head with it; gives the head.

        `Conflict`: the message belongs to one that was deleted, which has to come first.
        """
        check_id(conversation_id, library.no_conversation)
        check_id(message_id, trees.no_message)
        return await self._home(conversation_id).write(lambda c: branches.restore(c, owner, conversation_id, message_id))

    async def purge(self, *, before: datetime | None = None) -> None:
        """Delete for good what was taken away before a time (default: a day ago). Deleting a message does so by itself."""
        until = before or moment() - KEPT
        if await self.database.read(lambda c: branches.has_old(c, until)):
            await self.database.write(lambda c: branches.purge(c, until))

    async def file_sizes(self, owner: str, ids: Collection[str]) -> dict[str, int]:
        """Bytes of those of the files that are there, by id."""
        held = {file.id: file.size for file in self.held.of(owner, ids)}
        known = {id for id in ids if is_id(id)} - held.keys()
        if not known:
            return held
        mine = select(files.c.id, files.c.size).where(files.c.owner == owner, files.c.id.in_(known))
        return held | await self.database.read(lambda c: {row.id: row.size for row in c.execute(mine)})

    async def add_summary(self, owner: str, summary: Summary, *, client_request_id: str | None = None) -> None:
        """Keep a summary: from now on it stands for its part of every path that holds its message."""
        check_id(summary.conversation_id, library.no_conversation)
        await self._home(summary.conversation_id).write(lambda c: summaries.add(c, owner, summary, client_request_id))

    async def summaries(self, owner: str, conversation_id: str) -> list[Summary]:
        """All summaries of a conversation, oldest first, those that were undone too."""
        check_id(conversation_id, library.no_conversation)
        return await self._home(conversation_id).read(lambda c: summaries.of(c, owner, conversation_id))

    async def requested_summary(self, owner: str, conversation_id: str, client_request_id: str) -> Summary | None:
        """The summary that the same request made before."""
        check_id(conversation_id, library.no_conversation)

        def work(c: Any) -> Summary | None:
            library.require(c, owner, conversation_id)
            return summaries.requested(c, conversation_id, client_request_id)

        return await self._home(conversation_id).read(work)

    async def change_summary(self, owner: str, conversation_id: str, summary_id: str, changes: Mapping[str, Any]) -> Summary:
        """Put other words into a summary (`text`, with `tokens_after` and `edited`), undo it or take that back (`active`)."""
        check_id(conversation_id, library.no_conversation)
        check_id(summary_id, summaries.no_summary)
        if not is_text(changes.get("text", "")):
            raise Invalid(
                "The summary holds characters that cannot be stored.",
                hint="Take out U+0000 and halves of surrogate pairs.",
                details={"errors": {"text": "holds characters that cannot be stored"}},
            )
        home = self._home(conversation_id)
        return await home.write(lambda c: summaries.change(c, owner, conversation_id, summary_id, dict(changes)))

    async def mark_message(self, owner: str, conversation_id: str, message_id: str, changes: Mapping[str, Any]) -> Message:
        """Change `pinned` (no summary stands for it), `starred`, or `rating` (`value`, `reason`, `text`; None: none any more).

        `Invalid`: only answers are rated.
        """
        check_id(conversation_id, library.no_conversation)
        check_id(message_id, trees.no_message)
        now = moment()
        await self._home(conversation_id).write(lambda c: marks.mark(c, owner, conversation_id, message_id, dict(changes), now))
        return await self.message(owner, message_id)

    async def starred(self, owner: str, *, limit: int = 50, cursor: str | None = None) -> Page[StarredMessage]:
        """Starred messages of all conversations but temporary ones, those starred last first."""
        return await self.database.read(lambda c: marks.starred(c, owner, limit, cursor))

    async def rated(self, owner: str, *, limit: int = 50, cursor: str | None = None) -> Page[RatedAnswer]:
        """Rated answers with their questions, in the order of the answers; none of temporary conversations."""
        return await self.database.read(lambda c: marks.rated(c, owner, limit, cursor))

    async def pinned(self, owner: str, conversation_id: str, leaf: str) -> list[Message]:
        """The pinned messages of the path to `leaf`, in order."""
        check_id(conversation_id, library.no_conversation)
        check_id(leaf, trees.no_message)
        return await self._home(conversation_id).read(lambda c: summaries.pinned(c, owner, conversation_id, leaf))
