"""What somebody gave to import, while it is read: in a thread of its own, one batch ahead of whoever writes it down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ..conversations.transfer.batches import Batch, next_batch
from ..conversations.transfer.bundle import FileRef
from ..conversations.transfer.reading import Contents
from ..conversations.transfer.source import Archive
from ..errors import Invalid

T = TypeVar("T")


class Incoming:
    """An archive that is open: `async with Incoming(path, name) as incoming`, then its `batches()`.

    Parsers block, and zip files are not for several threads: everything is read in one.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, "llmhub-import")
        self._path = path
        self._name = name
        self._passed = 0
        self._size = 1

    async def __aenter__(self) -> Incoming:
        """Raises `Invalid` and `TooLarge` for what cannot be read at all."""
        try:
            self._archive = await self._do(lambda: Archive(self._path, self._name))
            self._contents = await self._do(lambda: Contents(self._archive))
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self._size = max(1, self._contents.size)
        return self

    async def __aexit__(self, *_: object) -> None:
        # Behind whatever the thread is still at when somebody has stopped waiting for it.
        self._thread.submit(self._archive.close)
        self._thread.shutdown(wait=False)

    @property
    def products(self) -> tuple[str, ...]:
        """Where it comes from, as people write it."""
        return self._contents.products

    @property
    def fraction(self) -> float:
        """How much of it has been read."""
        return min(1.0, self._passed / self._size)

    async def batches(self) -> AsyncIterator[Batch]:
        """Everything in it. While one batch is in somebody's hands, the next one is read."""
        entries = self._contents.entries(self._pass)
        ahead: Future[Batch] | None = None
        while (batch := await asyncio.wrap_future(ahead or self._thread.submit(next_batch, entries))).entries:
            ahead = self._thread.submit(next_batch, entries) if batch.is_small else None
            yield batch

    async def bytes_of(self, ref: FileRef, limit: int) -> bytes:
        """A file that a conversation names. Raises `Invalid` where it has more than `limit` bytes."""
        return await self._do(lambda: _bytes_of(ref, limit))

    def _pass(self, count: int) -> None:
        self._passed += count

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _bytes_of(ref: FileRef, limit: int) -> bytes:
    if ref.size is not None and ref.size > limit:
        raise _too_large(ref.size, limit)
    with ref.open() as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise _too_large(len(data), limit)
    return data


def _too_large(size: int, limit: int) -> Invalid:
    return Invalid(f"it is {size / 2**20:,.0f} MB large, and attachments may have {limit / 2**20:,.0f} MB.")
