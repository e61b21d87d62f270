"""The configuration as a client may see it: what holds, and where it came from. What could be a secret has no value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, SecretStr

from ... import __version__
from ...config import Config, Settings
from ...config.layers import Key, dotted, fields_of
from ...config.load import USER_SETTINGS, locked_by
from ...params import Params
from ..bodies.settings import ConfigNotice, ConfigView, LockView, OwnSetting, SettingView

if TYPE_CHECKING:
    from ...policy import Rules
    from ...workspace import Workspace

_NOT_THEIRS: Final = frozenset({"roles", "default_role"})
"""Sections that name people."""
_FREE_TEXT: Final = frozenset(
    {("providers", "headers"), ("providers", "params"), ("models", "params"), ("models", "headers"), ("storage", "options")}
)
"""Sections whose values an administrator writes freely: a key may stand there."""


def config_view(workspace: Workspace, rules: Rules) -> ConfigView:
    """Features, limits, every setting with its source, as they hold for a role, and what is to be said of them."""
    config = rules.config
    settings = config.settings
    default = settings.default_model
    return ConfigView(
        features=settings.features.model_dump(),
        limits={name: value for name, value in settings.limits.model_dump().items() if isinstance(value, int)},
        settings={
            key: SettingView(value=value, source=config.source(key))
            for key, value in settings_of(settings)
            if key.partition(".")[0] not in _NOT_THEIRS
        },
        default_model=default if default is not None and rules.may_use(default) else None,
        version=__version__,
        data_dir=str(config.data_dir),
        role=rules.role,
        own=tuple(_own(config)),
        locked=settings.locked,
        notices=tuple(_notices(workspace)),
    )


def _own(config: Config) -> Iterator[OwnSetting]:
    """Every setting that users may have of their own, but for providers: those have a form."""
    inherited = config.inherited()
    now, before = (dict(settings_of(each.settings)) for each in (config, inherited))
    kinds = {bool: "switch", int: "number", float: "number"}
    for key, kind, description in _own_fields(Settings, ()):
        name = dotted(key)
        lock = config.lock_of(name)
        yield OwnSetting(
            key=name,
            kind="model" if name.endswith("_model") else cast(Any, kinds.get(kind, "text")),
            description=description,
            value=now[name],
            source=config.source(name),
            own=config.source(name) == "user",
            inherited=SettingView(value=before[name], source=inherited.source(name)),
            lock=None if lock is None else LockView(name=lock[0], source=lock[1]),
        )


def _own_fields(section: type[BaseModel], above: Key) -> Iterator[tuple[Key, Any, str]]:
    kinds = fields_of(section)
    for name, field in section.model_fields.items():
        key = (*above, name)
        kind = kinds[name]
        if key[0] == "providers" or locked_by(dotted(key), USER_SETTINGS) is None:
            continue
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _own_fields(kind, key)
        else:
            yield key, kind, field.description or ""


def _notices(workspace: Workspace) -> Iterator[ConfigNotice]:
    if (trouble := workspace.trouble) is not None:
        message = f"llmhub.yaml was changed and cannot be used; what held before goes on. {trouble.message}"
        yield ConfigNotice(code="file_broken", message=message, hint=trouble.hint, details=trouble.details)
    if workspace.needs_restart:
        yield ConfigNotice(code="restart_needed", message="`database_url` was changed.", hint="Restart the server to use it.")
    for warning in workspace.config.warnings:
        yield ConfigNotice(code="warning", message=warning)


def settings_of(settings: Settings, *, mask: str | None = None) -> Iterator[tuple[str, Any]]:
    """Every setting, dotted, with its value; `mask` stands for what could be a secret."""
    return ((dotted(key), value) for key, value in _leaves((), settings, mask))


def _leaves(key: Key, value: Any, mask: str | None) -> Iterator[tuple[Key, Any]]:
    items: Mapping[str, Any] | None = None
    if isinstance(value, BaseModel):
        items = {name: getattr(value, name) for name in type(value).model_fields}
    elif isinstance(value, dict) and value:
        items = cast("dict[str, Any]", value)
    if items is None:
        yield key, _shown(key, value, mask)
        return
    for name, inner in items.items():
        yield from _leaves((*key, name), inner, mask)


def _shown(key: Key, value: Any, mask: str | None) -> Any:
    if isinstance(value, SecretStr):
        return mask
    if len(key) > 3 and (key[0], key[2]) in _FREE_TEXT:
        return value if key[2] == "params" and key[3] in Params.model_fields and len(key) == 4 else mask
    if isinstance(value, str) and "://" in value:
        return _without_login(value)
    if isinstance(value, tuple):
        return [_item(key, item, mask) for item in cast("tuple[Any, ...]", value)]
    return value


def _item(key: Key, item: Any, mask: str | None) -> Any:
    if not isinstance(item, BaseModel):
        return item
    return {name: _shown((*key, name), getattr(item, name), mask) for name in type(item).model_fields}


def _without_login(url: str) -> str:
    """A URL may carry a user's name and password, or a key in its query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
