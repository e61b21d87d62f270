"""The way to every provider: one shared client, answers read as they come, time-outs with their own words.

It knows frames (server-sent events, lines of JSON), not what they mean: a `Reader` of a wire does. Closing the iterator closes the
connection at once. The surprise: reading bytes over aiohttp's transport and splitting them here costs a third of httpx's own way.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlencode

import httpx
import orjson

from ..config import Timeouts
from ..errors import LLMHubError
from . import faults, refusals
from .base import ProviderEvent, closing
from .faults import Place
from .placeholders import filled

Framing = Literal["sse", "lines"]
_BREATH: Final = 64
"""Frames between two rests: an answer that is already there must not hold the event loop to its end."""
_LONGEST_FRAME: Final = 64 * 2**20
_LONGEST_ERROR: Final = 64 * 2**10
_LINGER: Final = 0.02
"""Seconds in which the end of a body follows the end of the answer in it, where it does."""
_LIST_PATIENCE: Final = 20.0
"""Seconds for what no model has to think about."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider answers and how it wants to be spoken to. `headers` hold the key and are never shown."""

    provider: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def place(self, model: str = "", prompt: Callable[[], str] = str) -> Place:
        """This endpoint as the messages of errors name it."""
        address = httpx.URL(self.base_url).netloc.decode() or "its usual address"
        return Place(self.provider, model, address, self.base_url or address, self.secrets, prompt)


class Reader(Protocol):
    """Understands the frames of one answer. What it cannot understand may raise any lookup or type error."""

    done: bool
    """The wire's own end has been read; what follows is of no interest."""

    def feed(self, frame: bytes) -> Iterable[ProviderEvent]:
        """What one frame says."""
        ...

    def end(self) -> Iterable[ProviderEvent]:
        """What is left to say when the body has ended, or the error that it ended too early."""
        ...


