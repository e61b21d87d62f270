"""The conversation store: coroutines over the SQL in `library`, `trees`, `branches`, `summaries`, `runs` and `ledger`.

Every method takes the owner's principal id first and raises `NotFound` for what is not theirs. Temporary conversations live in a
second database in memory, through the same code: they reach neither the disk nor a list, and are gone when the server stops.
"""

from __future__ import annotations

import asyncio
import builtins
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from ..errors import Invalid, LLMHubError, StoreError
from ..ids import is_id, new_id
from ..messages import Message
from . import branches, copies, folders, ledger, library, marks, runs, summaries, trees
from .changes import Changes, request_id_fault
from .copies import CopyDraft
from .cursors import is_text
from .database import Database
from .filters import Filter
from .ledger import Within
from .search import index, repair
from .search.find import Found, find
from .search.query import Note, Query
from .search.within import within
from .tables import files, processes
from .transfer import writer
from .transfer.bundle import Bundle
from .transfer.writer import Outcome, Standing
from .values import (
    Conversation,
    ConversationUsage,
    Entry,
    FolderSettings,
    Kept,
    Mention,
    NewMessage,
    Node,
    Page,
    RatedAnswer,
    RunDraft,
    RunOutcome,
    RunRecord,
    StarredMessage,
    Summary,
    UsageBy,
    UsageGroup,
    UsageTotal,
    Whole,
)

KEPT: Final = timedelta(days=1)
"""How long a deleted message can be restored."""
_REMADE: Final = "The search index was damaged and is being made anew. Nothing that was said is lost."
_log = logging.getLogger(__name__)
Groups = dict[UsageBy, tuple[UsageGroup, ...]]


