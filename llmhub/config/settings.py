"""Which settings there are: the whole of `llmhub.yaml` as frozen models, with what each means and is by default.

The descriptions are what docs/configuration.md, editors and `llmhub config schema` show; what stands behind "absent: " is what
holds where nothing is set. After a change: `python -m llmhub.config.document`.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from ..params import Params
from .values import is_loopback, key_fault, web_address


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Timeouts(_Section):
    """How long a provider may be silent, in seconds. 0 means: wait for ever."""

    connect: float = Field(default=10, ge=0, description="seconds until the connection stands; 0: for ever")
    first_byte: float = Field(default=300, ge=0, description="seconds from the request to the answer's first byte; 0: for ever")
    idle: float = Field(default=120, ge=0, description="seconds between two pieces of the answer; 0: for ever")


class ProviderConfig(_Section):
    """One provider under `providers:`; its models are called `<name>/<model>`."""

    kind: str = Field(
        description="a wire (`openai`, `anthropic`, `gemini`, `ollama`), a known provider (`groq`, `mistral`, `openrouter`, ...), "
        "whatever litellm knows (`bedrock`, `vertex_ai`, `azure`, ...), or `demo`"
    )
    base_url: str | None = Field(default=None, description="where its API is; absent: the kind's own address")
    api_key: SecretStr | None = Field(default=None, description="a key, or better `${NAME}`; absent: the user is asked")
    label: str | None = Field(default=None, description="what the panel calls it; absent: the kind's name")
    options: dict[str, str] = Field(
        default_factory=dict,
        description="what its kind needs beyond a key: `region`, `profile` (bedrock), `project`, `location` (vertex_ai), "
        "`deployment`, `api_version`, `tenant_id`, `client_id`, `authority` (azure)",
    )
    credentials: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="secrets other than one key, better as `${NAME}`: `access_key_id`, `secret_access_key`, `session_token` "
        "(bedrock), `service_account` (vertex_ai, the JSON), `client_secret` (azure); absent: the usual environment variables, "
        "else what the user enters",
    )
    models: tuple[str, ...] | None = Field(
        default=None, description="its models; absent: what the endpoint lists, else the known catalogue"
    )
    headers: dict[str, str] = Field(
        default_factory=dict, description="sent with every request; `{user}` and `{conversation_id}` are filled in"
    )
    params: dict[str, Any] = Field(default_factory=dict, description="default parameters of every request, such as `temperature`")
    drop_params: tuple[str, ...] = Field(default=(), description="parameters that are never sent")
    responses: bool | None = Field(
        default=None,
        description="whether its models are asked by OpenAI's Responses API; absent: those that OpenAI offers only there "
        "(o-series pro, codex, deep research)",
    )
    timeouts: Timeouts = Field(default=Timeouts(), description="how long it may be silent")

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


Capability = Literal[
    "vision", "tools", "reasoning", "json_schema", "image_output", "audio_input", "audio_output", "pdf_input", "caching"
]
"""What a model can do beyond text."""


PARAMETERS = (
    "system", "temperature", "top_p", "max_tokens", "reasoning_effort", "reasoning_budget", "verbosity", "seed", "stop",
    "json_schema", "caching",
)  # fmt: skip
"""What llmhub can ask of a model."""


class PriceConfig(_Section):
    """What a model costs, in US dollars per million tokens."""

    input: float = Field(ge=0, description="of what is sent, in US dollars per million tokens")
    output: float = Field(ge=0, description="of what is answered, in US dollars per million tokens")
    cached_input: float | None = Field(
        default=None, ge=0, description="of what the provider had in its cache; absent: as much as `input`"
    )
    cache_write: float | None = Field(
        default=None, ge=0, description="of what the provider puts into its cache; absent: as much as `input`"
    )


class ParameterConfig(_Section):
    """How a parameter of a model differs from what is known."""

    taken: bool = Field(default=True, description="`false`: the model does not take it")
    min: float | None = Field(default=None, description="the least that it may be")
    max: float | None = Field(default=None, description="the most that it may be; of `stop`, how many texts")
    step: float | None = Field(default=None, gt=0, description="how finely it is set in the panel")
    choices: tuple[str, ...] = Field(default=(), description="what it may be")


class ModelConfig(_Section):
    """What is to be known of a model under `models:`, by its id (`lab/qwen3`) or a pattern (`lab/*`).

    It wins over what the endpoint and the known catalogue say. Of several that fit the later wins, the id itself over all patterns.
    """

    label: str | None = Field(default=None, description="what the panel calls it; absent: its name")
    icon: str | None = Field(default=None, max_length=8192, description="an emoji, or a picture as a `data:image/...` URL")
    group: str | None = Field(default=None, description="the heading under which it is listed; absent: its provider")
    description: str | None = Field(default=None, description="a sentence on what it is good for")
    context_window: int | None = Field(default=None, gt=0, description="tokens that it takes; absent: what is known")
    max_output_tokens: int | None = Field(default=None, gt=0, description="tokens that it answers at most; absent: what is known")
    price: PriceConfig | None = Field(default=None, description="what it costs; absent: what is known")
    capabilities: tuple[Capability, ...] | None = Field(
        default=None, description="all that it can do beyond text; absent: what is known"
    )
    responses: bool | None = Field(
        default=None, description="whether it is asked by OpenAI's Responses API; absent: as its provider says"
    )
    fill_in: bool | None = Field(
        default=None,
        description="whether it fills gaps in code, for inline completion: asked at `/completions` with a `suffix`, at Mistral's "
        "`/fim/completions`, or at Ollama's `/api/generate`; absent: as Ollama says, and Codestral does",
    )
    hidden: bool = Field(default=False, description="not offered; it can still be used by its id or an alias")
    params: dict[str, Any] = Field(
        default_factory=dict, description="default parameters of its requests, such as `temperature`; they win over the provider's"
    )
    parameters: dict[str, ParameterConfig] = Field(
        default_factory=dict[str, ParameterConfig],
        description="ranges of its parameters, by name, such as `temperature: {max: 1.5}`",
    )

    @field_validator("parameters")
    @classmethod
    def _are_parameters(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        for name in parameters:
            if name not in PARAMETERS:
                raise ValueError(f"has no parameter `{name}`; there are {', '.join(PARAMETERS)}")
        return parameters


class PresetConfig(_Section):
    """A preset that everybody has, under `presets:`; nobody can change it in the panel."""

    model: str | None = Field(default=None, description="the model, or an alias; absent: the one that is chosen stays")
    params: dict[str, Any] = Field(
        default_factory=dict, description="parameters, such as `temperature`, and `system` for instructions"
    )
    tools: tuple[str, ...] = Field(default=(), description="names of tools")
    default: bool = Field(default=False, description="new conversations begin with it, unless the user has a default of their own")

    @field_validator("params")
    @classmethod
    def _are_params(cls, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return Params.model_validate(params).model_dump(mode="json", exclude_none=True)
        except ValidationError as exc:
            first = exc.errors(include_url=False)[0]
            name = ".".join(map(str, first["loc"]))
            if first["type"] == "extra_forbidden":
                near = difflib.get_close_matches(name, Params.model_fields, n=1)
                meant = f"; did you mean `{near[0]}`" if near else f"; there are {', '.join(Params.model_fields)}"
                raise ValueError(f"has no parameter `{name}`{meant}") from None
            raise ValueError(f"has a wrong `{name}`: {first['msg'][:1].lower() + first['msg'][1:]}") from None


class Features(_Section):
    """Switches for what the panel offers. Everything is on unless the file says otherwise."""

    voice: bool = Field(default=True, description="speaking and listening")
    compare: bool = Field(default=True, description="asking several models at once")
    attachments: bool = Field(default=True, description="files and pictures in messages")
    own_providers: bool = Field(default=True, description="providers and keys of one's own")
    doors: bool = Field(default=True, description="the doors for other programs (docs/doors.md)")
    titles: bool = Field(default=True, description="titles made by a model; else they are the first words of the question")
    completion: bool = Field(default=True, description="inline completion of code, for who switches it on in JupyterLab")


class CompactionConfig(_Section):
    """How older turns are folded into a summary when a conversation comes near the model's window."""

    enabled: bool = Field(
        default=True, description="whether it is done by itself; else the oldest messages are left out when there is no room"
    )
    threshold: float = Field(
        default=0.85, ge=0.1, le=1, description="how full the window may be, without the room for the answer, as a share of 1"
    )
    keep: float = Field(
        default=0.25,
        ge=0,
        le=0.8,
        description="how much of the window the newest turns may have that stay as they are, as a share of 1",
    )
    model: str | None = Field(default=None, description="the model that makes summaries; absent: the one that is asked")


