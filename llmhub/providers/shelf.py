"""The lists of models as they were last heard, on disk: a new server shows them at once, and asks again behind it.

No key is in it, nor a digest of one. What cannot be read or written is as good as nothing: the lists come from the providers again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from ..config import ProviderConfig
from ..private_file import only_one, write_private
from .base import ModelInfo

_VERSION: Final = 1
_MOST: Final = 100
"""Providers that are remembered; of more the oldest goes."""


class _Content(BaseModel):
    version: int = _VERSION
    lists: dict[str, tuple[ModelInfo, ...]] = {}


class Shelf:
    """`path` None: nothing is kept."""

    def __init__(self, path: Path | None = None, log: logging.Logger | None = None) -> None:
        self._path = path
        self._log = log or logging.getLogger(__name__)
        self._lists: dict[str, tuple[ModelInfo, ...]] = {}
        self._reading: asyncio.Future[None] | None = None
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """Read what is there, once."""
        if self._path is None:
            return
        if self._reading is None or self._reading.cancelled():
            self._reading = asyncio.ensure_future(asyncio.to_thread(self._read))
        await asyncio.shield(self._reading)

    def get(self, name: str, config: ProviderConfig) -> Sequence[ModelInfo]:
        """The list that a provider gave when it was configured as it is now; empty if it never did."""
        return self._lists.get(_place(name, config), ())

    async def put(self, name: str, config: ProviderConfig, models: Sequence[ModelInfo]) -> None:
        """Keep a provider's list, if it is another one than before."""
        place = _place(name, config)
        if self._path is None or self._lists.get(place) == (kept := tuple(models)):
            return
        self._lists.pop(place, None)
        self._lists[place] = kept
        async with self._writing:
            await asyncio.to_thread(self._write, self._path, {place: kept})

    def _read(self) -> None:
        if self._path is None:
            return
        with suppress(OSError, ValidationError):
            content = _Content.model_validate_json(self._path.read_bytes())
            if content.version == _VERSION:
                self._lists = content.lists | self._lists

    def _write(self, path: Path, changed: dict[str, tuple[ModelInfo, ...]]) -> None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with only_one(path):
                there: dict[str, tuple[ModelInfo, ...]] = {}
                with suppress(OSError, ValidationError):
                    there = _Content.model_validate_json(path.read_bytes()).lists
                lists = {place: models for place, models in there.items() if place not in changed} | changed
                kept = dict(list(lists.items())[-_MOST:])
                write_private(path, _Content(lists=kept).model_dump_json(exclude_defaults=True).encode())
        except OSError as exc:
            self._log.warning("The list of models could not be kept in %s: %s", path, exc.strerror or type(exc).__name__)


def _place(name: str, config: ProviderConfig) -> str:
    """A provider as configured, without what is secret or has nothing to do with its list."""
    said = config.model_dump_json(include={"kind", "base_url", "options"})
    return sha256(f"{name}\n{said}".encode()).hexdigest()[:32]
