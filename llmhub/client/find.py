"""Where the llmhub is that a client talks to: an address with its token, found without asking anybody.

In this order: `LLMHUB_SERVER` (with `LLMHUB_TOKEN`); one's own server on a JupyterHub; the Jupyter server that this kernel or
terminal belongs to; the servers that run on this machine for this user, those that were started last first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from ..errors import Unreachable

HOW_TO_START = "Start one with `jupyter lab`, or set LLMHUB_SERVER (and LLMHUB_TOKEN) to the address of one that runs."

_NAMED = ("LLMHUB_SERVER", "JUPYTERHUB_API_TOKEN")


def is_named(env: Mapping[str, str]) -> bool:
    """Whether the environment means a certain server, so that nothing else may take its place."""
    return any(env.get(name) for name in _NAMED)


@dataclass(frozen=True, slots=True)
class Server:
    """A Jupyter server: its base address, ending in a slash, the token that opens it, and its Unix socket, if it has one."""

    url: str
    token: str = field(default="", repr=False)
    socket: str | None = None


def find_server(env: Mapping[str, str] | None = None) -> Server:
    """The first of the servers that there may be. Raises `Unreachable` if there is none."""
    for server in find_servers(env):
        return server
    raise Unreachable("No llmhub server runs here.", hint=HOW_TO_START)


def find_servers(env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Where to look, the likeliest first. Only what stands in the environment is certain to be meant: then there is one."""
    env = os.environ if env is None else env
    if address := env.get("LLMHUB_SERVER"):
        yield server_at(address, env.get("LLMHUB_TOKEN") or env.get("JUPYTER_TOKEN"))
        return
    if (token := env.get("JUPYTERHUB_API_TOKEN")) and (address := _address_on_hub(env)):
        yield Server(address, token)
        return
    running = sorted(_running(env), key=lambda found: found[0], reverse=True)
    yield from (server for _, server in running)


def server_at(address: str, token: str | None = None) -> Server:
    """A server by the address that a browser has: a token in it counts, and what follows JupyterLab's own address does not."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Unreachable(f"{address[:200]!r} is no address of a server.", hint="Write it as in http://localhost:8888/.")
    path = parts.path
    for inner in ("/lab", "/tree", "/llmhub", "/doc"):
        head, found, _ = path.partition(inner + "/") if inner + "/" in path else path.partition(inner)
        if found and (path == head + inner or path.startswith(f"{head}{inner}/")):
            path = head
            break
    given = token or next(iter(parse_qs(parts.query).get("token", [])), "")
    return Server(urlunsplit((parts.scheme, parts.netloc, path.rstrip("/") + "/", "", "")), given)


def _address_on_hub(env: Mapping[str, str]) -> str | None:
    """Where one's own server listens, with the prefix that the hub's proxy has for it; None where the hub names no port."""
    parts = urlsplit(env.get("JUPYTERHUB_SERVICE_URL", ""))
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not port:
        return None
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}.get(parts.hostname or "", parts.hostname)
    path = parts.path.strip("/") or env.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
    name = f"[{host}]" if host and ":" in host else host
    return f"{parts.scheme}://{name}:{port}/{path}/" if path else f"{parts.scheme}://{name}:{port}/"


def _running(env: Mapping[str, str]) -> Iterator[tuple[tuple[int, float], Server]]:
    """Servers of this user, as Jupyter writes them down, with how likely they are meant."""
    from jupyter_core.paths import jupyter_runtime_dir

    for file in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            info: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            pid, url, at = int(info["pid"]), str(info["url"]), file.stat().st_mtime
        except (OSError, ValueError, KeyError, TypeError):
            continue  # it is being written, or belongs to no server
        if not _is_alive(pid):
            continue
        prefix = env.get("JUPYTERHUB_SERVICE_PREFIX", "").strip("/")
        ours = (
            env.get("JPY_PARENT_PID") == str(pid)
            or env.get("JUPYTER_SERVER_URL", "").rstrip("/") == url.rstrip("/")
            or (prefix != "" and str(info.get("base_url") or "").strip("/") == prefix)
        )
        sock = str(info.get("sock") or "") or None
        address = "http://localhost" + str(info.get("base_url") or "/") if sock else url
        yield (1 if ours else 0, at), Server(address.rstrip("/") + "/", str(info.get("token") or ""), sock)


def _is_alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # os.kill would end it; a dead one does not answer
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
