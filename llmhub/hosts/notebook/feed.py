"""`Feed`: rows on their way to a batch in another thread; each is read by whoever called for the batch, shortly before it is asked.

A cursor of SQLite's refuses every thread but its own, and a source that is slow must not stop the client's loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic
from typing import Any, Final

END: Final = object()
"""In place of a row: there are no more."""
_WHILE: Final = 0.01
"""Seconds for which rows are gathered to be handed over together."""


class Feed:
    """`next` is for the loop of the batch. `call` has something done in the thread of the rows, and does not wait for it."""

    def __init__(self, rows: Iterator[Any], ahead: int, call: Callable[[Callable[[], None]], object]) -> None:
        self._rows = rows
        self._ahead = ahead
        self._call = call
        self._here: deque[Any] = deque()
        self._came = asyncio.Event()
        self._is_asked = self._is_over = False
        self._fault: Exception | None = None

    async def next(self) -> Any:
        """A row, or `END`. Raises what reading it raised."""
        while not self._here:
            if self._fault is not None:
                raise self._fault
            if self._is_over:
                return END
            self._ask()
            await self._came.wait()
        row = self._here.popleft()
        if len(self._here) < self._ahead // 2:
            self._ask()
        return row

    def _ask(self) -> None:
        if not self._is_asked and not self._is_over:
            self._is_asked = True
            self._came.clear()
            loop, most = asyncio.get_running_loop(), self._ahead - len(self._here)
            self._call(lambda: self._read(loop, most))

    def _read(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        """In the thread of the rows."""
        rows: list[Any] = []
        fault, until = None, monotonic() + _WHILE
        try:
            while len(rows) < most and (not rows or monotonic() < until):
                rows.append(next(self._rows, END))
                if rows[-1] is END:
                    break
        except Exception as exc:  # it is the user's: whatever it raises is raised where the batch was called
            fault = exc
        with suppress(RuntimeError):  # the client is closed
            loop.call_soon_threadsafe(self._take, rows, fault)

    def _take(self, rows: list[Any], fault: Exception | None) -> None:
        self._is_over = fault is not None or rows[-1] is END
        self._fault = fault
        self._here.extend(row for row in rows if row is not END)
        self._is_asked = False
        self._came.set()
