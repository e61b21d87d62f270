"""`Wire`: requests to one llmhub server and what comes back, failures as our error classes. It knows no route.

Where a server has to be found, each that may be it is asked once whether llmhub is there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any, Final, Protocol

import httpx

from ..errors import AccessDenied, Invalid, LLMHubError, NotFound, Unreachable, from_words
from .find import HOW_TO_START, Server, find_servers

_KNOCK: Final = httpx.Timeout(5.0)
_HEARTBEAT: Final = 20.0
"""Seconds after which a silent socket is asked whether it lives."""


class Way(Protocol):
    """How a client's requests reach an llmhub: by HTTP (`Wire`), or a workspace in the same process."""

    async def json(self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; None where there is none."""
        ...

    async def send(self, method: str, path: str, *, silence: float | None = None, **what: Any) -> httpx.Response:
        """An answer, whole. Raises what it says, if it says that something is wrong."""
        ...

    def stream(self, method: str, path: str, **what: Any) -> AbstractAsyncContextManager[httpx.Response]:
        """An answer that is read piece by piece."""
        ...

    async def address(self) -> str:
        """The server's base address; "" where there is none."""
        ...

    async def socket(self, path: str) -> Any:
        """A WebSocket of aiohttp's; None where there is none: no server, an older one, a proxy that lets none through."""
        ...

    async def aclose(self) -> None:
        """Hang up."""
        ...


class Wire:
    """`server` None: look for one with the first request. `timeout` in seconds, of connecting and of silence.

    `many`: there will be many requests at once, which aiohttp carries for a quarter of httpx's time, and takes longer to load.
    """

    def __init__(self, server: Server | None, timeout: float, env: Mapping[str, str] | None = None, *, many: bool = False) -> None:
        self._many = many
        self._server = server
        self._timeout = timeout
        self._env = env
        self._http: httpx.AsyncClient | None = None
        self._sockets: Any = None
        self._opening = asyncio.Lock()

    async def json(self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; None where there is none."""
        answer = await self.send(method, path, json=json, params=params)
        return answer.json() if answer.content else None

    async def send(self, method: str, path: str, *, silence: float | None = None, **what: Any) -> httpx.Response:
        """An answer, whole. Raises what it says, if it says that something is wrong.

        `silence`: seconds for which it may think before it says anything, where that is more than usual.
        """
        http = await self._open()
        if silence is not None:
            what["timeout"] = httpx.Timeout(self._timeout, read=silence)
        with _in_words(str(http.base_url)):
            answer = await http.request(method, path, **_clean(what))
            await _raise_for(answer)
            return answer

    @asynccontextmanager
    async def stream(self, method: str, path: str, **what: Any) -> AsyncGenerator[httpx.Response]:
        """An answer that is read piece by piece."""
        http = await self._open()
        with _in_words(str(http.base_url)):
            async with http.stream(method, path, **_clean(what)) as answer:
                await _raise_for(answer)
                yield answer

    async def address(self) -> str:
        """The server's base address, once it is found."""
        return str((await self._open()).base_url).removesuffix("llmhub/api/")

    async def socket(self, path: str) -> Any:
        """A WebSocket of aiohttp's; None where there is none: an older server, a proxy that lets none through."""
        import aiohttp
        import yarl

        http = await self._open()
        assert self._server is not None
        url = yarl.URL(
            str(http.base_url.join(path)), encoded=True
        )  # else "%40" in a hub's user name becomes "@", which is no address
        if self._sockets is None:
            server = self._server
            connector = aiohttp.UnixConnector(server.socket) if server.socket else None
            headers = {"Authorization": f"token {server.token}"} if server.token else {}
            self._sockets = aiohttp.ClientSession(connector=connector, headers=headers, trust_env=not _is_local(server.url))
        try:
            return await self._sockets.ws_connect(url, max_msg_size=0, heartbeat=_HEARTBEAT)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    async def aclose(self) -> None:
        """Hang up."""
        if self._sockets is not None:
            await self._sockets.close()
            self._sockets = None
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _open(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._http is None:
                self._http = self._connect(self._server) if self._server is not None else await self._find()
            return self._http

    async def _find(self) -> httpx.AsyncClient:
        tried: list[str] = []
        for server in find_servers(self._env):
            http = self._connect(server)
            try:
                answer = await http.get("config", timeout=_KNOCK)
                if answer.is_success or answer.status_code == 503:  # 503: it is there, and will say what is wrong with it
                    self._server = server
                    return http
                tried.append(f"{server.url} (no llmhub that lets us in: {answer.status_code})")
            except httpx.TransportError:
                tried.append(f"{server.url} (no answer)")
            await http.aclose()
        where = f" Looked at: {', '.join(tried)}." if tried else ""
        raise Unreachable(f"No llmhub server runs here.{where}", hint=HOW_TO_START)

    def _connect(self, server: Server) -> httpx.AsyncClient:
        headers = {"Authorization": f"token {server.token}"} if server.token else {}
        transport = httpx.AsyncHTTPTransport(uds=server.socket) if server.socket else None
        if transport is None and self._many:
            from httpx_aiohttp import AiohttpTransport

            transport = AiohttpTransport(limits=httpx.Limits(max_connections=0, max_keepalive_connections=200))  # 0: no limit
        # A token for this machine is not shown to a proxy that is meant for the internet.
        local = _is_local(server.url)
        return httpx.AsyncClient(
            base_url=server.url + "llmhub/api/",
            headers=headers,
            timeout=self._timeout,
            transport=transport,
            trust_env=not local,
        )


def _is_local(url: str) -> bool:
    return httpx.URL(url).host in ("localhost", "127.0.0.1", "::1")


def _clean(what: dict[str, Any]) -> dict[str, Any]:
    """Without parameters that are None; switches as the API writes them."""
    if params := what.get("params"):
        written = {True: "true", False: "false"}
        what["params"] = {
            name: written[value] if isinstance(value, bool) else value for name, value in params.items() if value is not None
        }
    return {name: value for name, value in what.items() if value is not None}


async def _raise_for(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    text = await answer.aread()
    try:
        said: dict[str, Any] = json.loads(text)["error"]
        error = _older(answer) if _is_unknown(answer.status_code, said) else from_words(said)
    except (ValueError, KeyError, TypeError):
        error = _foreign(answer)
    raise error


def _is_unknown(status: int, said: Mapping[str, Any]) -> bool:
    """Whether llmhub itself says that it has no such address, or no such method at it."""
    return said.get("code") == "method_not_allowed" or (status == 404 and "openapi.json" in str(said.get("hint", "")))


def _older(answer: httpx.Response) -> LLMHubError:
    """A server that lacks what this client knows."""
    url = answer.request.url
    where = url.copy_with(query=None, path=url.path.partition("llmhub/api")[0])
    return NotFound(
        f"The llmhub at {where} is older than this one, and cannot do this.",
        hint="Upgrade llmhub there, and restart that server.",
        details={"reason": "older_server"},
    )


def _foreign(answer: httpx.Response) -> LLMHubError:
    """What a Jupyter server, a hub or a proxy says that has no llmhub for us."""
    where = str(answer.request.url.copy_with(query=None))
    match answer.status_code:
        case 404:
            return NotFound(f"There is no llmhub at {where}.", hint="Is llmhub installed and enabled in that Jupyter server?")
        case 401 | 403 | 302 | 303 | 307:
            return AccessDenied(f"{where} does not let us in.", hint="Give the server's token, or set LLMHUB_TOKEN.")
        case status:
            return Unreachable(f"{where} answers {status}, and not as llmhub does.", hint="Is there a proxy in between?")


@contextmanager
def _in_words(address: str) -> Generator[None]:
    """Failures of the network as `Unreachable`."""
    try:
        yield
    except httpx.TransportError as exc:
        # httpx-aiohttp calls every connection that does not come about a `ConnectTimeout`.
        if isinstance(exc, httpx.TimeoutException) and not isinstance(exc, httpx.ConnectTimeout):
            raise Unreachable(f"{address} does not answer.", hint="Is the server busy, or the time-out too short?") from exc
        raise Unreachable(f"{address} cannot be reached.", hint=HOW_TO_START) from exc
    except UnicodeEncodeError:
        raise Invalid("What is sent contains half a surrogate pair, which is not text.", hint="Take it out.") from None


def read_events(buffer: bytearray) -> Iterator[tuple[str, bytes]]:
    """Take the whole Server-Sent Events out of `buffer`: type and data. Lines end with LF alone, as our server writes them."""
    while (end := buffer.find(b"\n\n")) >= 0:
        block = bytes(buffer[:end])
        del buffer[: end + 2]
        kind, data = "", b""
        for line in block.split(b"\n"):
            name, _, value = line.partition(b": ")
            if name == b"event":
                kind = value.decode()
            elif name == b"data":
                data = value
        if data:
            yield kind, data
