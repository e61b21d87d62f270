"""What comes in the client's thread, heard in the thread in which the cell runs: only there Jupyter knows to which cell an output
belongs, and an interrupt arrives.
"""

from __future__ import annotations

import queue
from collections.abc import AsyncIterator, Generator
from typing import TypeVar

from ...client import Client
from .display import Output

T = TypeVar("T")


def heard(client: Client, coming: AsyncIterator[T], output: Output) -> Generator[T]:
    """All of it, in order; while nothing comes, `output` ticks. Raises what `coming` raised. To be closed: nobody listens then."""
    said: queue.SimpleQueue[tuple[T] | BaseException | None] = queue.SimpleQueue()

    async def listen() -> None:
        try:
            async for one in coming:
                said.put((one,))
            said.put(None)
        except BaseException as exc:
            said.put(exc)
            raise

    listening = client.submit(listen())
    try:
        while True:
            try:
                one = said.get(timeout=output.pause())
            except queue.Empty:
                output.tick()
                continue
            if one is None:
                return
            if isinstance(one, BaseException):
                raise one
            yield one[0]
    finally:
        listening.cancel()
