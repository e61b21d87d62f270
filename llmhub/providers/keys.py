"""Where keys live. A key comes from the configuration, else from its kind's usual environment variable, else from the user.

What a user enters is kept in the system's key ring where one can be used, else encrypted in a file that only they can read.
A kind's usual variable (`OPENAI_API_KEY`) is never used for a provider that has an address of its own: it would give the key to
a stranger.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..config import Config
from ..config.values import key_fault
from ..errors import Conflict, Invalid
from ..identity import LOCAL, Principal
from ..private_file import principals_file
from .key_file import KeyFile
from .os_keyring import Absent, OSKeyring


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a provider's key comes from. `name` is the environment variable, or the place in the configuration."""

    where: Literal["config", "environment", "keyring", "file"]
    name: str = ""


class KeyRing:
    """The keys of one principal: `await keys.get("lab")`.

    `variables` are the usual environment variables of each kind of provider, in order. `secret_dir` holds what the key file is
    encrypted with; None: Jupyter's own data directory, so that a copy of llmhub's data alone gives no key away.
    """

    def __init__(
        self,
        config: Config,
        data_dir: Path | None = None,
        principal: Principal = LOCAL,
        *,
        variables: Mapping[str, Sequence[str]] | None = None,
        secret_dir: Path | None = None,
        os_keyring: OSKeyring | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self._config = config
        self._variables = variables or {}
        self._system = os_keyring or OSKeyring(principal.id, env=config.env, log=log)
        self._file = KeyFile(principals_file(data_dir or config.data_dir, "keys", principal), secret_dir)
        self._log = log or logging.getLogger(__name__)
        self._from_system: dict[str, str] = {}
        self._writing = asyncio.Lock()

    def configure(self, config: Config) -> None:
        """Go on with another configuration; what the user entered stays."""
        self._config = config

    async def get(self, provider: str) -> str | None:
        """The provider's key; None: it has none."""
        found = self._given(provider) or await self._entered(provider)
        return found[0] if found else None

    async def source(self, provider: str) -> KeySource | None:
        """Where `get` takes it from."""
        found = self._given(provider) or await self._entered(provider)
        return found[1] if found else None

    async def set(self, provider: str, key: str) -> KeySource:
        """Keep a key that the user entered, and say where it is.

        Raises `Invalid` for what cannot be a key, `Conflict` when the configuration or the environment gives one: that would win.
        """
        key = key.strip()
        if fault := key_fault(key):
            raise Invalid(f"The key for {provider!r} {fault}.", hint="Copy the key again from the provider's page.")
        if given := self._given(provider):
            raise Conflict(
                f"The key for {provider!r} comes from {_place(given[1])}; one entered here would never be used.",
                hint="Change it there, or remove it there first.",
                details={"source": given[1].where},
            )
        async with self._writing:
            try:
                await self._system.set(provider, key)
            except Absent:
                self._from_system.pop(provider, None)
                await asyncio.to_thread(self._file.put, provider, key)
                return KeySource("file")
            self._from_system[provider] = key
            await asyncio.to_thread(self._file.note_in_keyring, provider)
            return KeySource("keyring")

    async def delete(self, provider: str) -> None:
        """Forget the key that the user entered. One from the configuration or the environment stays."""
        async with self._writing:
            await self._forget(provider)

    async def delete_all(self) -> None:
        """Forget every key that the user entered."""
        async with self._writing:
            for provider in await asyncio.to_thread(self._file.providers):
                await self._forget(provider)

    async def _forget(self, provider: str) -> None:
        self._from_system.pop(provider, None)
        if await asyncio.to_thread(self._file.is_in_keyring, provider):
            try:
                await self._system.delete(provider)
            except Absent:
                raise Conflict(
                    f"The key for {provider!r} is in the system's key ring, which does not answer.",
                    hint="Unlock the key ring and try again, or remove the entry there: its service is called llmhub.",
                ) from None
        await asyncio.to_thread(self._file.remove, provider)

    # ---- where a key may come from

    def _given(self, provider: str) -> tuple[str, KeySource] | None:
        """From the configuration or the environment."""
        settings = self._config.settings.providers.get(provider)
        if settings is not None and settings.api_key is not None:
            place = self._config.source(f"providers.{provider}.api_key")
            kind, _, rest = place.partition(" ")
            source = KeySource("environment", rest) if kind == "environment" else KeySource("config", rest or place)
            return settings.api_key.get_secret_value(), source
        if settings is not None and settings.base_url is not None:
            return None
        kind = provider if settings is None else settings.kind
        for variable in self._variables.get(kind, ()):
            key = self._config.env.get(variable, "").strip()
            if not key:
                continue
            if fault := key_fault(key):
                raise Invalid(f"The key in the environment variable {variable} {fault}.", hint=f"Correct {variable} and restart.")
            return key, KeySource("environment", variable)
        return None

    async def _entered(self, provider: str) -> tuple[str, KeySource] | None:
        """From what the user has entered."""
        if await asyncio.to_thread(self._file.is_in_keyring, provider):
            if (key := self._from_system.get(provider)) is None:
                try:
                    key = await self._system.get(provider)
                except Absent:
                    return None
            if key is not None:
                self._from_system[provider] = key
                return key, KeySource("keyring")
        key = await asyncio.to_thread(self._file.get, provider)
        return None if key is None else (key, KeySource("file"))


def _place(source: KeySource) -> str:
    match source.where:
        case "environment":
            return f"the environment variable {source.name}"
        case _:
            return f"the configuration ({source.name})"