class Limits(_Section):
    """Sizes beyond which something is refused, in bytes or characters, and what may be spent before llmhub asks."""

    body_bytes: int = Field(default=32 * 2**20, gt=0, description="largest request, in bytes")
    file_bytes: int = Field(default=20 * 2**20, gt=0, description="largest attached file or image, in bytes")
    import_bytes: int = Field(
        default=4 * 2**30, gt=0, description="largest file of conversations that is imported through the panel, in bytes"
    )
    message_chars: int = Field(default=2_000_000, gt=0, description="longest message, in characters")
    usd_per_day: float | None = Field(
        default=None,
        gt=0,
        le=1_000_000,
        description="what may be spent in a day before llmhub asks, in US dollars; absent: all",
    )
    usd_per_month: float | None = Field(default=None, gt=0, le=1_000_000, description="the same for a calendar month; absent: all")
    time_zone: str | None = Field(
        default=None, description="where days and months begin at midnight, such as `Europe/Zurich`; absent: the server's time zone"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (ValueError, OSError, KeyError):
                raise ValueError("is no time zone that this machine knows; write it as in Europe/Zurich") from None
        return name


class StorageConfig(_Section):
    """Where one kind of file is kept: a folder, or an address that fsspec knows, above all S3's and its like."""

    url: str | None = Field(
        default=None,
        description="a folder, or `s3://bucket/folder` (`pip install 'llmhub[s3]'`); absent: `files` in the data directory",
    )
    endpoint_url: str | None = Field(default=None, description="of a server that speaks S3's protocol; absent: Amazon's")
    region: str | None = Field(default=None, description="the bucket's region")
    access_key: SecretStr | None = Field(
        default=None, description="a key's id, or better `${NAME}`; absent: as AWS's own tools find it"
    )
    secret_key: SecretStr | None = Field(default=None, description="the secret that belongs to it")
    options: dict[str, Any] = Field(default_factory=dict, description="further options for fsspec's file system")

    @field_validator("url")
    @classmethod
    def _is_a_place(cls, url: str | None) -> str | None:
        if url is None or not url.strip():
            return None
        scheme, separator, rest = url.strip().partition("://")
        if separator and ("@" in rest.partition("/")[0] or "?" in rest):
            raise ValueError("has credentials or a query in it; those go into access_key, secret_key and options")
        if separator and not rest.strip("/") and scheme != "memory":
            raise ValueError("names no bucket or folder")
        return url.strip()

    @field_validator("endpoint_url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        return None if url is None or not url.strip() else web_address(url)


class StoragesConfig(_Section):
    """Where files are kept, by their kind."""

    attachments: StorageConfig = Field(default=StorageConfig(), description="files that are attached to messages")
    images: StorageConfig = Field(default=StorageConfig(), description="pictures in messages")


class RoleConfig(_Section):
    """Who somebody is, and what is different for them. It wins over everything else in the file, the environment and the host."""

    users: tuple[str, ...] = Field(
        default=(), description="who has this role, by the name they log in with; `local` without a login"
    )
    groups: tuple[str, ...] = Field(default=(), description="JupyterHub's groups whose members have this role")
    models: tuple[str, ...] | None = Field(
        default=None, description="models that may be used: ids, aliases or patterns (`lab/*`); absent: all"
    )
    default_model: str | None = Field(default=None, description="for new conversations; absent: as for everybody")
    completion_model: str | None = Field(default=None, description="for inline completion; absent: as for everybody")
    features: dict[str, bool] = Field(default_factory=dict, description="what of `features` is different")
    limits: dict[str, int | float | str] = Field(default_factory=dict, description="what of `limits` is different")
    locked: tuple[str, ...] = Field(default=(), description="settings that they may not change, besides those in `locked`")


class LocalServer(_Section):
    """A place on this machine where a model server usually listens; looked at only when the user asks."""

    name: str = Field(description="what the provider is called when it is added")
    kind: str = Field(description="the wire it speaks")
    base_url: str = Field(description="a loopback address")
    label: str = Field(description="what the panel calls it")

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

    default_model: str | None = Field(
        default=None, description="`provider/model`, or an alias, for new conversations; absent: the first that is available"
    )
    title_model: str | None = Field(
        default=None,
        description="the model, or alias, that gives a conversation its title after the first answer; absent: the cheapest one of "
        "the same maker at the conversation's own provider, else the conversation's model",
    )
    completion_model: str | None = Field(
        default=None,
        description="the model, or alias, that completes code as it is typed, best a small and quick one; absent: `default_model`",
    )
    fallback_models: tuple[str, ...] = Field(
        default=(), description="models that are tried in this order while nothing of an answer has been said"
    )
    fallbacks: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="the same for one model, by its id, alias or a pattern (`lab/*`); it counts instead of `fallback_models`",
    )
    aliases: dict[str, str] = Field(
        default_factory=dict, description="names, such as `fast`, for models; they can be used wherever a model's id can"
    )
    models: dict[str, ModelConfig] = Field(
        default_factory=dict[str, ModelConfig],
        description="what is to be known of models, by their ids (`lab/qwen3`) or patterns (`lab/*`); it wins over what is known "
        "otherwise, an id over patterns, of those the later",
    )
    presets: dict[str, PresetConfig] = Field(
        default_factory=dict[str, PresetConfig], description="model and parameters under a name, for everybody; users add their own"
    )
    providers: dict[str, ProviderConfig] = Field(
        default_factory=dict[str, ProviderConfig], description="where models live, by a name of your own"
    )
    features: Features = Field(default=Features(), description="what the panel offers")
    compaction: CompactionConfig = Field(
        default=CompactionConfig(), description="when older turns are folded into a summary, and who makes it"
    )
    limits: Limits = Field(default=Limits(), description="sizes beyond which something is refused, and ceilings of spending")
    kernel_access: bool = Field(
        default=False,
        description="whether new notebook kernels get a token of their own for the doors (docs/doors.md): the user's consent",
    )
    local_servers: tuple[LocalServer, ...] = Field(
        default=LOCAL_SERVERS,
        description="addresses of this machine that are looked at when the user asks for model servers; absent: "
        + ", ".join(server.label for server in LOCAL_SERVERS),
    )
    storage: StoragesConfig = Field(default=StoragesConfig(), description="where files are kept, by their kind")
    roles: dict[str, RoleConfig] = Field(
        default_factory=dict[str, RoleConfig],
        description="what is different for some people, by a name of your own; somebody has the first role that names them",
    )
    default_role: str | None = Field(default=None, description="the role of whom no role names; absent: none, all is as it stands")
    database_url: SecretStr | None = Field(
        default=None,
        description="an SQLAlchemy URL for PostgreSQL (`pip install 'llmhub[postgres]'`), read when the server starts; "
        "absent: SQLite in the data directory",
    )
    locked: tuple[str, ...] = Field(
        default=(),
        description="settings, such as `default_model` or `providers.lab`, that users may not change; a prefix locks all below it",
    )

    @field_validator("providers")
    @classmethod
    def _have_names(cls, providers: dict[str, ProviderConfig]) -> dict[str, ProviderConfig]:
        for name in providers:
            if not 0 < len(name) <= 64 or "/" in name or name != name.strip() or not name.isprintable():
                raise ValueError(
                    f"has the name {name[:64]!r}; it must be short and have no slash, because models are called name/model"
                )
        return providers

    @field_validator("aliases")
    @classmethod
    def _lead_to_models(cls, aliases: dict[str, str]) -> dict[str, str]:
        for name in aliases:
            if not 0 < len(name) <= 64 or "/" in name or name != name.strip() or not name.isprintable():
                raise ValueError(f"has the name {name[:64]!r}; an alias is short and has no slash, unlike a model's id")
            way = [name]
            while (model := aliases.get(way[-1])) is not None:
                if model in way:
                    raise ValueError(f"leads `{name}` back to itself")
                way.append(model)
            if "/" not in way[-1]:
                raise ValueError(f"leads `{name}` to something that is neither a model's id (provider/model) nor an alias")
        return aliases

    @field_validator("default_role")
    @classmethod
    def _is_a_role(cls, name: str | None, info: ValidationInfo) -> str | None:
        roles: dict[str, RoleConfig] = info.data.get("roles", {})
        if name is not None and "roles" in info.data and name not in roles:
            raise ValueError(f"names no role under `roles`; there {'is ' + ', '.join(roles) if roles else 'are none'}")
        return name
