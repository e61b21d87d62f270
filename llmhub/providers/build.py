"""From a provider's configuration and key to the adapter that speaks to it. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import httpx
import orjson

from ..config import ProviderConfig
from ..config.values import is_loopback, key_fault
from ..errors import ConfigError
from .adapter import Adapter
from .base import Provider
from .catalogue import Catalogue
from .fields import ADDRESS, checked
from .http import Endpoint, Http
from .kinds import Wire, kind_named
from .loose import obj, text
from .placeholders import literals


def adapter_for(
    name: str, config: ProviderConfig, key: str | None, catalogue: Catalogue, http: Http, given: Mapping[str, str] | None = None
) -> Adapter:
    """What an adapter for `config` is made of; `given`: what was given for the kind's fields outside of `config`.

    Raises `ConfigError` for a kind that nobody knows, and for an option that the kind does not.
    """
    kind = kind_named(config.kind, catalogue.litellm_kinds, setting=f"providers.{name}.kind")
    if key and (fault := key_fault(key)):
        raise ConfigError(f"The key of '{name}' {fault}.", hint="Enter it again.", details={"key": f"providers.{name}.api_key"})
    secret = {field: value.get_secret_value() for field, value in config.credentials.items()}
    by_params = {field.name: str(config.params[field.argument]) for field in kind.fields if config.params.get(field.argument)}
    given = {**(given or {}), **by_params}
    fields = checked(name, kind.label, kind.fields, config.options, secret, given)
    address = config.base_url or fields.pop(ADDRESS, None)
    base_url = _base_url(address or kind.base_url or "", kind.wire)
    # Another address that speaks OpenAI's protocol can be anybody's; for the other wires it is a gateway to the same models.
    official = config.base_url is None or base_url == kind.base_url or kind.has_address_of_ones_own
    headers = {**_credentials(kind.wire, key), **config.headers}
    own = {header.lower() for header in config.headers}
    headers = {header: value for header, value in headers.items() if header in config.headers or header.lower() not in own}
    hidden = [fields[field.name] for field in kind.fields if field.secret and field.name in fields]
    secrets = (
        *((key,) if key else ()),
        *(text for value in config.headers.values() for text in literals(value)),
        *hidden,
        *_within(hidden),
    )
    return Adapter(
        name=name,
        kind=kind,
        endpoint=Endpoint(name, base_url, headers, config.timeouts, secrets),
        http=http,
        facts=partial(catalogue.facts, kind, elsewhere=kind.wire == "openai" and not official),
        key=key,
        fields={**fields, **({ADDRESS: base_url} if kind.has_address_of_ones_own and base_url else {})},
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


def _within(secrets: Iterable[str]) -> list[str]:
    """The secrets inside of secrets: a service account is JSON with a private key in it."""
    found: list[str] = []
    for secret in secrets:
        if secret.startswith("{"):
            inner = obj(orjson.loads(secret))
            names = ("private_key", "private_key_id", "client_secret", "refresh_token")
            found += [value for name in names if (value := text(inner.get(name)))]
    return found


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
        raise ConfigError(f"The address {url!a} is no web address.", hint="Write it as in http://127.0.0.1:8000/v1.")
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