class Http:
    """The shared client. Made on first use, in a thread: reading the certificates takes 25 ms. Belongs to one event loop."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._client: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def aclose(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def get(self, endpoint: Endpoint, path: str, *, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at `path`. Raises `ProviderError`."""
        patience = min(endpoint.timeouts.first_byte or _LIST_PATIENCE, _LIST_PATIENCE)
        hasty = replace(endpoint, timeouts=endpoint.timeouts.model_copy(update={"first_byte": patience}))
        return await self._json(hasty, "GET", path, None, params)

    async def post(
        self, endpoint: Endpoint, path: str, body: Mapping[str, Any], *, model: str = "", told: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON that `path` answers to `body`; `told` is for placeholders in headers. Raises `ProviderError`."""
        return await self._json(endpoint, "POST", path, _encoded(body), None, model, told)

    async def post_form(self, endpoint: Endpoint, path: str, form: Mapping[str, str]) -> Any:
        """The JSON with which an OAuth 2 server answers a form, its refusals (400, 401) too. Raises `ProviderError`."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._json(endpoint, "POST", path, urlencode(form).encode(), None, headers=headers, wanted=(400, 401))

    async def answer(
        self, endpoint: Endpoint, path: str, body: Mapping[str, Any], reader: Reader, *, place: Place, framing: Framing = "sse"
    ) -> AsyncIterator[ProviderEvent]:
        """Send `body` to `path` and yield what `reader` makes of the answer. Raises `ProviderError`."""
        with faults.recorded(place), faults.translated(place):
            accept = {"Accept": "text/event-stream" if framing == "sse" else "application/x-ndjson", "Accept-Encoding": "identity"}
            async with (
                self._response(endpoint, "POST", path, _encoded(body), place, accept, body=body) as response,
                closing(_frames(response, endpoint.timeouts, place, framing)) as frames,
            ):
                count = 0
                async for frame in frames:
                    for event in _understood(reader, frame, place):
                        yield event
                    if reader.done:
                        break
                    count += 1
                    if count % _BREATH == 0:
                        await asyncio.sleep(0)
                for event in reader.end():
                    yield event
                await _read_out(frames)

    async def _json(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        content: bytes | None,
        params: Mapping[str, str] | None,
        model: str = "",
        told: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        wanted: Collection[int] = (),
    ) -> Any:
        place = endpoint.place(model)
        place.told = told or {}
        with faults.translated(place):
            async with self._response(endpoint, method, path, content, place, headers or {}, params, wanted=wanted) as response:
                async with _patience(endpoint.timeouts.idle, "idle"):
                    raw = await response.aread()
                faults.refuse_web_page(response, raw, place)
                return orjson.loads(raw)

    @asynccontextmanager
    async def _response(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        content: bytes | None,
        place: Place,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        wanted: Collection[int] = (),
    ) -> AsyncGenerator[httpx.Response]:
        """A response with a good status, or one of the `wanted`, whose body is still to be read. Always closed in the end."""
        client = await self._ready()
        place.asked = asyncio.get_running_loop().time()
        request = client.build_request(
            method,
            endpoint.base_url.rstrip("/") + path,
            content=content,
            params=params,
            headers={"Content-Type": "application/json", **headers, **filled(endpoint.headers, place.told)},
            timeout=httpx.Timeout(None, connect=endpoint.timeouts.connect or None),
        )
        if place.recorder is not None and body is not None:
            sent = (endpoint.provider, method, str(request.url), request.headers, body, content, endpoint.secrets)
            place.attempt = place.recorder.begin(*sent)
        async with _patience(endpoint.timeouts.first_byte, "first_byte"):
            response = await client.send(request, stream=True)
        place.stage = "reading"
        if place.attempt is not None:
            place.attempt.answered(response.status_code, response.headers)
        try:
            if not response.is_success and response.status_code not in wanted:
                beginning = await _beginning(response)
                if place.attempt is not None:
                    place.attempt.took(beginning)
                raise refusals.from_status(response.status_code, response.headers, beginning, place)
            if place.slip is not None:
                place.slip.accepted()
            yield response
        finally:
            await response.aclose()

    async def _ready(self) -> httpx.AsyncClient:
        async with self._making:
            if self._client is None:
                self._client = await asyncio.to_thread(_make_client, self._tls)
            return self._client


def _make_client(tls: ssl.SSLContext | None) -> httpx.AsyncClient:
    from httpx_aiohttp import HttpxAiohttpClient

    return HttpxAiohttpClient(
        verify=tls or httpx.create_ssl_context(),
        # For aiohttp 0 means no limit; None would mean 100. A hundred and one people may be waiting for an answer.
        limits=httpx.Limits(max_connections=0, max_keepalive_connections=20, keepalive_expiry=30),
        mounts={f"all://{host}": None for host in ("localhost", "127.0.0.1", "[::1]")},  # never through a proxy
        headers={"User-Agent": "llmhub"},
    )


@asynccontextmanager
async def _patience(seconds: float, stage: faults.Silence) -> AsyncGenerator[None]:
    """Raise `Silent` after `seconds`; 0 waits for ever."""
    try:
        async with asyncio.timeout(seconds or None):
            yield
    except TimeoutError as exc:
        raise faults.Silent(stage, seconds) from exc


async def _beginning(response: httpx.Response) -> bytes:
    """The first part of an error's body; enough to quote it."""
    pieces: list[bytes] = []
    size = 0
    async with _patience(10, "idle"), closing(response.aiter_bytes()) as body:
        async for piece in body:
            pieces.append(piece)
            size += len(piece)
            if size >= _LONGEST_ERROR:
                break
    return b"".join(pieces)


def _encoded(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # half a surrogate pair: no server could read it, so it becomes a question mark
        return json.dumps(body, default=str, ensure_ascii=False).encode(errors="replace")


def _understood(reader: Reader, frame: bytes, place: Place) -> list[ProviderEvent]:
    try:
        return list(reader.feed(frame))
    except LLMHubError:
        raise
    except orjson.JSONDecodeError as exc:
        raise faults.broken_json(place) from exc
    except (LookupError, TypeError, AttributeError, ValueError) as exc:
        raise faults.odd_json(place) from exc


# ---- frames


async def _frames(response: httpx.Response, timeouts: Timeouts, place: Place, framing: Framing) -> AsyncIterator[bytes]:
    """The frames of a body, as they come: the data of each server-sent event, or each line."""
    kind = response.headers.get("content-type", "")
    if "text/html" in kind:
        faults.refuse_web_page(response, b"", place)
    chunks = _chunks(response, timeouts, place)
    async with closing(chunks):
        if framing == "sse" and "application/json" in kind:
            # A server that does not stream answers in one piece, whatever it was asked.
            yield b"".join([chunk async for chunk in chunks])
            return
        split = Events() if framing == "sse" else Lines()
        async for chunk in chunks:
            for frame in split.feed(chunk):
                yield frame
        for frame in split.end():
            yield frame


async def _read_out(frames: AsyncIterator[bytes]) -> None:
    """Read a body to its end, if that comes at once: then the connection can be used again. What goes wrong there is no loss."""
    with suppress(Exception):
        async with asyncio.timeout(_LINGER):
            async for _ in frames:
                pass


async def _chunks(response: httpx.Response, timeouts: Timeouts, place: Place) -> AsyncIterator[bytes]:
    async with closing(response.aiter_bytes()) as body:
        deadline = place.asked + timeouts.first_byte if timeouts.first_byte else None
        stage: faults.Silence = "first_byte"
        seconds = timeouts.first_byte
        now = asyncio.get_running_loop().time
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(body)
            except StopAsyncIteration:
                return
            except TimeoutError as exc:
                raise faults.Silent(stage, seconds) from exc
            if place.attempt is not None:
                place.attempt.took(chunk)
            yield chunk
            stage, seconds = "idle", timeouts.idle
            deadline = now() + timeouts.idle if timeouts.idle else None


class Lines:
    r"""Splits bytes into lines, whatever pieces they come in. Ends are `\n` or `\r\n`."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterable[bytes]:
        """The lines that `chunk` completes, without their ends; empty ones too."""
        first, *lines = chunk.split(b"\n")
        self._rest.append(first)
        self._size += len(first)
        if self._size > _LONGEST_FRAME:
            raise ValueError("a line is too long")
        if not lines:
            return ()
        lines.insert(0, b"".join(self._rest))
        last = lines.pop()
        self._rest, self._size = [last], len(last)
        return [line[:-1] if line.endswith(b"\r") else line for line in lines]

    def end(self) -> Iterable[bytes]:
        """What is left: a last line without an end, which a server may leave out."""
        rest = b"".join(self._rest).strip()
        return [rest] if rest else ()


class Events:
    """Splits bytes into the data of server-sent events. Names and ids are left out: every wire says its type in the data."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterable[bytes]:
        """The data of the events that `chunk` completes."""
        for line in self._lines.feed(chunk):
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data = []

    def end(self) -> Iterable[bytes]:
        """The last event, where the blank line after it is missing. A torn line is no event."""
        if self._data:
            yield b"\n".join(self._data)
