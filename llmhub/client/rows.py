"""`Rows`: many questions over one connection, each answered when it is ready; where there is no such connection, one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, Final

from ..errors import Invalid, LLMHubError, Unreachable, from_words

Complete = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""A body of OpenAI's chat completions → the answer. Raises `LLMHubError`."""
_LARGE: Final = 2**20
"""Bytes of a question that goes by itself: one that is too large is refused so, and does not end the connection of all."""


@asynccontextmanager
async def over(socket: Any, beside: Complete) -> AsyncGenerator[Complete]:
    """The way to ask over an open socket; large ones go `beside` it. Whoever leaves takes along what is not answered."""
    rows = _Rows(socket, beside)
    reading = asyncio.ensure_future(rows.read())
    try:
        yield rows.complete
    finally:
        reading.cancel()
        with suppress(Exception):  # it may be gone already
            await socket.close()


class _Rows:
    def __init__(self, socket: Any, beside: Complete) -> None:
        self._socket = socket
        self._beside = beside
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._fault: LLMHubError | None = None

    async def complete(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one of them."""
        if self._fault is not None:
            raise self._fault
        number = next(self._numbers)
        text = _written({"row": number, "body": {**body, "stream": False}})
        if len(text) > _LARGE:
            return await self._beside(body)
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            await self._send(text)
            return await waiting
        finally:
            self._waiting.pop(number, None)

    async def read(self) -> None:
        """Hand on what comes, to the end."""
        try:
            async for message in self._socket:
                said: dict[str, Any] = json.loads(message.data)
                number = said["row"]
                # What the server cannot read at all has no number: any of them may be meant, and none waits for ever.
                meant = [*self._waiting.values()] if number is None else filter(None, [self._waiting.get(number)])
                for waiting in meant:
                    if waiting.done():
                        continue
                    if "error" in said:
                        waiting.set_exception(from_words(said["error"]))
                    else:
                        waiting.set_result(said["answer"])
        finally:
            self._fault = _gone()
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(self._fault)

    async def _send(self, text: bytes) -> None:
        try:
            await self._socket.send_bytes(text)
        except (OSError, RuntimeError) as exc:  # aiohttp's errors of a closed connection are one or the other
            raise _gone() from exc


def _written(said: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise Invalid("What is sent contains half a surrogate pair, which is not text.", hint="Take it out.") from None
    except ValueError:
        raise Invalid("What is sent contains a number that JSON cannot say (nan or inf).", hint="Take it out.") from None


def _gone() -> Unreachable:
    return Unreachable("The server hung up in the middle of a batch.", hint="Ask again: what was answered is not asked twice.")
