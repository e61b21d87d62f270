"""What the workspace is told: one frozen `Config`, and for each setting where its value came from.

Precedence: defaults < `llmhub.yaml` < environment < host (Jupyter traitlets) < the user's own settings, except what the file
locks. This module says which settings there are and puts the layers together. Reading a file is `config_file`, words for what
is wrong are `config_check`. Nothing is looked up later, and no value of `api_key` is ever shown.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from .config_check import check_names, checked
from .config_file import find_file, parse_value, read_file, readable_by_others
from .config_layers import Layer, dotted, layer_from_environment, layer_of, merged
from .config_values import is_loopback, key_fault, web_address
from .config_variables import expanded
from .data_dir import open_data_dir
from .errors import ConfigError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Timeouts(_Section):
    """How long a provider may be silent, in seconds. 0 means: wait for ever."""

    connect: float = Field(default=10, ge=0, description="for the connection to stand")
    first_byte: float = Field(default=300, ge=0, description="from the request to the first byte of the answer")
    idle: float = Field(default=120, ge=0, description="between two pieces of the answer")


class ProviderConfig(_Section):
    """One provider under `providers:`; its models are called `<name>/<model>`."""

    kind: str = Field(description="a wire: openai, anthropic, gemini, ollama, demo; or a provider that litellm knows")
    base_url: str | None = Field(default=None, description="where the API lives; absent: the kind's own address")
    api_key: SecretStr | None = Field(default=None, description="literal or ${ENV}; absent: the user's own key is asked for")
    label: str | None = Field(default=None, description="what the panel calls it; absent: the kind's own name")
    models: tuple[str, ...] | None = Field(default=None, description="absent: asked from the endpoint, else the known catalogue")
    headers: dict[str, str] = Field(default_factory=dict, description="sent with every request; ${ENV} is filled in")
    params: dict[str, Any] = Field(default_factory=dict, description="default parameters of every request")
    drop_params: tuple[str, ...] = Field(default=(), description="parameters that are never sent")
    timeouts: Timeouts = Timeouts()

    @field_validator("kind")
    @classmethod
    def _has_kind(cls, kind: str) -> str:
        if not kind.strip():
            raise ValueError("is empty; name a wire such as openai, anthropic, gemini or ollama")
        return kind.strip()

    @field_validator("base_url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        return None if url is None or not url.strip() else web_address(url)

    @field_validator("api_key")
    @classmethod
    def _is_usable_key(cls, key: SecretStr | None) -> SecretStr | None:
        text = "" if key is None else key.get_secret_value().strip()
        if text and (fault := key_fault(text)):
            raise ValueError(fault)
        return SecretStr(text) if text else None

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                raise ValueError("has a name that HTTP does not allow in a header")
            if not (value.isascii() and value.isprintable()):
                raise ValueError(f"has a value at `{name}` that HTTP does not allow: only plain ASCII on one line")
        return {name: value.strip() for name, value in headers.items()}


class Features(_Section):
    """Switches for what the panel offers. Everything is on unless the file says otherwise."""

    voice: bool = True
    compare: bool = True


class Limits(_Section):
    """Sizes beyond which something is refused, in bytes or characters."""

    body_bytes: int = Field(default=32 * 2**20, gt=0, description="a request's body")
    file_bytes: int = Field(default=20 * 2**20, gt=0, description="one attached file or image")
    message_chars: int = Field(default=2_000_000, gt=0, description="the text of one message")


class LocalServer(_Section):
    """A place on this machine where a model server usually listens; looked at only when the user asks."""

    name: str
    kind: str
    base_url: str
    label: str

    @field_validator("base_url")
    @classmethod
    def _is_on_this_machine(cls, url: str) -> str:
        url = web_address(url)
        if not is_loopback(url):
            raise ValueError("is not this machine's own address (127.0.0.1, ::1, localhost); put it under `providers` instead")
        return url


LOCAL_SERVERS = (
    LocalServer(name="ollama", kind="ollama", base_url="http://127.0.0.1:11434", label="Ollama"),
    LocalServer(name="lmstudio", kind="openai", base_url="http://127.0.0.1:1234/v1", label="LM Studio"),
    LocalServer(name="vllm", kind="openai", base_url="http://127.0.0.1:8000/v1", label="vLLM"),
    LocalServer(name="llamacpp", kind="openai", base_url="http://127.0.0.1:8080/v1", label="llama.cpp"),
    LocalServer(name="jan", kind="openai", base_url="http://127.0.0.1:1337/v1", label="Jan"),
)


class Settings(_Section):
    """The whole of `llmhub.yaml`."""

    default_model: str | None = None
    fallback_models: tuple[str, ...] = Field(
        default=(), description="tried in this order while nothing of the answer has been said"
    )
    providers: dict[str, ProviderConfig] = Field(default_factory=dict[str, ProviderConfig])
    features: Features = Features()
    limits: Limits = Limits()
    local_servers: tuple[LocalServer, ...] = LOCAL_SERVERS
    database_url: SecretStr | None = Field(
        default=None, description="an SQLAlchemy URL, for PostgreSQL; absent: SQLite in the data directory"
    )
    locked: tuple[str, ...] = Field(default=(), description="settings (dotted) that the user's own settings may not change")

    @field_validator("providers")
    @classmethod
    def _have_names(cls, providers: dict[str, ProviderConfig]) -> dict[str, ProviderConfig]:
        for name in providers:
            if not 0 < len(name) <= 64 or "/" in name or name != name.strip() or not name.isprintable():
                raise ValueError(
                    f"has the name {name[:64]!r}; it must be short and have no slash, because models are called name/model"
                )
        return providers


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


def load_config(
    *,
    env: Mapping[str, str] | None = None,
    host_settings: Mapping[str, Any] | None = None,
    user_settings: Mapping[str, Any] | None = None,
    search: Sequence[Path | str] | None = None,
    log: logging.Logger | None = None,
) -> Config:
    """Read all layers, check them, and open the data directory.

    `search` are the folders where `llmhub.yaml` is looked for (None: Jupyter's config path), `env` the environment.
    Raises `ConfigError`, in words, with the place.
    """
    env = dict(os.environ if env is None else env)
    path, warnings = find_file(env, _jupyter_config_path() if search is None else search)
    file, keyless = expanded(Layer() if path is None else _file_layer(path, warnings), env)
    environment, strangers = layer_from_environment(env, Settings, file.values, parse_value)
    warnings += strangers
    host, keyless_in_host = expanded(layer_of(host_settings or {}, "host"), env)
    user = user_layer(user_settings or {})

    below_user = merged(merged(file, environment), host)
    locked = checked(Settings, below_user).locked
    check_names(Settings, locked, below_user, "locked")
    layer = merged(below_user, _allowed_to_user(user, locked, warnings))
    settings = checked(Settings, layer)
    warnings += [said for key, said in (keyless | keyless_in_host).items() if layer.value(key) is None]

    for warning in warnings:
        (log or logging.getLogger(__name__)).warning(warning)
    return Config(settings, open_data_dir(env), layer.sources(), env, tuple(warnings))


# ---- layers


def _jupyter_config_path() -> list[str]:
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
