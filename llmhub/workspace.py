"""`Workspace`: builds the parts from a `Config` and hands them to a host. Its parts are public attributes; it re-exposes none.

workspace = Workspace.open()
conversation = await workspace.conversations.create(LOCAL.id)
question = RunRequest("1", parts=(TextPart(text="Hello"),), model="demo/tour")
run = await workspace.runs.start(LOCAL, conversation.id, question)
async for frames in workspace.runs.watch(LOCAL, run.id): ...
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from .agents.notices import Notices
from .agents.runs import RunRegistry
from .config import Config, ProviderConfig, Settings, load_config
from .config.data_dir import open_data_dir
from .config.user import UserSettings
from .conversations.files import FileStore
from .conversations.store import ConversationStore
from .errors import ConfigError, Conflict
from .providers.base import FileData, Provider
from .providers.catalogue import Catalogue
from .providers.fallback import Fallback
from .providers.keys import KeyRing
from .providers.kinds import KINDS, key_variables
from .providers.metered import Metered
from .providers.router import Router

Reload = Callable[[Mapping[str, Any]], Config]
"""The user's own settings → the whole configuration with them."""


class Workspace:
    """Build one with `Workspace.open()`; `Workspace(config)` is for who has a configuration and never changes it."""

    def __init__(self, config: Config, *, reload: Reload | None = None, log: logging.Logger | None = None) -> None:
        log = log or logging.getLogger("llmhub")
        self._log = log
        self._reload = reload
        self.config = config
        self.notices = Notices()
        self.keys = KeyRing(config, variables=key_variables(), log=log)
        self.catalogue = Catalogue()
        self.router = Router(_with_usual_keys(config), self.keys, self.catalogue)
        self.fallback = Fallback(self.router, config.settings.fallback_models)
        self.provider: Provider = Metered(self.fallback, self.router)
        self.conversations = ConversationStore(_database_url(config), backups=config.data_dir / "backups", log=log)
        self.files = FileStore(config.data_dir / "files", self.conversations.database)
        self.runs = RunRegistry(
            self.conversations,
            self.provider,
            self.router,
            self._load_file,
            self.notices,
            folder=config.data_dir / "journal",
            log=log,
        )

    @classmethod
    def open(
        cls,
        *,
        env: Mapping[str, str] | None = None,
        host_settings: Mapping[str, Any] | None = None,
        log: logging.Logger | None = None,
    ) -> Workspace:
        """A workspace from llmhub.yaml, the environment, the host and the user's own settings. Raises `ConfigError`."""
        log = log or logging.getLogger("llmhub")
        env = dict(os.environ if env is None else env)
        load = partial(load_config, env=env, host_settings=host_settings, log=log)
        try:
            own = UserSettings.of(open_data_dir(env)).load()
        except ConfigError as exc:  # the file was moved aside: the server starts without it
            log.warning("%s %s", exc.message, exc.hint)
            own = {}
        return cls(load(user_settings=own), reload=lambda values: load(user_settings=values), log=log)

    async def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Change the user's own settings (JSON merge patch) and work with them from now on. Raises `Invalid`, `AccessDenied`."""
        if self._reload is None:
            raise Conflict("The settings of this workspace cannot be changed.", hint="Open it with Workspace.open().")
        settings = UserSettings.of(self.config.data_dir, locked=self.config.settings.locked, check=self._reload)
        values = await asyncio.to_thread(settings.patch, changes)
        self._use(await asyncio.to_thread(self._reload, values))

    def _use(self, config: Config) -> None:
        self.config = config
        self.keys.configure(config)
        self.router.configure(_with_usual_keys(config))
        self.fallback.chain = config.settings.fallback_models

    async def _load_file(self, owner: str, file_id: str) -> FileData:
        file = await self.files.get(owner, file_id)
        return FileData(data=await self.files.read(owner, file_id), media_type=file.media_type, name=file.name)

    async def aclose(self) -> None:
        """End what runs as interrupted, store it, and let go of connections and files."""
        await self.runs.aclose()
        await self.provider.aclose()
        await self.conversations.aclose()


def _database_url(config: Config) -> str | Path:
    url = config.settings.database_url
    return url.get_secret_value() if url is not None else config.data_dir / "llmhub.db"


def _with_usual_keys(config: Config) -> Settings:
    """The settings, with a provider for each kind whose usual variable (`OPENAI_API_KEY`, ...) is set: it works without a file.

    Variables that other programs use for other things, such as HF_TOKEN, add no provider by themselves.
    """
    found = {
        kind.name: ProviderConfig(kind=kind.name)
        for kind in KINDS.values()
        if any(name.endswith("_API_KEY") and config.env.get(name, "").strip() for name in kind.env)
    }
    return config.settings.model_copy(update={"providers": {**found, **config.settings.providers}})
