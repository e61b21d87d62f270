"""Conversations on their way out: one of them, or all as one zip, written while somebody takes it.

An export that was announced is a run: it says how far it is and can be stopped, and what it writes is fetched by its id. Nothing of
it lies on the disk, so it ends with the download.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, closing
from typing import Any, Final, cast

from ..conversations.files import FileStore
from ..conversations.store import ConversationStore
from ..conversations.transfer.archive import Archive
from ..conversations.transfer.bundle import Bundle
from ..conversations.transfer.export import Options
from ..conversations.transfer.loading import load
from ..conversations.values import JobRecord
from ..errors import Conflict, Interrupted, LLMHubError, NotFound
from ..identity import Principal
from ..messages import Message
from .jobs import Job, Jobs

_WAITS: Final = 60.0
"""Seconds within which an announced export is fetched."""
Overlay = Callable[[Sequence[Message]], Awaitable[Sequence[Message]]]


class Exporting:
    """`pieces` is the zip; `start` announces one, and `take` gives it to whoever fetches it."""

    def __init__(self, conversations: ConversationStore, files: FileStore, jobs: Jobs, overlay: Overlay) -> None:
        """`overlay`: messages that are being answered, with what has been said so far."""
        self._conversations = conversations
        self._files = files
        self._jobs = jobs
        self._overlay = overlay
        self._announced: dict[str, _Export] = {}

    async def one(self, principal: Principal, conversation_id: str, *, leaf: str | None = None) -> Bundle:
        """One conversation, what is being answered in it included as far as it has come. Raises `NotFound`, for the leaf too."""
        bundle = await load(self._conversations, self._files, principal.id, conversation_id, self._overlay)
        if leaf is not None and all(message.id != leaf for message in bundle.messages):
            raise NotFound("There is no such message.", hint="Reload the conversation.", details={"message_id": leaf})
        return bundle

    async def start(
        self, principal: Principal, options: Options, *, client_request_id: str | None = None, waits: float = _WAITS
    ) -> JobRecord:
        """Announce an export; the same request gives the same run. It fails if nobody has fetched it after `waits` seconds."""
        export = _Export(options, await self._conversations.ids(principal.id), waits)
        record, is_new = await self._jobs.start(principal, "export", "", export, client_request_id=client_request_id)
        if is_new:
            self._announced[record.id] = export
            export.forget = lambda: self._announced.pop(record.id, None)
        return record

    def take(self, principal: Principal, run_id: str) -> AsyncIterator[bytes]:
        """The zip of an announced export, once. Raises `NotFound` and `Conflict`; it ends in `Interrupted` when it is stopped."""
        export = self._announced.get(run_id)
        if export is None or export.job is None or export.job.record.owner != principal.id:
            raise NotFound("There is no such export, or it has ended.", hint="Begin it again.", details={"run_id": run_id})
        if export.taken.is_set():
            raise Conflict("This export is being fetched already.", hint="Begin another one.")
        export.taken.set()
        return self._given(principal, export)

    async def pieces(self, principal: Principal, options: Options, export: _Export | None = None) -> AsyncIterator[bytes]:
        """The zip. Temporary conversations are not in it; what could not be written is in its `index.json`."""
        ids = await self._conversations.ids(principal.id) if export is None else export.ids
        archive = Archive(options)
        for number, id in enumerate(ids, start=1):
            try:
                bundle = await load(self._conversations, self._files, principal.id, id, self._overlay)
            except NotFound:
                continue  # deleted while this is written
            except LLMHubError as exc:
                archive.fail(id, exc)
                continue
            async for piece in each(archive.add(bundle)):
                yield piece
            if export is not None:
                await export.say(bundle.title or "", number)
        async for piece in each(archive.finish()):
            yield piece

    async def _given(self, principal: Principal, export: _Export) -> AsyncIterator[bytes]:
        fault: LLMHubError | None = Interrupted("The download ended before everything was in it.", hint="Export again.")
        try:
            async with aclosing(cast(Any, self.pieces(principal, export.options, export))) as pieces:
                async for piece in pieces:
                    if export.stopped:
                        raise Interrupted("The export was stopped.", hint="Begin it again.")
                    yield piece
            fault = None
        except LLMHubError as exc:
            fault = exc
            raise
        finally:
            export.fault = fault
            export.ended.set()


class _Export:
    """An export as a job: it waits until it is fetched, then until that has ended."""

    def __init__(self, options: Options, ids: Sequence[str], waits: float) -> None:
        self.options = options
        self.ids = ids
        self.job: Job | None = None
        self.taken = asyncio.Event()
        self.ended = asyncio.Event()
        self.stopped = False
        self.fault: LLMHubError | None = None
        self.forget: Callable[[], object] = lambda: None
        self._waits = waits

    async def __call__(self, job: Job) -> None:
        self.job = job
        job.result = {"conversations": 0, "of": len(self.ids)}
        try:
            async with asyncio.timeout(self._waits):
                await self.taken.wait()
            await self.ended.wait()
        except TimeoutError:
            raise Interrupted("Nobody fetched the export.", hint="Begin it again.") from None
        except asyncio.CancelledError:
            self.stopped = True
            raise
        finally:
            self.forget()
        if self.fault is not None:
            raise self.fault

    async def say(self, title: str, number: int) -> None:
        """So many conversations have been written."""
        if self.job is not None and not self.stopped:
            self.job.result = {"conversations": number, "of": len(self.ids)}
            await self.job.progress(title, number / len(self.ids), self.job.result)


async def each(content: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Pieces that block while they are made, one by one."""
    with closing(cast(Any, content)):
        while (piece := await asyncio.to_thread(next, content, None)) is not None:
            yield piece
