"""Many questions over one connection, as `llmhub.map` asks them: what a request of HTTP costs is paid once, not for every row.

A client sends `{"row": N, "body": {...}}` and gets `{"row": N, "answer": {...}}` or `{"row": N, "error": {...}}` when it is there,
in whatever order. Bodies and answers are those of `llmhub/v1/chat/completions`, and so is what it costs and who may. A client that
leaves takes its questions along: their connections to providers are closed at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Annotated, Any, Final, cast

import orjson
from jupyter_server.auth.decorator import authorized, ws_authenticated
from pydantic import Field
from tornado.websocket import WebSocketClosedError

from ... import errors
from ...messages import Value
from ...providers.base import closing
from ..doors.gathered import Gathered
from ..doors.openai_answer import completion
from ..doors.openai_body import ChatBody, chat_request
from ..http import parse, read_json, to_json, trace_of
from .door import asked_by
from .operation import RESOURCE
from .pieces import without_end
from .socket import Socket

MOST_ROWS: Final = 200
"""Questions of one connection at a time."""


class Row(Value):
    """One question."""

    row: Annotated[int, Field(ge=0, lt=2**53)]
    body: dict[str, Any]


class RowsHandler(Socket):
    """One batch's connection."""

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent: Awaitable[None] | None = None

    @ws_authenticated
    @authorized("write", resource=RESOURCE)  # pyright: ignore[reportUntypedFunctionDecorator]
    async def get(self, *args: Any, **kwargs: Any) -> None:
        """The handshake."""
        await self.shake_hands(*args, **kwargs)

    def check_access(self) -> None:
        """It is a door like the others."""
        self.rules.check_feature("doors")

    @property
    def max_message_size(self) -> int:
        """Beyond this tornado closes the connection before it reads on."""
        return self.rules.config.settings.limits.body_bytes

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is said first."""
        super().open(*args, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self.set_nodelay(True)

    async def on_message(self, message: str | bytes) -> None:
        """Begin with a question, once what was said before has been taken: nothing piles up for a client that does not read."""
        if self._sent is not None:
            with suppress(WebSocketClosedError):
                await self._sent
        if self.ws_connection is None or self.ws_connection.is_closing():
            return  # whoever asked left meanwhile: `on_close` ends what was begun before it
        try:
            row = parse(Row, read_json(message.encode() if isinstance(message, str) else message))
            if len(self._tasks) >= MOST_ROWS:
                raise errors.Conflict(f"One connection asks at most {MOST_ROWS} rows at a time.", hint="Wait for some of them.")
        except errors.LLMHubError as exc:
            self._say({"row": _number_in(message), "error": errors.words(exc)})
            return
        task = asyncio.create_task(self._answer(row), name="llmhub row")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def on_close(self) -> None:
        """Nobody waits any more."""
        for task in self._tasks:
            task.cancel()

    async def _answer(self, row: Row) -> None:
        self.extension.door_answers += 1
        try:
            self._say({"row": row.row, "answer": completion(await self._gather(row))})
        except Exception as exc:
            if not isinstance(exc, errors.LLMHubError):
                self.log.error("llmhub: a row failed unexpectedly\n%s", trace_of(exc))
            self._say({"row": row.row, "error": errors.words(exc)})
        finally:
            self.extension.door_answers -= 1
            self.extension.note_activity()

    async def _gather(self, row: Row) -> Gathered:
        request = chat_request(parse(ChatBody, row.body))
        said = Gathered(request.model)
        await self.workspace.runs.settle()
        asked = asked_by(self.workspace, self.principal, request, "openai")
        async with closing(self.workspace.provider.stream(asked)) as events:
            try:
                async for event in events:
                    said.take(event)
            except errors.LLMHubError:
                if said.reason != "content_filter":
                    raise
        if said.reason is None:
            raise without_end(request.model)
        return said

    def _say(self, said: dict[str, Any]) -> None:
        with suppress(WebSocketClosedError):
            self._sent = sent = self.write_message(to_json(said))
            sent.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever is gone misses nothing


def _number_in(message: str | bytes) -> int | None:
    """Which row a question is of that is refused unread; None where it cannot be told."""
    with suppress(ValueError):
        said: Any = orjson.loads(message)
        number = cast("dict[str, Any]", said).get("row") if isinstance(said, dict) else None
        if type(number) is int and 0 <= number < 2**53:
            return number
    return None
