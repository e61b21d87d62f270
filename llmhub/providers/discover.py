"""Model servers on this machine, looked for when asked and never otherwise. It speaks to loopback addresses only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

import httpx

from ..config import LocalServer
from ..config.values import is_loopback
from ..errors import Invalid

_SECONDS = 1.5
_MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A model server that answered. `needs_key`: it is there, but shows its models only to whoever has a key."""

    name: str
    kind: str
    base_url: str
    label: str
    models: tuple[str, ...] = ()
    needs_key: bool = False


async def discover(local_servers: Sequence[LocalServer], client: httpx.AsyncClient | None = None) -> list[FoundServer]:
    """Ask every address at the same time, for at most 1.5 s, and give those where a model server answers, in their order.

    Raises `Invalid` for an address that is not this machine's own.
    """
    for server in local_servers:
        if not is_loopback(server.base_url):
            raise Invalid(
                f"{server.label} at {server.base_url} is not on this machine; only loopback addresses are looked at.",
                hint="Add it as a provider instead.",
            )
    if client is not None:
        return await _ask_all(local_servers, client)
    # Without the environment's proxies: they have no business with this machine's own servers.
    async with httpx.AsyncClient(trust_env=False) as own:
        return await _ask_all(local_servers, own)


async def _ask_all(servers: Sequence[LocalServer], client: httpx.AsyncClient) -> list[FoundServer]:
    answers = await asyncio.gather(*(_ask(server, client) for server in servers))
    return [answer for answer in answers if answer is not None]


async def _ask(server: LocalServer, client: httpx.AsyncClient) -> FoundServer | None:
    try:
        async with asyncio.timeout(_SECONDS):
            for base_url in _addresses(server.base_url):
                try:
                    return await _read_models(server, base_url, client)
                except httpx.ConnectError:
                    continue
    except (TimeoutError, httpx.HTTPError, ValueError):
        pass
    return None


def _addresses(base_url: str) -> list[str]:
    """`localhost` as the two addresses it stands for: what a name server says of it is not asked."""
    parts = urlsplit(base_url)
    if parts.hostname != "localhost":
        return [base_url]
    port = "" if parts.port is None else f":{parts.port}"
    return [urlunsplit(parts._replace(netloc=f"{host}{port}")) for host in ("127.0.0.1", "[::1]")]


async def _read_models(server: LocalServer, base_url: str, client: httpx.AsyncClient) -> FoundServer | None:
    ollama = server.kind == "ollama"
    url = base_url.rstrip("/") + ("/api/tags" if ollama else "/models")
    async with client.stream("GET", url, follow_redirects=False, timeout=_SECONDS) as response:
        if response.status_code not in (200, 401):
            return None
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MAX_BYTES:
                return None
    answer: Any = json.loads(bytes(body))
    if not isinstance(answer, dict):
        return None
    answer = cast(dict[str, Any], answer)
    if response.status_code == 401:
        return FoundServer(server.name, server.kind, base_url, server.label, needs_key=True) if "error" in answer else None
    listed, field = (answer.get("models"), "name") if ollama else (answer.get("data"), "id")
    if not isinstance(listed, list):
        return None
    entries = [cast(dict[str, Any], entry) for entry in cast(list[Any], listed) if isinstance(entry, dict)]
    names = tuple(entry[field] for entry in entries if isinstance(entry.get(field), str))
    return FoundServer(server.name, server.kind, base_url, server.label, names)
