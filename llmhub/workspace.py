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
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from .agents.exporting import Exporting
from .agents.importing import Importing
from .agents.notices import Notices
from .agents.runs import RunRegistry
from .config import Config, ProviderConfig, Settings, load_config
from .config.data_dir import open_data_dir
from .config.layers import Layer
from .config.user import UserSettings
from .config.watch import Watch
from .conversations.bulk import Bulk
from .conversations.files import FileStore
from .conversations.folders import FolderStore
from .conversations.presets import PresetStore
from .conversations.store import ConversationStore
from .conversations.tagging import TagStore
from .conversations.transfer.writer import named_files
from .errors import ConfigError, Conflict, NotFound
from .identity import LOCAL, Principal
from .policy import Policy
from .providers.base import FileData, Provider
from .providers.catalogue import Catalogue
from .providers.fallback import Fallback
from .providers.keys import KeyRing
from .providers.kinds import KINDS, fields_of_kinds, key_variables
from .providers.metered import Metered
from .providers.router import Router
from .providers.shelf import Shelf

_SETTLING: Final = 0.02
"""Seconds in which a file that changed must not change again: some editors empty it first, and fill it then."""


class Source(Protocol):
    """Where the configuration of a workspace comes from, again and again."""

    def load(self, user_settings: Mapping[str, Any], *, file: Layer | None = None) -> Config:
        """The whole configuration with these settings of the user's own. Raises `ConfigError`."""
        ...

    def own(self) -> dict[str, Any]:
        """The user's own settings."""
        ...

    watch: Watch


