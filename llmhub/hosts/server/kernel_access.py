"""Keys with which notebook kernels use the models, given when the user has agreed (`kernel_access`).

A key opens `llmhub/v1` and nothing else: Jupyter does not know it, only the doors ask here. It is kept as a hash, in memory, and
ends with its kernel, with the server, or when the user takes the consent back.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from jupyter_core.paths import jupyter_config_path, jupyter_data_dir
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.serverapp import ServerApp

from ...identity import Principal

PREFIX: Final = "llmhub-"
"""What our keys begin with: all others are left to Jupyter at once."""
_SETTING: Final = "kernel_access"


@dataclass(frozen=True, slots=True)
class Person:
    """Whose kernels these are, as Jupyter and as we know them."""

    user: User
    principal: Principal


@dataclass(slots=True)
class _Grant:
    person: Person
    kernel_id: str | None = None
    """None while the kernel starts."""


class KernelAccess:
    """Gives keys to the kernels of one server. `allowed` says for whom, or None where nobody has agreed."""

    def __init__(self, server: ServerApp, allowed: Callable[[], Awaitable[Person | None]], log: logging.Logger) -> None:
        self._server = server
        self._manager: Any = server.kernel_manager
        self._allowed = allowed
        self._log = log
        self._grants: dict[str, _Grant] = {}

    def begin(self) -> None:
        """Look at every kernel that starts from now on. Kernels that a gateway runs elsewhere are none of ours."""
        if self._server.gateway_config.gateway_enabled:
            return
        start: Callable[..., Awaitable[str]] = self._manager.start_kernel

        async def start_kernel(**kwargs: Any) -> str:
            return await self._start(start, kwargs)

        self._manager.start_kernel = start_kernel

    def holder(self, key: str) -> Person | None:
        """Who uses a key; None for one that is not ours, or whose kernel is gone."""
        if not key.startswith(PREFIX):
            return None
        grant = self._grants.get(_hash(key))
        if grant is None or not (grant.kernel_id is None or grant.kernel_id in self._manager):
            return None
        return grant.person

    def revoke_all(self) -> None:
        """No key opens anything any more. A kernel gets another when it is started anew."""
        self._grants.clear()

    async def _start(self, start: Callable[..., Awaitable[str]], kwargs: dict[str, Any]) -> str:
        if kwargs.get("kernel_id") in self._manager:
            return await start(**kwargs)
        person = None
        try:
            person = await self._allowed()
        except Exception as exc:  # a notebook must start whatever is wrong here
            self._log.warning("llmhub gives a kernel no key: %s", exc)
        env = dict(kwargs.get("env") or os.environ)
        key = PREFIX + secrets.token_urlsafe(32)
        given = {} if person is None else variables(self._server, key, env)
        if person is None or not given:
            return await start(**kwargs)
        self._grants = {name: grant for name, grant in self._grants.items() if grant.kernel_id in (None, *self._manager)}
        grant = self._grants[_hash(key)] = _Grant(person)
        try:
            grant.kernel_id = await start(**{**kwargs, "env": {**env, **given}})
        except BaseException:
            self._grants.pop(_hash(key), None)
            raise
        return grant.kernel_id


def variables(server: ServerApp, key: str, env: Mapping[str, str]) -> dict[str, str]:
    """What a kernel is told, per API all of it or, where its own environment has some, nothing."""
    address = _address(server)
    if address is None:
        return {}
    openai = {"OPENAI_BASE_URL": f"{address}llmhub/v1", "OPENAI_API_KEY": key}
    anthropic = {"ANTHROPIC_BASE_URL": f"{address}llmhub", "ANTHROPIC_API_KEY": key}
    return {name: value for each in (openai, anthropic) if not any(env.get(name) for name in each) for name, value in each.items()}


def _address(server: ServerApp) -> str | None:
    """Where a program on this machine finds the server; None behind a Unix socket."""
    if server.sock:
        return None
    url = urlsplit(
        server.local_url if server.ip in ("", "0.0.0.0", "::", "localhost", "127.0.0.1", "::1") else server.connection_url
    )
    return urlunsplit((url.scheme, url.netloc, server.base_url, "", ""))


def is_mentioned(host_settings: Mapping[str, Any], env: Mapping[str, str]) -> bool:
    """Whether somebody may have agreed. A look at the files' texts: where nobody has, a kernel's start loads nothing. Blocks."""
    if _SETTING in host_settings or any(_SETTING in name.lower() for name in env if name.startswith("LLMHUB_")):
        return True
    data = Path(env.get("LLMHUB_DATA_DIR") or Path(jupyter_data_dir()) / "llmhub")
    named = env.get("LLMHUB_CONFIG")
    files = [Path(named).expanduser()] if named else [Path(folder) / "llmhub.yaml" for folder in jupyter_config_path()]
    return any(_SETTING in _text(file) for file in (*files, *data.glob("settings*"), *data.glob("settings*/*")))


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class KernelIdentity(IdentityProvider):
    """Whoever holds a kernel's key, in place of the server's own provider for one request."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self._person = person

    def get_user(self, handler: Any) -> User:
        """The key is in a header, which no other site's page can send: it counts as a token."""
        handler._token_authenticated = True
        return self._person.user

    def is_token_authenticated(self, handler: Any) -> bool:
        """See `get_user`."""
        return True
