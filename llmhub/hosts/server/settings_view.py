"""The configuration as a client may see it: what holds, and where it came from. What could be a secret has no value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, SecretStr

from ... import __version__
from ...config import Settings
from ...params import Params
from ..bodies import ConfigNotice, ConfigView, SettingView

if TYPE_CHECKING:
    from ...workspace import Workspace

_FREE_TEXT: Final = frozenset({"headers", "params"})
"""Sections under a provider whose values an administrator writes freely: a key may stand there."""


def config_view(workspace: Workspace) -> ConfigView:
    """Features, limits, every setting with its source, and what is to be said of them."""
    config = workspace.config
    settings = config.settings
    return ConfigView(
        features=settings.features.model_dump(),
        limits=settings.limits.model_dump(),
        settings={key: SettingView(value=value, source=config.source(key)) for key, value in settings_of(settings)},
        default_model=settings.default_model,
        version=__version__,
        data_dir=str(config.data_dir),
        notices=tuple(_notices(workspace)),
    )


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
    return _leaves("", settings, mask)


def _leaves(path: str, value: Any, mask: str | None) -> Iterator[tuple[str, Any]]:
    items: Mapping[str, Any] | None = None
    if isinstance(value, BaseModel):
        items = {name: getattr(value, name) for name in type(value).model_fields}
    elif isinstance(value, dict) and value:
        items = cast("dict[str, Any]", value)
    if items is None:
        yield path, _shown(path, value, mask)
        return
    for name, inner in items.items():
        yield from _leaves(f"{path}.{name}" if path else name, inner, mask)


def _shown(path: str, value: Any, mask: str | None) -> Any:
    steps = path.split(".")
    if isinstance(value, SecretStr):
        return mask
    if steps[0] == "providers" and len(steps) > 3 and steps[2] in _FREE_TEXT:
        return value if steps[2] == "params" and steps[3] in Params.model_fields and len(steps) == 4 else mask
    if isinstance(value, str) and "://" in value:
        return _without_login(value)
    if isinstance(value, tuple):
        return [dict(_leaves("", item, mask)) if isinstance(item, BaseModel) else item for item in cast("tuple[Any, ...]", value)]
    return value


def _without_login(url: str) -> str:
    """A URL may carry a user's name and password, or a key in its query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
