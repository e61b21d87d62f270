"""What the workspace is told: one frozen `Config`, and for each setting where its value came from.

Precedence: defaults < `llmhub.yaml` < environment < host (Jupyter traitlets) < the user's own settings, except what the file locks.
This module reads text and checks it. It looks nothing up later, and it never shows a value of `api_key`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from .errors import ConfigError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Timeouts(_Section):
    """How long a provider may be silent, in seconds. 0 means: wait for ever."""

    connect: float = Field(10, ge=0, description="for the connection to stand")
    first_byte: float = Field(300, ge=0, description="from the request to the first byte of the answer")
    idle: float = Field(120, ge=0, description="between two pieces of the answer")


class ProviderConfig(_Section):
    """One provider under `providers:`; its models are called `<name>/<model>`."""

    kind: str = Field(description="a wire: openai, anthropic, gemini, ollama, demo; or a provider that litellm knows")
    base_url: str | None = Field(None, description="where the API lives; absent: the kind's own address")
    api_key: SecretStr | None = Field(None, description="literal or ${ENV}; absent: the user's own key is asked for")
    label: str | None = Field(None, description="what the panel calls it; absent: the kind's own name")
    models: tuple[str, ...] | None = Field(None, description="absent: asked from the endpoint, else the known catalogue")
    headers: dict[str, str] = Field(default_factory=dict, description="sent with every request; ${ENV} is filled in")
    params: dict[str, Any] = Field(default_factory=dict, description="default parameters of every request")
    drop_params: tuple[str, ...] = Field((), description="parameters that are never sent")
    timeouts: Timeouts = Timeouts()


class Features(_Section):
    """Switches for what the panel offers. Everything is on unless the file says otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    voice: bool = True
    compare: bool = True


class Limits(_Section):
    """Sizes beyond which something is refused, in bytes or characters."""

    body_bytes: int = Field(32 * 2**20, gt=0, description="a request's body")
    file_bytes: int = Field(20 * 2**20, gt=0, description="one attached file or image")
    message_chars: int = Field(2_000_000, gt=0, description="the text of one message")


class LocalServer(_Section):
    """A place on this machine where a model server usually listens; looked at only when the user asks."""

    name: str
    kind: str
    base_url: str
    label: str


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
    fallback_models: tuple[str, ...] = Field((), description="tried in this order while nothing of the answer has been said")
    providers: dict[str, ProviderConfig] = Field(default_factory=dict)
    features: Features = Features()
    limits: Limits = Limits()
    local_servers: tuple[LocalServer, ...] = LOCAL_SERVERS
    database_url: SecretStr | None = Field(
        None, description="an SQLAlchemy URL, for PostgreSQL; absent: SQLite in the data directory"
    )
    locked: tuple[str, ...] = Field((), description="settings (dotted) that the user's own settings may not change")


@dataclass(frozen=True)
class Config:
    """Settings, where each came from, and the data directory. Build one with `load_config`."""

    settings: Settings
    data_dir: Path
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """dotted setting → "default", "file /path/llmhub.yaml:3", "environment LLMHUB_…", "host", "user"."""
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def source(self, key: str) -> str:
        """Where the value of a dotted setting came from."""
        parts = key.split(".")
        for end in range(len(parts), 0, -1):
            if found := self.sources.get(".".join(parts[:end])):
                return found
        return "default"
