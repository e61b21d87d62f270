"""What the workspace is told: one frozen `Config`, and for each setting where its value came from.

Precedence: defaults < `llmhub.yaml` < environment < host (Jupyter traitlets) < the user's own settings, except what the file
locks. This module puts the layers together; which settings there are stands in `settings`, words for what is wrong are in
`check`. Nothing is looked up later, and no value of `api_key` is ever shown.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from .check import check_names, checked
from .data_dir import open_data_dir
from .file import find_file, parse_value, read_file, readable_by_others
from .layers import Key, Layer, Place, dotted, layer_from_environment, layer_of, merged
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
    given: Layer = field(default_factory=Layer, repr=False)
    """All that others than the user have set: file, environment and host, merged."""
    own: Layer = field(default_factory=Layer, repr=False)
    """All that the user has set, what is locked too."""

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

    def lock_of(self, key: str) -> tuple[str, str] | None:
        """The lock that covers a dotted setting, and where it was written; None: there is none."""
        if (lock := locked_by(key, self.settings.locked)) is None:
            return None
        index = len(self.settings.locked) - 1 - self.settings.locked[::-1].index(lock)
        return lock, str(self.given.place(("locked", str(index))))

    def inherited(self) -> Config:
        """The same without the user's own settings."""
        return replace(self, settings=checked(Settings, self.given), sources=self.given.sources(), own=Layer())

    def as_role(self, role: str | None) -> Config:
        """The configuration as it holds for a role under `roles:`; None: for whom no role names. Raises `ConfigError`."""
        if role is None:
            return self
        given, layer = _as_role(self.given, self.own, role)
        return replace(self, settings=checked(Settings, layer), sources=layer.sources(), given=given)


@dataclass(frozen=True)
class Told:
    """The merged settings, before there is a data directory: what can be said of them without touching the machine."""

    settings: Settings
    layer: Layer
    file: Layer
    path: Path | None
    """The settings file; None: there is none."""
    warnings: tuple[str, ...] = ()
    given: Layer = field(default_factory=Layer)
    own: Layer = field(default_factory=Layer)

    def as_role(self, role: str) -> Told:
        """The same as it holds for a role. Raises `ConfigError` where there is none of that name."""
        if role not in self.settings.roles:
            hint = f"There is {', '.join(self.settings.roles)}." if self.settings.roles else "`roles` is empty."
            raise ConfigError(f"There is no role called '{role}'.", hint=hint)
        given, layer = _as_role(self.given, self.own, role)
        return replace(self, settings=checked(Settings, layer), layer=layer, given=given)

    def config(self, data_dir: Path, env: Mapping[str, str]) -> Config:
        """The same with a data directory."""
        return Config(self.settings, data_dir, self.layer.sources(), env, self.warnings, self.file, self.given, self.own)


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
    return told.config(open_data_dir(env), env)


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
    layer = merged(below_user, allowed_to_user(user, locked, warnings))
    settings = checked(Settings, layer)
    _check_roles(settings, below_user)
    warnings += [said for key, said in (keyless | keyless_in_host).items() if layer.value(key) is None]
    return Told(settings, layer, file, path, tuple(warnings), below_user, user)


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


USER_SETTINGS = (
    "default_model",
    "completion_model",
    "kernel_access",
    "limits.time_zone",
    "limits.usd_per_day",
    "limits.usd_per_month",
    "providers",
)


def user_layer(values: Mapping[str, Any]) -> Layer:
    """A user's own settings as a layer. They are a few; keys are not among them, for those live in the key ring."""
    layer = layer_of(values, "user")
    for key, value in layer.leaves():
        is_emptied = value == {} and any(own.startswith(f"{dotted(key)}.") for own in USER_SETTINGS)
        if key and not is_emptied and key[0] not in USER_SETTINGS and dotted(key[:2]) not in USER_SETTINGS:
            raise ConfigError(
                f"Your own settings cannot hold `{dotted(key)}`.",
                hint=f"They hold: {', '.join(USER_SETTINGS)}.",
                details={"key": dotted(key), "source": "user"},
            )
        if key[-1:] == ("api_key",) or key[2:3] == ("credentials",):
            raise ConfigError(
                f"Your own settings cannot hold `{dotted(key)}`: a settings file is no place for a key.",
                hint="Enter it in the panel's key form, which keeps it in the key ring.",
                details={"key": dotted(key), "source": "user"},
            )
    return layer


_OF_A_ROLE = ("default_model", "completion_model", "features", "limits")


def role_layer(given: Layer, role: str) -> Layer:
    """What others than the user have set, with what is different for a role."""
    way = ("roles", role)
    told: dict[str, Any] = given.value(way) or {}
    different = {name: told[name] for name in _OF_A_ROLE if told.get(name) is not None}
    locked = [*(given.value(("locked",)) or ()), *(told.get("locked") or ())]
    places: dict[Key, Place] = {(): given.place(way)}
    for key, place in given.places.items():
        if key[:2] == way and len(key) > 2:
            places[key[2:]] = place
    ours = len(given.value(("locked",)) or ())
    for index in range(len(locked)):
        key = ("locked", str(index)) if index < ours else (*way, "locked", str(index - ours))
        places[("locked", str(index))] = given.place(key)
    if locked:
        different["locked"] = locked
        places[("locked",)] = given.place((*way, "locked")) if told.get("locked") else given.place(("locked",))
    return merged(given, Layer(different, places))


def _as_role(given: Layer, own: Layer, role: str) -> tuple[Layer, Layer]:
    """What is given to a role, and the same with the user's own part on top, as far as the role leaves it to them."""
    given = role_layer(given, role)
    return given, merged(given, allowed_to_user(own, checked(Settings, given).locked, []))


def _check_roles(settings: Settings, given: Layer) -> None:
    """What a role changes is as right as what it changes. Raises `ConfigError` with the role's lines."""
    for role in settings.roles:
        layer = role_layer(given, role)
        check_names(Settings, checked(Settings, layer).locked, layer, "locked")


def allowed_to_user(user: Layer, locked: tuple[str, ...], warnings: list[str]) -> Layer:
    """The user's layer without what is locked. Only a warning: a lock that came later must not keep a server from starting."""
    for key, _ in list(user.leaves()):
        if (lock := locked_by(dotted(key), locked)) is not None:
            warnings.append(f"Your own setting `{dotted(key)}` is not used: the administrator has locked `{lock}`.")
            user = user.without(key)
    return user


def locked_by(key: str, locked: Sequence[str]) -> str | None:
    """The lock that covers a dotted setting, from above or from below."""
    return next((lock for lock in locked if f"{key}.".startswith(f"{lock}.") or f"{lock}.".startswith(f"{key}.")), None)
