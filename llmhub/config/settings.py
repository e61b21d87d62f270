"""Which settings there are: the whole of `llmhub.yaml` as frozen models, with what each means and is by default."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from .values import is_loopback, key_fault, web_address


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
