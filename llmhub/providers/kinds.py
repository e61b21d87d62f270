"""The kinds of provider: what each is called, where it answers, where its key comes from, and which adapter speaks to it.

A kind that is not in this table but that litellm knows works too, through litellm; `Catalogue.litellm_kinds` has their names.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from ..errors import ConfigError
from .fields import ADDRESS, AZURE, BEDROCK, VERTEX, Field

Wire = Literal["openai", "anthropic", "gemini", "ollama", "demo", "litellm"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `base_url` None: the configuration says it, or the library knows it. `env`: where its key usually is, in order."""

    name: str
    label: str
    wire: Wire
    base_url: str | None = None
    env: tuple[str, ...] = ()
    key_url: str | None = None
    needs_key: bool = True
    takes_key: bool = True
    local: bool = False
    tables: tuple[str, ...] = ()
    """litellm's names for it; empty: its own name."""
    fields: tuple[Field, ...] = ()
    """What it needs beyond a key."""

    @property
    def known_as(self) -> tuple[str, ...]:
        """The names under which litellm's table has its models."""
        return self.tables or (self.name,)

    @property
    def has_address_of_ones_own(self) -> bool:
        """Whether every provider of this kind has another address, which somebody must give."""
        return any(field.name == ADDRESS for field in self.fields)


def _local(name: str, label: str, port: int) -> Kind:
    return Kind(name, label, "openai", f"http://127.0.0.1:{port}/v1", needs_key=False, local=True)