class Workspace:
    """Build one with `Workspace.open()`; `Workspace(config)` is for who has a configuration and never changes it."""

    def __init__(self, config: Config, *, source: Source | None = None, log: logging.Logger | None = None) -> None:
        log = log or logging.getLogger("llmhub")
        self._log = log
        self._source = source
        self._configuring = asyncio.Lock()
        self.config = config
        self.trouble: ConfigError | None = None
        """Why llmhub.yaml, as it stands now, is not used; `config` is then what held before."""
        self._database_url = _database_url(config)
        self.notices = Notices()
        self.policy = Policy(config)
        self.keys = KeyRing(config, variables=key_variables(), fields=fields_of_kinds(), log=log)
        self.catalogue = Catalogue()
        self.router = Router(
            _with_usual_keys(config),
            self.keys,
            self.catalogue,
            shelf=Shelf(config.data_dir / "cache" / "models.json", log),
            models_changed=lambda: self.notices.publish_to_all({"what": "models.changed"}),
        )
        self.fallback = Fallback(
            self.router, config.settings.fallback_models, config.settings.fallbacks, resolve=self.router.resolve
        )
        self.provider: Provider = Metered(self.fallback, self.router)
        self.conversations = ConversationStore(self._database_url, backups=config.data_dir / "backups", log=log)
        self.bulk = Bulk(self.conversations)
        self.folders = FolderStore(self.conversations.database)
        self.tags = TagStore(self.conversations.database)
        self.presets = PresetStore(self.conversations.database)
        self.files = FileStore(
            config.data_dir / "files", self.conversations.database, config.settings.storage, self.conversations.held
        )
        self.runs = RunRegistry(
            self.conversations,
            self.provider,
            self.router,
            self._load_file,
            self.notices,
            policy=self.policy,
            folder=config.data_dir / "journal",
            log=log,
            compaction=lambda: self.config.settings.compaction,
            settings=lambda: self.config.settings,
        )

        self.imports = Importing(
            self.conversations,
            self.files,
            self.runs.jobs,
            self.notices,
            folder=config.data_dir / "imports",
            file_limit=self._file_limit,
        )
        self.exports = Exporting(self.conversations, self.files, self.runs.jobs, self.runs.overlay)

    @classmethod
    def open(
        cls,
        *,
        env: Mapping[str, str] | None = None,
        host_settings: Mapping[str, Any] | None = None,
        log: logging.Logger | None = None,
    ) -> Workspace:
        """A workspace from llmhub.yaml, the environment, the host and the user's own settings. Raises `ConfigError`."""
        source = _Machine(env, host_settings, log or logging.getLogger("llmhub"))
        return cls(source.load(source.own()), source=source, log=log)

    async def change_settings(self, changes: Mapping[str, Any], *, principal: Principal = LOCAL) -> None:
        """Change the user's own settings (JSON merge patch) and work with them from now on. Raises `Invalid`, `AccessDenied`.

        What is locked for the principal's role stays.
        """
        if self._source is None:
            raise Conflict("The settings of this workspace cannot be changed.", hint="Open it with Workspace.open().")
        async with self._configuring:
            load = partial(self._source.load, file=self.config.file if self.trouble else None)
            settings = UserSettings.of(self.config.data_dir, locked=self.policy.of(principal).config.settings.locked, check=load)
            values = await asyncio.to_thread(settings.patch, changes)
            self._use(await asyncio.to_thread(load, values))

    async def refresh(self) -> None:
        """Take up a changed llmhub.yaml, and tell all pages. Answers under way go on with the old one; a broken one is not used."""
        source = self._source
        if source is None or not (source.watch.has_changed() or self._configuring.locked()):
            return
        async with self._configuring:
            if not source.watch.take():
                return  # whoever was before us has done it
            await asyncio.sleep(_SETTLING)
            if source.watch.take():
                await asyncio.sleep(_SETTLING)
                source.watch.take()
            try:
                self._use(await asyncio.to_thread(lambda: source.load(source.own())))
                self.trouble = None
                self._log.info("llmhub has read its settings again.")
            except ConfigError as exc:
                self.trouble = exc
                self._log.warning("llmhub goes on with the settings that held before. %s %s", exc.message, exc.hint)
        self.notices.publish_to_all({"what": "settings.changed"})

    @property
    def needs_restart(self) -> bool:
        """Whether something was set that is read only when a server starts."""
        return _database_url(self.config) != self._database_url

    def _file_limit(self, principal: Principal) -> int:
        rules = self.policy.of(principal)
        rules.check_feature("attachments")
        return rules.config.settings.limits.file_bytes

    async def delete_conversation(self, owner: str, conversation_id: str) -> None:
        """Delete a conversation; with a temporary one its files go, but for those that another one has, too."""
        gone: set[str] = set()
        if self.conversations.is_temporary(conversation_id):
            gone = await self._files_of(owner, conversation_id)
        await self.conversations.delete(owner, conversation_id)
        if gone:
            for other in self.conversations.temporary:
                with suppress(NotFound):  # somebody else's, or deleted meanwhile
                    gone -= await self._files_of(owner, other)
            self.files.let_go(owner, gone)

    async def _files_of(self, owner: str, conversation_id: str) -> set[str]:
        whole = await self.conversations.whole(owner, conversation_id)
        return {id for message in whole.messages for id in named_files(message.parts)}

    def _use(self, config: Config) -> None:
        self.config = config
        self.policy.configure(config)
        self.runs.ledger.ceilings.forget()
        self.keys.configure(config)
        self.files.configure(config.settings.storage)
        self.router.configure(_with_usual_keys(config))
        self.fallback.configure(config.settings.fallback_models, config.settings.fallbacks)

    async def _load_file(self, owner: str, file_id: str) -> FileData:
        file = await self.files.get(owner, file_id)
        return FileData(data=await self.files.read(owner, file_id), media_type=file.media_type, name=file.name)

    async def aclose(self) -> None:
        """End what runs as interrupted, store it, and let go of connections and files."""
        await self.runs.aclose()
        await self.provider.aclose()
        await self.conversations.aclose()


class _Machine:
    """`Source`: llmhub.yaml, the environment and the user's file on this machine, and what the host says."""

    def __init__(self, env: Mapping[str, str] | None, host_settings: Mapping[str, Any] | None, log: logging.Logger) -> None:
        self._env = dict(os.environ if env is None else env)
        self._host_settings = host_settings
        self._log = log
        self.watch = Watch(self._env)

    def load(self, user_settings: Mapping[str, Any], *, file: Layer | None = None) -> Config:
        """Raises `ConfigError`."""
        return load_config(env=self._env, host_settings=self._host_settings, user_settings=user_settings, file=file, log=self._log)

    def own(self) -> dict[str, Any]:
        """Empty when the file was no good: it was moved aside, and the server starts without it."""
        try:
            return UserSettings.of(open_data_dir(self._env)).load()
        except ConfigError as exc:
            self._log.warning("%s %s", exc.message, exc.hint)
            return {}


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
