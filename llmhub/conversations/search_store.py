"""`SearchStore`: finds what was said, and has the index mended and brought up to date in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ..errors import LLMHubError, StoreError
from . import library, trees
from .database import Database
from .homes import Homes, check_id, moment
from .search import index, repair
from .search.find import Found, find
from .search.query import Note, Query
from .search.within import within
from .values import Mention

_REMADE: Final = "The search index was damaged and is being made anew. Nothing that was said is lost."
_log = logging.getLogger(__name__)


class SearchStore(Homes):
    """The search, and its index: it follows at the end of every write; whatever it could not take in is taken in later."""

    def __init__(self, url: str | Path, *, backups: Path, lock_wait: float = 10.0, log: logging.Logger = _log) -> None:
        """`url`: an SQLite file, or the URL of a database. `lock_wait`: seconds to wait for another process."""
        super().__init__(Database(url, backups=backups, lock_wait=lock_wait, log=log, after_write=self._settle, mender=_mender))
        self.unindexed = 0
        """How many messages of an old database are not found yet; `start_indexing` is at it."""
        self._indexing: asyncio.Task[None] | None = None
        self._mending = asyncio.Lock()
        self._remade = 0
        """How often the search index was made anew."""
        self._is_late = False
        """Something that was written waits to be indexed."""
        self._log = log

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
            return find(c, owner, query, now=now or moment(), **within, limit=limit, cursor=cursor)

        before = self._remade
        late = self.unindexed  # when it was looked for; the rest may be there before it is told
        try:
            found = await self.database.read(work)
        except StoreError as exc:
            if not repair.is_damage(exc):
                raise
            await self._remake(before)
            late = self.unindexed
            found = await self.database.read(work)
        return replace(found, notes=(*found.notes, Note("remade", _REMADE))) if self._remade and late else found

    async def mentions(self, owner: str, conversation_id: str, wanted: str, *, leaf: str | None = None) -> list[Mention]:
        """Where a text stands on the path to `leaf` (default: the head), letter by letter; case and accents do not count."""
        check_id(conversation_id, library.no_conversation)
        if leaf is not None:
            check_id(leaf, trees.no_message)

        def work(c: Connection) -> list[Mention]:
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


def _mender(error: DBAPIError) -> Callable[[Connection], object] | None:
    """A write that failed because of the search index alone is done again, with a new one."""
    return repair.remake if repair.keeps_from_writing(error) else None
