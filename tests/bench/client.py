"""A client as lean as one can be, so that what is measured is the server: HTTP, the socket, server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

from .processes import TOKEN, Jupyter


class Client:
    """`async with Client(server) as client: ...`"""

    def __init__(self, server: Jupyter) -> None:
        self._url = server.url
        self.socket_url = server.url.replace("http", "ws", 1) + "stream"
        self._headers = {"Authorization": f"token {TOKEN}"}

    async def __aenter__(self) -> Client:
        connector = aiohttp.TCPConnector(limit=0)
        self.session = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=aiohttp.ClientTimeout(None))
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.session.close()

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that must be a good one."""
        data = None if body is None else orjson.dumps(body)
        async with self.session.request(
            method, self._url + path, data=data, headers={"Content-Type": "application/json"}
        ) as answer:
            said = await answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path} answered {answer.status}: {said[:500]!r}")
            return orjson.loads(said) if said else None

    async def read(self, path: str) -> bytes:
        """The bytes of an answer, not looked into."""
        async with self.session.get(self._url + path) as answer:
            answer.raise_for_status()
            return await answer.read()

    async def conversation(self, **draft: Any) -> str:
        """A new conversation's id."""
        return (await self.call("POST", "conversations", draft))["id"]

    async def ask(self, conversation_id: str, model: str, parent_id: str | None = None, text: str = "Hello") -> dict[str, Any]:
        """Start a run."""
        message = {"parts": [{"type": "text", "text": text}]}
        body = {"client_request_id": uuid4().hex, "parent_id": parent_id, "message": message, "model": f"lab/{model}"}
        return await self.call("POST", f"conversations/{conversation_id}/runs", body)

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """The one connection of a page."""
        async with self.session.ws_connect(self.socket_url, max_msg_size=0) as socket:
            yield Socket(socket)

    async def events(self, run_id: str) -> AsyncIterator[tuple[int, int, bytes]]:
        """(nanosecond, bytes on the wire, event's JSON) of each event as it comes over SSE."""
        async with self.session.get(f"{self._url}runs/{run_id}/events") as answer:
            rest = b""
            async for piece in answer.content.iter_any():
                now = time.monotonic_ns()
                *blocks, rest = (rest + piece).split(b"\n\n")
                for block in blocks:
                    if (at := block.find(b"data: ")) >= 0:
                        yield now, len(block) + 2, block[at + 6 :]


class Socket:
    """The socket; `bytes` counts what came over it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.bytes = 0

    async def watch(self, run_id: str, after: int = 0) -> None:
        """Follow a run."""
        await self._socket.send_str(orjson.dumps({"watch": run_id, "after": after}).decode())

    async def hear(self) -> tuple[int, bytes]:
        """(nanosecond, frame)"""
        message = await self._socket.receive()
        now = time.monotonic_ns()
        data = message.data.encode() if isinstance(message.data, str) else message.data
        self.bytes += len(data) + (2 if len(data) < 126 else 4)
        return now, data


async def finished(client: Client, run_id: str) -> None:
    """Wait for the end of a run."""
    async for _, _, data in client.events(run_id):
        if b'"run.finished"' in data:
            return


async def gather_soon(*work: Any) -> None:
    """All of it at once; the first failure ends the rest."""
    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(one)
