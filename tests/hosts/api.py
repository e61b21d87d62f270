"""A client for tests: every call gives status and JSON, errors included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_server.serverapp import ServerApp
from tornado.httputil import HTTPHeaders

from llmhub.ids import new_id


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: HTTPHeaders
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def error(self) -> dict[str, Any]:
        """The contract's error object, checked for its shape."""
        error = self.json["error"]
        assert set(error) == {"code", "message", "hint", "details"}, error
        assert error["code"] and error["message"], error
        return error


class Api:
    """`await api("POST", "conversations", {"title": "x"})`."""

    def __init__(self, app: ServerApp, http_server: Any, fetch: Any, connect: Any) -> None:
        self.app = app
        self.http_server = http_server
        self._fetch = fetch
        self._connect = connect
        self._streams: list[Stream] = []

    @property
    def extension(self) -> Any:
        """The running extension."""
        return self.app.web_app.settings["llmhub"]

    @property
    def port(self) -> int:
        """Where the server listens."""
        return self.app.port

    @property
    def token(self) -> str:
        """The server's token."""
        return self.app.identity_provider.token

    @property
    def workspace(self) -> Any:
        """The workspace, after the first request."""
        return self.extension._workspace

    async def __call__(self, method: str, path: str, body: Any = None, *, data: bytes | None = None, **kwargs: Any) -> Answer:
        if body is not None:
            data = json.dumps(body).encode()
        path, _, query = path.partition("?")
        params = dict(part.split("=", 1) for part in query.split("&")) if query else None
        return await self.raw("llmhub", "api", *path.split("/"), method=method, body=data, params=params, **kwargs)

    async def raw(self, *path: str, headers: Mapping[str, str] | None = None, **kwargs: Any) -> Answer:
        """Any address of the server."""
        always = {"allow_nonstandard_methods": True, "raise_error": False, "follow_redirects": False}
        response = await self._fetch(*path, headers=dict(headers or {}), **always, **kwargs)
        return Answer(response.code, response.headers, response.body)

    async def ok(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Any:
        """The JSON of a call that must succeed."""
        answer = await self(method, path, body, **kwargs)
        assert answer.status < 300, (method, path, answer.status, answer.data)
        return answer.json if answer.data else None

    async def conversation(self, **draft: Any) -> str:
        """A new conversation's id."""
        return (await self.ok("POST", "conversations", draft))["id"]

    async def ask(self, conversation_id: str, text: str = "Hello", **more: Any) -> dict[str, Any]:
        """Start a run."""
        body = {"client_request_id": new_id(), "message": {"parts": [{"type": "text", "text": text}]}, **more}
        return await self.ok("POST", f"conversations/{conversation_id}/runs", body)

    async def events(self, run_id: str, after: int = 0, **headers: str) -> list[dict[str, Any]]:
        """All events of a run behind `after`, until it closes."""
        answer = await self("GET", f"runs/{run_id}/events?after={after}", headers=headers)
        assert answer.status == 200, answer.data
        return read_events(answer.data)

    async def stream(self, **kwargs: Any) -> Stream:
        """The socket."""
        stream = Stream(await self._connect("llmhub", "api", "stream", **kwargs))
        self._streams.append(stream)
        stream.version = (await stream.hear())["hello"]["version"]
        return stream

    async def aclose(self) -> None:
        """Close what was opened."""
        for stream in self._streams:
            await stream.aclose()


async def until(true: Callable[[], object]) -> None:
    """Let the loop run until something holds that nobody tells us of."""
    while not true():  # noqa: ASYNC110
        await asyncio.sleep(0)


def read_events(data: bytes) -> list[dict[str, Any]]:
    """Server-Sent Events, checked: id and event say what the data says."""
    events: list[dict[str, Any]] = []
    for block in data.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":") and line)
        if lines:
            event = json.loads(lines["data"])
            assert lines == {"id": str(event["seq"]), "event": event["type"], "data": lines["data"]}
            events.append(event)
    return events


class Stream:
    """The one socket, frames as JSON."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.version = ""
        self._closed = False

    async def say(self, frame: Any) -> None:
        text = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        await self.socket.write_message(text, binary=isinstance(text, bytes))

    async def hear(self) -> dict[str, Any]:
        """The next frame."""
        message = await self.socket.read_message()
        if message is None:
            self._closed = True
            raise AssertionError("the server closed the connection")
        return json.loads(message)

    async def until(self, **wanted: Any) -> list[dict[str, Any]]:
        """All frames up to the first one with these values."""
        frames: list[dict[str, Any]] = []
        while not frames or any(frames[-1].get(name) != value for name, value in wanted.items()):
            frames.append(await self.hear())
        return frames

    async def aclose(self) -> None:
        """Close it properly; once is enough."""
        if not self._closed:
            self._closed = True
            self.socket.close()
            while await self.socket.read_message() is not None:
                pass
