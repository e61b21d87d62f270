"""From a provider's configuration and key to the adapter that speaks to it. Nothing is sent here."""

from __future__ import annotations

from functools import partial

import httpx

from ..config import ProviderConfig
from ..config.values import is_loopback, key_fault
from ..errors import ConfigError
from .adapter import Adapter
from .base import Provider
from .catalogue import Catalogue
from .http import Endpoint, Http
from .kinds import Wire, kind_named


def adapter_for(name: str, config: ProviderConfig, key: str | None, catalogue: Catalogue, http: Http) -> Adapter:
    """What an adapter for `config` is made of. Raises `ConfigError` for a kind that nobody knows."""
    kind = kind_named(config.kind, catalogue.litellm_kinds, setting=f"providers.{name}.kind")
    if key and (fault := key_fault(key)):
        raise ConfigError(f"The key of '{name}' {fault}.", hint="Enter it again.", details={"key": f"providers.{name}.api_key"})
    base_url = _base_url(config.base_url or kind.base_url or "", kind.wire)
    # Another address that speaks OpenAI's protocol can be anybody's; for the other wires it is a gateway to the same models.
    official = config.base_url is None or base_url == kind.base_url
    headers = {**_credentials(kind.wire, key), **config.headers}
    given = {header.lower() for header in config.headers}
    headers = {header: value for header, value in headers.items() if header in config.headers or header.lower() not in given}
    secrets = (*((key,) if key else ()), *config.headers.values())
    return Adapter(
        name=name,
        kind=kind,
        endpoint=Endpoint(name, base_url, headers, config.timeouts, secrets),
        http=http,
        facts=partial(catalogue.facts, kind, elsewhere=kind.wire == "openai" and not official),
        key=key,
        official=official,
        local=kind.local if official else bool(base_url) and is_loopback(base_url),
        never_sent=frozenset(config.drop_params),
        label=config.label or kind.label,
    )


def provider_for(adapter: Adapter) -> Provider:
    """The adapter of the kind's wire, each imported when first wanted."""
    match adapter.kind.wire:
        case "openai":
            from .openai_wire import OpenAIWire

            return OpenAIWire(adapter)
        case "anthropic":
            from .anthropic_wire import AnthropicWire

            return AnthropicWire(adapter)
        case "gemini":
            from .gemini_wire import GeminiWire

            return GeminiWire(adapter)
        case "ollama":
            from .ollama_wire import OllamaWire

            return OllamaWire(adapter)
        case "demo":
            from .scripted import Scripted

            return Scripted(name=adapter.name)
        case "litellm":
            from .litellm import LiteLLM

            return LiteLLM(adapter)


def _base_url(url: str, wire: Wire) -> str:
    """The address as the wire's paths continue it; people write it with and without the API's own first step."""
    url = url.rstrip("/")
    if not url or wire == "demo":
        return url
    try:
        is_address = httpx.URL(url).scheme in ("http", "https")
    except (httpx.InvalidURL, ValueError):
        is_address = False
    if not is_address:
        raise ConfigError(f"The base_url {url!a} is no web address.", hint="Write it as in http://127.0.0.1:8000/v1.")
    has_path = "/" in url.split("://", 1)[1]
    match wire:
        case "openai":
            return url if has_path else f"{url}/v1"
        case "gemini":
            return url if has_path else f"{url}/v1beta"
        case "anthropic":
            return url.removesuffix("/v1")
        case "ollama":
            return url.removesuffix("/v1").removesuffix("/api")
        case "litellm":
            return url


def _credentials(wire: Wire, key: str | None) -> dict[str, str]:
    fixed = {"anthropic-version": "2023-06-01"} if wire == "anthropic" else {}
    if not key:
        return fixed
    match wire:
        case "anthropic":
            return {**fixed, "x-api-key": key}
        case "gemini":
            return {"x-goog-api-key": key}
        case "litellm" | "demo":
            return {}
        case _:
            return {"Authorization": f"Bearer {key}"}