_TABLE: Final = (
    Kind("openai", "OpenAI", "openai", "https://api.openai.com/v1", ("OPENAI_API_KEY",), "https://platform.openai.com/api-keys"),
    Kind(
        "anthropic",
        "Anthropic",
        "anthropic",
        "https://api.anthropic.com",
        ("ANTHROPIC_API_KEY",),
        "https://platform.claude.com/settings/keys",
    ),
    Kind(
        "gemini",
        "Google Gemini",
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "https://aistudio.google.com/apikey",
    ),
    Kind("ollama", "Ollama", "ollama", "http://127.0.0.1:11434", ("OLLAMA_API_KEY",), None, needs_key=False, local=True),
    _local("lmstudio", "LM Studio", 1234),
    _local("vllm", "vLLM", 8000),
    _local("llamacpp", "llama.cpp", 8080),
    _local("jan", "Jan", 1337),
    Kind(
        "openrouter",
        "OpenRouter",
        "openai",
        "https://openrouter.ai/api/v1",
        ("OPENROUTER_API_KEY",),
        "https://openrouter.ai/settings/keys",
    ),
    Kind("groq", "Groq", "openai", "https://api.groq.com/openai/v1", ("GROQ_API_KEY",), "https://console.groq.com/keys"),
    Kind("mistral", "Mistral", "openai", "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), "https://console.mistral.ai/api-keys"),
    Kind(
        "deepseek",
        "DeepSeek",
        "openai",
        "https://api.deepseek.com/v1",
        ("DEEPSEEK_API_KEY",),
        "https://platform.deepseek.com/api_keys",
    ),
    Kind("xai", "xAI", "openai", "https://api.x.ai/v1", ("XAI_API_KEY",), "https://console.x.ai"),
    Kind(
        "together",
        "Together AI",
        "openai",
        "https://api.together.xyz/v1",
        ("TOGETHER_API_KEY", "TOGETHERAI_API_KEY"),
        "https://api.together.ai/settings/api-keys",
        tables=("together_ai",),
    ),
    Kind(
        "fireworks",
        "Fireworks AI",
        "openai",
        "https://api.fireworks.ai/inference/v1",
        ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"),
        "https://app.fireworks.ai/settings/users/api-keys",
        tables=("fireworks_ai",),
    ),
    Kind(
        "cohere",
        "Cohere",
        "openai",
        "https://api.cohere.ai/compatibility/v1",
        ("COHERE_API_KEY", "CO_API_KEY"),
        "https://dashboard.cohere.com/api-keys",
        tables=("cohere_chat", "cohere"),
    ),
    Kind(
        "huggingface",
        "Hugging Face",
        "openai",
        "https://router.huggingface.co/v1",
        ("HF_TOKEN", "HUGGINGFACE_API_KEY"),
        "https://huggingface.co/settings/tokens",
    ),
    Kind(
        "perplexity",
        "Perplexity",
        "openai",
        "https://api.perplexity.ai",
        ("PERPLEXITY_API_KEY", "PERPLEXITYAI_API_KEY"),
        "https://www.perplexity.ai/settings/api",
    ),
    Kind("cerebras", "Cerebras", "openai", "https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",), "https://cloud.cerebras.ai"),
    Kind(
        "nvidia",
        "NVIDIA",
        "openai",
        "https://integrate.api.nvidia.com/v1",
        ("NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY"),
        "https://build.nvidia.com/settings/api-keys",
        tables=("nvidia_nim",),
    ),
    Kind(
        "deepinfra",
        "DeepInfra",
        "openai",
        "https://api.deepinfra.com/v1/openai",
        ("DEEPINFRA_API_KEY",),
        "https://deepinfra.com/dash/api_keys",
    ),
    Kind(
        "moonshot",
        "Moonshot AI",
        "openai",
        "https://api.moonshot.ai/v1",
        ("MOONSHOT_API_KEY",),
        "https://platform.moonshot.ai/console/api-keys",
    ),
    Kind(
        "azure",
        "Azure OpenAI",
        "litellm",
        None,
        ("AZURE_API_KEY", "AZURE_OPENAI_API_KEY"),
        "https://ai.azure.com",
        fields=AZURE,
    ),
    Kind(
        "bedrock",
        "Amazon Bedrock",
        "litellm",
        None,
        ("AWS_BEARER_TOKEN_BEDROCK",),
        "https://console.aws.amazon.com/bedrock",
        needs_key=False,
        tables=("bedrock_converse", "bedrock"),
        fields=BEDROCK,
    ),
    Kind(
        "vertex_ai",
        "Google Vertex AI",
        "litellm",
        None,
        (),
        "https://console.cloud.google.com/vertex-ai",
        needs_key=False,
        takes_key=False,
        tables=("vertex_ai-language-models", "vertex_ai-anthropic_models", "vertex_ai"),
        fields=VERTEX,
    ),
    Kind("demo", "Demo (a script, not a model)", "demo", None, (), None, needs_key=False, local=True),
)
KINDS: Final = {kind.name: kind for kind in _TABLE}
_ALIASES: Final = {
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "nvidia_nim": "nvidia",
    "lm_studio": "lmstudio",
    "hosted_vllm": "vllm",
    "llama_cpp": "llamacpp",
    "google": "gemini",
    "claude": "anthropic",
    "openai_compatible": "openai",
    "openai_like": "openai",
    "custom_openai": "openai",
    "ollama_chat": "ollama",
}


def kind_named(name: str, litellm_kinds: Collection[str] = (), *, setting: str = "kind") -> Kind:
    """The kind of that name. Raises `ConfigError` that names the nearest ones."""
    if found := KINDS.get(_ALIASES.get(name, name)):
        return found
    if name in litellm_kinds:
        return Kind(name, name.replace("_", " ").title(), "litellm", needs_key=False)
    nearest = difflib.get_close_matches(name.lower(), {*KINDS, *litellm_kinds}, n=2, cutoff=0.6)
    meant = f"Did you mean {' or '.join(repr(kind) for kind in nearest)}?" if nearest else ""
    raise ConfigError(
        f"There is no kind of provider called '{name}'.",
        hint=f"{meant} A server that speaks OpenAI's protocol is kind 'openai' with an address of its own.".strip(),
        details={"key": setting, "value": name, "nearest": nearest},
    )


def key_variables() -> dict[str, tuple[str, ...]]:
    """Each kind's usual environment variables for its key, for the key ring."""
    own = {kind.name: kind.env for kind in _TABLE if kind.env}
    return own | {alias: own[name] for alias, name in _ALIASES.items() if name in own}


def fields_of_kinds() -> dict[str, tuple[Field, ...]]:
    """What each kind needs beyond a key, for the key ring."""
    own = {kind.name: kind.fields for kind in _TABLE if kind.fields}
    return own | {alias: own[name] for alias, name in _ALIASES.items() if name in own}
