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
from .fields import ADDRESS, Field, value_fault
from .key_file import KeyFile
from .os_keyring import Absent, OSKeyring


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a provider's key comes from. `name` is the environment variable, or the place in the configuration."""

    where: Literal["config", "environment", "keyring", "file"]
    name: str = ""


class KeyRing:
    """The keys of one principal: `await keys.get("lab")`.

    `variables` are the usual environment variables of each kind of provider, in order; `fields` what it needs beyond a key.
    `secret_dir` holds what the key file is encrypted with; None: Jupyter's own data directory, so that a copy of llmhub's data
    alone gives no key away.
    """

    def __init__(
        self,
        config: Config,
        data_dir: Path | None = None,
        principal: Principal = LOCAL,
        *,
        variables: Mapping[str, Sequence[str]] | None = None,
        fields: Mapping[str, Sequence[Field]] | None = None,
        secret_dir: Path | None = None,
        os_keyring: OSKeyring | None = None,
        log: logging.Logger | None = None,
    ) -> None:
        self._config = config
        self._variables = variables or {}
        self._fields = fields or {}
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
            return await self._keep(provider, key)

    async def fields(self, provider: str) -> dict[str, str]:
        """What the provider's kind needs beyond a key, secrets among it, by the names of its fields, as far as anybody gave it."""
        return {name: value for name, (value, _) in (await self._all_fields(provider)).items()}

    async def field_sources(self, provider: str) -> dict[str, KeySource]:
        """Where each of `fields` comes from."""
        return {name: source for name, (_, source) in (await self._all_fields(provider)).items()}

    async def set_fields(self, provider: str, kind: str, values: Mapping[str, str]) -> None:
        """Keep the secrets that the user entered into the fields of `kind`; an empty one is forgotten. Raises `Invalid`."""
        known = {field.name: field for field in self._fields.get(kind, ()) if field.secret}
        for name, value in values.items():
            if (field := known.get(name)) is None:
                raise Invalid(f"{provider!r} has no secret called {name!r}.", hint=f"It has: {', '.join(known) or 'none'}.")
            if value.strip() and (fault := value_fault(field, value.strip())):
                raise Invalid(f"“{field.label}” of {provider!r} {fault}.", hint="Copy it again.", details={"field": name})
        async with self._writing:
            for name, value in values.items():
                await (self._keep(_entry(provider, name), value.strip()) if value.strip() else self._forget(_entry(provider, name)))

    async def delete(self, provider: str) -> None:
        """Forget what the user entered: the key and other secrets. What comes from the configuration or the environment stays."""
        async with self._writing:
            for entry in await asyncio.to_thread(self._file.providers):
                if entry.startswith(_entry(provider, "")):
                    await self._forget(entry)
            await self._forget(provider)

    async def delete_all(self) -> None:
        """Forget every key that the user entered."""
        async with self._writing:
            for provider in await asyncio.to_thread(self._file.providers):
                await self._forget(provider)

    async def _keep(self, entry: str, secret: str) -> KeySource:
        try:
            await self._system.set(entry, secret)
        except Absent:
            self._from_system.pop(entry, None)
            await asyncio.to_thread(self._file.put, entry, secret)
            return KeySource("file")
        self._from_system[entry] = secret
        await asyncio.to_thread(self._file.note_in_keyring, entry)
        return KeySource("keyring")

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
            return settings.api_key.get_secret_value(), self._place_in_config(f"providers.{provider}.api_key")
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

    async def _all_fields(self, provider: str) -> dict[str, tuple[str, KeySource]]:
        settings = self._config.settings.providers.get(provider)
        fields = self._fields.get(provider if settings is None else settings.kind, ())
        if not fields:
            return {}
        plain = [field for field in fields if not field.secret]
        found = {field.name: value for field in plain if (value := self._plain(provider, field))}
        # Secrets belong together: all of them from one place, or a key of yesterday gets the token of today.
        secret = [field for field in fields if field.secret]
        secrets = {field.name: value for field in secret if (value := self._configured(provider, "credentials", field.name))}
        if not secrets and (settings is None or settings.base_url is None):
            secrets = {field.name: value for field in secret if (value := self._from_environment(field))}
        if not secrets:
            for field in secret:
                if value := await self._entered(_entry(provider, field.name)):
                    secrets[field.name] = value
        return found | secrets

    def _plain(self, provider: str, field: Field) -> tuple[str, KeySource] | None:
        if field.name != ADDRESS:
            return self._configured(provider, "options", field.name) or self._from_environment(field)
        settings = self._config.settings.providers.get(provider)
        if settings is None or settings.base_url is None:
            return self._from_environment(field)
        return settings.base_url, self._place_in_config(f"providers.{provider}.{ADDRESS}")

    def _configured(self, provider: str, section: str, name: str) -> tuple[str, KeySource] | None:
        settings = self._config.settings.providers.get(provider)
        if settings is None:
            return None
        if section == "options":
            value = settings.options.get(name, "")
        else:
            secret = settings.credentials.get(name)
            value = "" if secret is None else secret.get_secret_value()
        if not value.strip():
            return None
        return value.strip(), self._place_in_config(f"providers.{provider}.{section}.{name}")

    def _from_environment(self, field: Field) -> tuple[str, KeySource] | None:
        for variable in field.env:
            if value := self._config.env.get(variable, "").strip():
                return value, KeySource("environment", variable)
        return None

    def _place_in_config(self, key: str) -> KeySource:
        place = self._config.source(key)
        kind, _, rest = place.partition(" ")
        return KeySource("environment", rest) if kind == "environment" else KeySource("config", rest or place)

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


def _entry(provider: str, field: str) -> str:
    """A secret's place in the key ring; a provider's name holds no slash."""
    return f"{provider}/{field}"


def _place(source: KeySource) -> str:
    match source.where:
        case "environment":
            return f"the environment variable {source.name}"
        case _:
            return f"the configuration ({source.name})"
