"""What the workspace is told: one frozen `Config`, and for each setting where its value came from.

Precedence: defaults < `llmhub.yaml` < environment < host (Jupyter traitlets) < the user's own settings, except what the file
locks. This module puts the layers together; which settings there are stands in `settings`, words for what is wrong are in
`check`. Nothing is looked up later, and no value of `api_key` is ever shown.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .check import check_names, checked
from .data_dir import open_data_dir
from .file import find_file, parse_value, read_file, readable_by_others
from .layers import Layer, dotted, layer_from_environment, layer_of, merged
from .settings import Settings
from .variables import expanded


@dataclass(frozen=True)
class Config:
    """Settings, where each came from, and the data directory. Build one with `load_config`."""

    settings: Settings
    data_dir: Path
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """dotted setting → "default", "file /path/llmhub.yaml:3", "environment LLMHUB_…", "host", "user"."""
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    warnings: tuple[str, ...] = ()
    """What could be worked around, in words. `load_config` has logged them."""
    file: Layer = field(default_factory=Layer, repr=False)
    """The file as it was read, `${NAME}` not filled in."""

    def source(self, key: str) -> str:
        """Where the value of a dotted setting came from."""
        parts = key.split(".")
        for end in range(len(parts), 0, -1):
            if found := self.sources.get(".".join(parts[:end])):
                return found
        return "default"

    def is_locked(self, key: str) -> bool:
        """Whether the file keeps a dotted setting, or a part of it, from the user's own settings."""
        return locked_by(key, self.settings.locked) is not None


@dataclass(frozen=True)
class Told:
    """The merged settings, before there is a data directory: what can be said of them without touching the machine."""

    settings: Settings
    layer: Layer
    file: Layer
    path: Path | None
    """The settings file; None: there is none."""
    warnings: tuple[str, ...] = ()


def load_config(
    *,
    env: Mapping[str, str] | None = None,
    host_settings: Mapping[str, Any] | None = None,
    user_settings: Mapping[str, Any] | None = None,
    search: Sequence[Path | str] | None = None,
    file: Layer | None = None,
    log: logging.Logger | None = None,
) -> Config:
    """Read all layers, check them, and open the data directory.

    `search` are the folders where `llmhub.yaml` is looked for (None: Jupyter's config path), `env` the environment. `file` is taken
    for the file, which is not read then.
    Raises `ConfigError`, in words, with the place.
    """
    env = dict(os.environ if env is None else env)
    told = read_settings(env, host_settings=host_settings, user_settings=user_settings, search=search, file=file)
    for warning in told.warnings:
        (log or logging.getLogger(__name__)).warning(warning)
    return Config(told.settings, open_data_dir(env), told.layer.sources(), env, told.warnings, told.file)


def read_settings(
    env: Mapping[str, str],
    *,
    host_settings: Mapping[str, Any] | None = None,
    user_settings: Mapping[str, Any] | None = None,
    search: Sequence[Path | str] | None = None,
    file: Layer | None = None,
) -> Told:
    """All layers, read, checked and merged; nothing is made or logged. Raises `ConfigError`, in words, with the place."""
    path, warnings = find_file(env, jupyters_folders() if search is None else search)
    if file is None:
        file = Layer() if path is None else _file_layer(path, warnings)
    filled, keyless = expanded(file, env)
    environment, strangers = layer_from_environment(env, Settings, filled.values, parse_value)
    warnings += strangers
    host, keyless_in_host = expanded(layer_of(host_settings or {}, "host"), env)
    user = user_layer(user_settings or {})

    below_user = merged(merged(filled, environment), host)
    locked = checked(Settings, below_user).locked
    check_names(Settings, locked, below_user, "locked")
    layer = merged(below_user, _allowed_to_user(user, locked, warnings))
    settings = checked(Settings, layer)
    warnings += [said for key, said in (keyless | keyless_in_host).items() if layer.value(key) is None]
    return Told(settings, layer, file, path, tuple(warnings))


# ---- layers


def jupyters_folders() -> list[str]:
    """Where `llmhub.yaml` is looked for: Jupyter's config path."""
    from jupyter_core.paths import jupyter_config_path

    return jupyter_config_path()


def _file_layer(path: Path, warnings: list[str]) -> Layer:
    layer = read_file(path)
    literal = [value for key, value in layer.leaves() if key[-1:] == ("api_key",) and value and "${" not in str(value)]
    if literal and readable_by_others(path):
        warnings.append(f"{path} holds an API key and other accounts here can read it: `chmod 600` it, or write ${{NAME}}.")
    return layer


USER_SETTINGS = ("default_model", "providers")


def user_layer(values: Mapping[str, Any]) -> Layer:
    """A user's own settings as a layer. They are a few; keys are not among them, for those live in the key ring."""
    layer = layer_of(values, "user")
    for key, _ in layer.leaves():
        if key and key[0] not in USER_SETTINGS:
            raise ConfigError(
                f"Your own settings cannot hold `{dotted(key)}`.",
                hint=f"They hold: {', '.join(USER_SETTINGS)}.",
                details={"key": dotted(key), "source": "user"},
            )
        if key[-1:] == ("api_key",):
            raise ConfigError(
                f"Your own settings cannot hold `{dotted(key)}`: a settings file is no place for a key.",
                hint="Enter it in the panel's key form, which keeps it in the key ring.",
                details={"key": dotted(key), "source": "user"},
            )
    return layer


def _allowed_to_user(user: Layer, locked: tuple[str, ...], warnings: list[str]) -> Layer:
    """The user's layer without what is locked. Only a warning: a lock that came later must not keep a server from starting."""
    for key, _ in list(user.leaves()):
        if (lock := locked_by(dotted(key), locked)) is not None:
            warnings.append(f"Your own setting `{dotted(key)}` is not used: the administrator has locked `{lock}`.")
            user = user.without(key)
    return user


def locked_by(key: str, locked: Sequence[str]) -> str | None:
    """The lock that covers a dotted setting, from above or from below."""
    return next((lock for lock in locked if f"{key}.".startswith(f"{lock}.") or f"{lock}.".startswith(f"{key}.")), None)