class ConversationStore:
    """Conversations, their messages and the runs that answer them.

    Not here: the bytes of files (`FileStore`, which shares `database`), and what a living run has said so far (the journal).
    """

    def __init__(self, url: str | Path, *, backups: Path, lock_wait: float = 10.0, log: logging.Logger = _log) -> None:
        """`url`: an SQLite file, or the URL of a database. `lock_wait`: seconds to wait for another process."""
        self.database = Database(url, backups=backups, lock_wait=lock_wait, log=log, after_write=self._settle, mender=_mender)
        self.unindexed = 0
        """How many messages of an old database are not found yet; `start_indexing` is at it."""
        self._indexing: asyncio.Task[None] | None = None
        self._mending = asyncio.Lock()
        self._remade = 0
        """How often the search index was made anew."""
        self._is_late = False
        """Something that was written waits to be indexed."""
        self._log = log
        self._memory: Database | None = None
        self._temporary: dict[str, str] = {}
        """What is in `_memory`: the id of a conversation, message or run, and of its conversation."""

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

    def is_temporary(self, id: str) -> bool:
        """Whether this conversation, message or run is kept in memory only: nothing of it should be written elsewhere either."""
        return id in self._temporary

    @property
    def temporary(self) -> builtins.list[str]:
        """The temporary conversations of everybody."""
        return sorted(set(self._temporary.values()))

    # ---- conversations

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
        id = await home.write(lambda c: library.create(c, owner, new_id(), changes, _now(), client_request_id))
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
        _check(conversation_id, library.no_conversation)
        temporary = self.is_temporary(conversation_id)
        return await self._home(conversation_id).read(lambda c: library.get(c, owner, conversation_id, temporary=temporary))

    async def update(self, owner: str, conversation_id: str, changes: Mapping[str, Any]) -> Conversation:
        """Change title, head_id, folder_id, tags, pinned, archived, unread, model or params; `Invalid` names what cannot be.

        A head that is no leaf becomes the newest leaf below it, so that a branch picker can send what was picked.
        """
        _check(conversation_id, library.no_conversation)
        checked = Changes.read(changes)
        await self._home(conversation_id).write(lambda c: library.change(c, owner, conversation_id, checked))
        return await self.get(owner, conversation_id)

    async def delete(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation with its messages and runs. A run that is still answering finds nothing left to write to."""
        _check(conversation_id, library.no_conversation)
        await self._home(conversation_id).write(lambda c: library.remove(c, owner, conversation_id))
        self.forget_temporary({conversation_id})

    async def retitle(self, owner: str, conversation_id: str, before: str | None, title: str) -> bool:
        """Call a conversation `title` if it is still called `before`: what a person wrote meanwhile stays. False: it stays."""
        return await self._home(conversation_id).write(lambda c: library.retitle(c, owner, conversation_id, before, title))

    async def instructions(self, owner: str, conversation_id: str) -> tuple[str, ...]:
        """What the folders of a conversation say to its models, the outermost first."""
        return await self._home(conversation_id).read(lambda c: library.instructions(c, owner, conversation_id))

    def homes(self, ids: Iterable[str]) -> builtins.list[tuple[Database, builtins.list[str]]]:
        """The databases that hold these conversations, and which each of them holds."""
        held: dict[Database, builtins.list[str]] = {}
        for id in dict.fromkeys(ids):
            held.setdefault(self._home(id), []).append(id)
        return builtins.list(held.items())

    def forget_temporary(self, conversation_ids: Collection[str]) -> None:
        """These conversations are deleted."""
        if any(map(self.is_temporary, conversation_ids)):
            self._temporary = {id: home for id, home in self._temporary.items() if home not in conversation_ids}

    async def copy(self, owner: str, conversation_id: str, draft: CopyDraft) -> Conversation:
        """A conversation, or what a fork takes along of it, as a new one. The same `client_request_id` again gives it again."""
        _check(conversation_id, library.no_conversation)
        if draft.at is not None:
            _check(draft.at, trees.no_message)
        now, new = _now(), new_id()
        home = self._home(conversation_id)
        id, copied = await home.write(lambda c: copies.copy(c, owner, conversation_id, new, draft, now))
        if self.is_temporary(conversation_id):
            self._temporary |= dict.fromkeys((id, *copied), id)
        return await self.get(owner, id)

    # ---- whole conversations from elsewhere

    async def standing(self, owner: str, bundle: Bundle) -> Standing:
        """Whether a bundle is new, has grown since it came in, or is there as it is."""
        return await self.database.read(lambda c: writer.stand(c, owner, bundle))

    async def add_bundle(
        self, owner: str, bundle: Bundle, kept: Mapping[str, Kept], *, folder_id: str | None = None
    ) -> tuple[Outcome, str]:
        """Write down a whole conversation, or what of it is new, in one transaction; gives what that was, and its id.

        The same bundle again adds nothing. `kept`: what `FileStore.keep` gave for its files, by their ids in the bundle.
        """
        return await self.database.write(lambda c: writer.write(c, owner, bundle, kept, _now(), folder_id=folder_id))

    # ---- search

    async def search(
        self,
        owner: str,
        query: Query,
        *,
        folder_id: str | None = None,
        conversation_id: str | None = None,
        limit: int = 20,
        cursor: str | None = None,
        now: datetime | None = None,
    ) -> Found:
        """What the owner said and was told, and titles, the best first. Nothing deleted, and nothing temporary.

        With `conversation_id`: what was said in that conversation.
        """
        self.start_indexing()
        within = {"folder_id": folder_id, "conversation_id": conversation_id}

        def work(c: Any) -> Found:
            return find(c, owner, query, now=now or _now(), **within, limit=limit, cursor=cursor)

        before = self._remade
        try:
            found = await self.database.read(work)
        except StoreError as exc:
            if not repair.is_damage(exc):
                raise
            await self._remake(before)
            found = await self.database.read(work)
        return replace(found, notes=(*found.notes, Note("remade", _REMADE))) if self._remade and self.unindexed else found

    async def mentions(self, owner: str, conversation_id: str, wanted: str, *, leaf: str | None = None) -> builtins.list[Mention]:
        """Where a text stands on the path to `leaf` (default: the head), letter by letter; case and accents do not count."""
        _check(conversation_id, library.no_conversation)
        if leaf is not None:
            _check(leaf, trees.no_message)

        def work(c: Connection) -> builtins.list[Mention]:
            head = library.require(c, owner, conversation_id)
            last = leaf or head
            return within(c, conversation_id, last, wanted) if last else []

        return await self._home(conversation_id).read(work)

    def start_indexing(self) -> None:
        """Index in the background what was there before there was an index, and what could not be indexed when it was written."""
        if self._indexing is None or (self._is_late and self._indexing.done()):
            self._is_late = False
            self._indexing = asyncio.create_task(self._index_backlog())

    async def index_backlog(self) -> None:
        """The same, and wait for it."""
        self.start_indexing()
        assert self._indexing is not None
        await self._indexing

    def _settle(self, c: Connection) -> None:
        if index.settle(c) is not None:
            self._is_late = True

    async def _remake(self, before: int) -> None:
        """Make the index anew, unless somebody has done so since it was made `before` times."""
        async with self._mending:
            if self._remade == before:
                await self.database.write(repair.remake)
                self._remade += 1
                self._is_late = True
            self.unindexed = await self.database.read(index.backlog)
        self.start_indexing()

    async def _index_backlog(self) -> None:
        try:
            self._remade += await self.database.write(repair.mend)
            while await self._index_some():
                pass
        except Exception as exc:
            words = f"{exc.message} {exc.hint}" if isinstance(exc, LLMHubError) else type(exc).__name__
            self._log.warning("Old messages are not found yet. %s", words, exc_info=not isinstance(exc, LLMHubError))
            self._is_late = True

    async def _index_some(self) -> bool:
        before = self._remade
        try:
            self.unindexed = await self.database.read(index.backlog)
            return self.unindexed > 0 and await self.database.write(index.catch_up) > 0
        except Exception as exc:
            if before or not repair.is_damage(exc):
                raise  # what was made anew and breaks again, breaks for a reason that we do not mend
            await self._remake(before)
            return True

    # ---- messages

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
        _check(conversation_id, library.no_conversation)
        if leaf is not None:
            _check(leaf, trees.no_message)

        def work(c: Any) -> Page[Message]:
            head = library.require(c, owner, conversation_id)
            return trees.path(c, conversation_id, leaf or head, limit, cursor, siblings=siblings)

        return await self._home(conversation_id).read(work)

    async def tree(self, owner: str, conversation_id: str, *, excerpts: bool = False) -> builtins.list[Node]:
        """Every message without its body, oldest first. `excerpts`: with its first words."""
        _check(conversation_id, library.no_conversation)

        def work(c: Any) -> builtins.list[Node]:
            library.require(c, owner, conversation_id)
            return trees.tree(c, conversation_id, with_excerpts=excerpts)

        return await self._home(conversation_id).read(work)

    async def whole(self, owner: str, conversation_id: str) -> Whole:
        """A conversation with every message of every branch, one moment's view of it."""
        _check(conversation_id, library.no_conversation)
        temporary = self.is_temporary(conversation_id)

        def work(c: Any) -> Whole:
            conversation = library.get(c, owner, conversation_id, temporary=temporary)
            within = folders.chain(c, conversation.folder_id)
            names = tuple(row.name for row in within)
            settings = tuple(FolderSettings(instructions=row.instructions, model=row.model) for row in within)
            return Whole(conversation, names, settings, trees.whole(c, conversation_id), summaries.of(c, owner, conversation_id))

        return await self._home(conversation_id).read(work)

    async def ids(self, owner: str) -> builtins.list[str]:
        """The ids of all the owner's conversations, oldest first; temporary ones are not among them."""
        return await self.database.read(lambda c: library.ids(c, owner))

    async def message(self, owner: str, message_id: str, *, deleted: bool = False) -> Message:
        """One message with its siblings. `deleted`: also one that was taken away and not purged yet."""
        _check(message_id, trees.no_message)
        return await self._home(message_id).read(lambda c: trees.message(c, owner, message_id, deleted=deleted))

    async def add_message(self, owner: str, conversation_id: str, new: NewMessage) -> Message:
        """Save a message beside its siblings, without a run, and show it. The same `client_request_id` again gives it again.

        `Conflict`: its parent is still being written. `Invalid`: an answer that answers nothing.
        """
        _check(conversation_id, library.no_conversation)
        if new.parent_id is not None:
            _check(new.parent_id, trees.no_message)
        branches.check(new)
        home = self._home(conversation_id)
        id = await home.write(lambda c: branches.add(c, owner, conversation_id, new_id(), new, _now()))
        if self.is_temporary(conversation_id):
            self._temporary[id] = conversation_id
        return await self.message(owner, id)

    async def delete_message(self, owner: str, conversation_id: str, message_id: str) -> tuple[str | None, builtins.list[str]]:
        """Take a message away with everything beneath it; gives the head, and the runs that are answering in what is gone.

        If the head was in it, the newest leaf of the sibling before it is shown, else of the one behind it, else its parent.
        """
        _check(conversation_id, library.no_conversation)
        _check(message_id, trees.no_message)
        now = _now()

        def work(c: Any) -> tuple[str | None, builtins.list[str]]:
            head, running = branches.remove(c, owner, conversation_id, message_id, now)
            branches.purge(c, now - KEPT)
            return head, builtins.list(running)

        return await self._home(conversation_id).write(work)

    async def restore_message(self, owner: str, conversation_id: str, message_id: str) -> str | None:
        """Bring back what was taken away with a message, and the head with it; gives the head.

        `Conflict`: the message belongs to one that was deleted, which has to come first.
        """
        _check(conversation_id, library.no_conversation)
        _check(message_id, trees.no_message)
        return await self._home(conversation_id).write(lambda c: branches.restore(c, owner, conversation_id, message_id))

    async def purge(self, *, before: datetime | None = None) -> None:
        """Delete for good what was taken away before a time (default: a day ago). Deleting a message does so by itself."""
        until = before or _now() - KEPT
        if await self.database.read(lambda c: branches.has_old(c, until)):
            await self.database.write(lambda c: branches.purge(c, until))

    async def file_sizes(self, owner: str, ids: Collection[str]) -> dict[str, int]:
        """Bytes of those of the files that are there, by id."""
        known = {id for id in ids if is_id(id)}
        if not known:
            return {}
        mine = select(files.c.id, files.c.size).where(files.c.owner == owner, files.c.id.in_(known))
        return await self.database.read(lambda c: {row.id: row.size for row in c.execute(mine)})

    # ---- what stands for older turns

    async def add_summary(self, owner: str, summary: Summary, *, client_request_id: str | None = None) -> None:
        """Keep a summary: from now on it stands for its part of every path that holds its message."""
        _check(summary.conversation_id, library.no_conversation)
        await self._home(summary.conversation_id).write(lambda c: summaries.add(c, owner, summary, client_request_id))

    async def summaries(self, owner: str, conversation_id: str) -> builtins.list[Summary]:
        """All summaries of a conversation, oldest first, those that were undone too."""
        _check(conversation_id, library.no_conversation)
        return await self._home(conversation_id).read(lambda c: summaries.of(c, owner, conversation_id))

    async def requested_summary(self, owner: str, conversation_id: str, client_request_id: str) -> Summary | None:
        """The summary that the same request made before."""
        _check(conversation_id, library.no_conversation)

        def work(c: Any) -> Summary | None:
            library.require(c, owner, conversation_id)
            return summaries.requested(c, conversation_id, client_request_id)

        return await self._home(conversation_id).read(work)

    async def change_summary(self, owner: str, conversation_id: str, summary_id: str, changes: Mapping[str, Any]) -> Summary:
        """Put other words into a summary (`text`, with `tokens_after` and `edited`), undo it or take that back (`active`)."""
        _check(conversation_id, library.no_conversation)
        _check(summary_id, summaries.no_summary)
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
        _check(conversation_id, library.no_conversation)
        _check(message_id, trees.no_message)
        now = _now()
        await self._home(conversation_id).write(lambda c: marks.mark(c, owner, conversation_id, message_id, dict(changes), now))
        return await self.message(owner, message_id)

    async def starred(self, owner: str, *, limit: int = 50, cursor: str | None = None) -> Page[StarredMessage]:
        """Starred messages of all conversations but temporary ones, those starred last first."""
        return await self.database.read(lambda c: marks.starred(c, owner, limit, cursor))

    async def rated(self, owner: str, *, limit: int = 50, cursor: str | None = None) -> Page[RatedAnswer]:
        """Rated answers with their questions, in the order of the answers; none of temporary conversations."""
        return await self.database.read(lambda c: marks.rated(c, owner, limit, cursor))

    async def pinned(self, owner: str, conversation_id: str, leaf: str) -> builtins.list[Message]:
        """The pinned messages of the path to `leaf`, in order."""
        _check(conversation_id, library.no_conversation)
        _check(leaf, trees.no_message)
        return await self._home(conversation_id).read(lambda c: summaries.pinned(c, owner, conversation_id, leaf))

    # ---- runs

    async def begin_run(self, owner: str, draft: RunDraft) -> tuple[RunRecord, bool]:
        """Write down, in one transaction, the user's message, the running answer, the run, and the new head.

        The same `client_request_id` again gives the record of the first time and False, also when both come at once from two
        servers. `Conflict`: what is to be continued, or the parent of a new message, is still being written.
        """
        _check(draft.conversation_id, library.no_conversation)
        if draft.parent_id is not None:
            _check(draft.parent_id, trees.no_message)
        runs.check(draft)
        record, started = await self._home(draft.conversation_id).write(lambda c: runs.begin(c, owner, draft, _now()))
        if started and self.is_temporary(draft.conversation_id):
            for id in (record.id, record.message_id, record.user_message_id):
                self._temporary[id or record.id] = draft.conversation_id
        return record, started

    async def finish_run(self, run_id: str, outcome: RunOutcome) -> bool:
        """Write down, in one transaction, what was said and how it ended. The head stays.

        False, and nothing is changed: the run had ended before, or its conversation was deleted.
        """
        return await self._home(run_id).write(lambda c: runs.finish(c, run_id, outcome, _now()))

    async def run(self, owner: str, run_id: str) -> RunRecord:
        """One run."""
        _check(run_id, runs.no_run)
        return await self._home(run_id).read(lambda c: runs.get(c, owner, run_id))

    async def run_of(self, run_id: str) -> RunRecord:
        """One run, whoever owns it: for recovery only."""
        _check(run_id, runs.no_run)
        return await self._home(run_id).read(lambda c: runs.get(c, None, run_id))

    async def list_runs(
        self,
        owner: str,
        *,
        active: bool | None = None,
        conversation_id: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[RunRecord]:
        """The owner's runs, newest first. Runs of a temporary conversation are listed only when it is named."""
        home = self.database
        if conversation_id is not None:
            _check(conversation_id, library.no_conversation)
            home = self._home(conversation_id)
        return await home.read(
            lambda c: runs.page(c, owner, active=active, conversation_id=conversation_id, limit=limit, cursor=cursor)
        )

    async def run_requested(self, owner: str, client_request_id: str) -> RunRecord | None:
        """The run that a request made before, if it did."""
        for home in (self.database, *((self._memory,) if self._memory else ())):
            if record := await home.read(lambda c: runs.requested(c, owner, client_request_id)):
                return record
        return None

    async def run_log(self, run_id: str) -> bytes:
        """The compact log of a finished run; empty while it runs."""
        _check(run_id, runs.no_run)
        return await self._home(run_id).read(lambda c: runs.log(c, run_id))

    async def unfinished_runs(self) -> builtins.list[RunRecord]:
        """The runs that have not ended, of all principals and processes, oldest first."""
        return await self.database.read(runs.unfinished)

    # ---- the ledger: for temporary conversations too, because it holds nothing of what was said

    async def enter(self, entries: Sequence[Entry]) -> None:
        """Write down what was paid for; an entry that is there already is left as it is."""
        if entries:
            await self.database.write(lambda c: ledger.enter(c, entries))

    async def usage(self, owner: str, *, since: datetime | None = None, until: datetime | None = None) -> UsageTotal:
        """What the owner's requests used that were made at `since` or later and before `until`, in all."""
        return await self.database.read(lambda c: ledger.total(c, Within(owner, since, until)))

    async def usage_by(self, within: Within, by: Collection[UsageBy], zone: tzinfo) -> tuple[UsageTotal, Groups]:
        """The total, and what it is made of, broken down in each of these ways. Days are those of `zone`."""
        return await self.database.read(lambda c: ledger.report(c, within, by, zone))

    async def usage_of(self, owner: str, conversation_id: str, *, leaf: str | None = None) -> ConversationUsage:
        """What a conversation used, its branch to `leaf` (default: the head), and each message of that branch."""
        _check(conversation_id, library.no_conversation)
        if leaf is not None:
            _check(leaf, trees.no_message)

        def path(c: Any) -> builtins.list[str]:
            head = library.require(c, owner, conversation_id)
            return ledger.path_ids(c, conversation_id, leaf or head)

        ids = await self._home(conversation_id).read(path)
        return await self.database.read(lambda c: ledger.of_conversation(c, owner, conversation_id, ids))

    async def spent(self, owner: str, since: datetime) -> int:
        """US nanodollars that the owner has spent since then."""
        return await self.database.read(lambda c: ledger.spent(c, owner, since))

    async def entries(
        self, within: Within, *, after: tuple[datetime, str] | None = None, limit: int = 5_000
    ) -> builtins.list[tuple[Entry, str | None]]:
        """Entries in the order of their time, behind `after` (time and id), each with the title of its conversation."""
        return await self.database.read(lambda c: ledger.page(c, within, after, limit))

    # ---- processes that own runs

    async def beat(self, process_id: str, *, at: datetime) -> None:
        """Say that a process is alive."""

        def work(c: Any) -> None:
            dialect = postgresql if c.dialect.name == "postgresql" else sqlite
            beat = dialect.insert(processes).values(id=process_id, beat_at=at)
            c.execute(beat.on_conflict_do_update(index_elements=["id"], set_={"beat_at": at}))

        await self.database.write(work)

    async def last_beat(self, process_id: str) -> datetime | None:
        """When a process last said that it is alive; None if it never did."""
        return await self.database.read(
            lambda c: c.execute(select(processes.c.beat_at).where(processes.c.id == process_id)).scalar_one_or_none()
        )

    def _home(self, id: str) -> Database:
        """The database that holds the thing with this id."""
        return self._memory if self._memory is not None and self.is_temporary(id) else self.database


def _mender(error: DBAPIError) -> Callable[[Connection], object] | None:
    """A write that failed because of the search index alone is done again, with a new one."""
    return repair.remake if repair.keeps_from_writing(error) else None


def _check(id: str, missing: Any) -> None:
    """An id that cannot be one is not looked for: PostgreSQL would not even take some of them."""
    if not is_id(id):
        raise missing(id)


def _now() -> datetime:
    return datetime.now(UTC)
