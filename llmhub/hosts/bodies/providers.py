"""Providers, what their kinds need, and how a test of them went."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from ...messages import ErrorInfo, Value
from .fields import Address, Listed


class FieldView(Value):
    """What a kind of provider needs beyond a key. `value` only where it is no secret; `source` says where it is from, if it is set.

    `name` is `base_url` for the address, else one of `options`, or of `credentials` where it is a secret.
    """

    name: str
    label: str
    hint: str = ""
    placeholder: str = ""
    secret: bool = False
    required: bool = False
    long: bool = False
    env: tuple[str, ...] = ()
    value: str | None = None
    source: str | None = None
    own: bool = False
    """The user entered it, and may change it."""


class ProviderView(Value):
    """One provider. `key_source` says where its key comes from, in words; the key itself is never shown.

    `own`: the user set it up and may remove it; `own_key`: the user entered its key and may have it forgotten.
    """

    name: str
    kind: str
    label: str
    configured: bool
    own: bool = False
    has_key: bool
    key_source: str | None
    own_key: bool = False
    base_url: str | None
    local: bool
    needs_key: bool
    key_url: str | None
    takes_key: bool = True
    lacks: tuple[str, ...] = ()
    """What none of its models can do there: tools, images, reasoning, json_schema, caching."""
    fields: tuple[FieldView, ...] = ()


class KindView(Value):
    """A kind of provider that can be added."""

    kind: str
    label: str
    base_url: str | None
    local: bool
    needs_key: bool
    key_url: str | None
    takes_key: bool = True
    lacks: tuple[str, ...] = ()
    """What none of its models can do there: tools, images, reasoning, json_schema, caching."""
    fields: tuple[FieldView, ...] = ()


FieldName = Annotated[str, Field(min_length=1, max_length=100)]
Options = dict[FieldName, Annotated[str, Field(max_length=1000)]]
Credentials = dict[FieldName, Annotated[SecretStr, Field(max_length=30_000)]]


class ProviderChanges(Value):
    """A provider of the user's own. `options`: the fields of its kind that are no secrets; one that is empty is taken away."""

    kind: Annotated[str, Field(min_length=1, max_length=100)]
    base_url: Address | None = None
    label: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    options: Options | None = None


class Key(Value):
    """A key, or the secret fields of the provider's kind.

    They go to the key ring and are never given back. A field that is empty is forgotten.
    """

    api_key: Annotated[SecretStr, Field(min_length=1, max_length=10_000)] | None = None
    credentials: Credentials | None = None


class ProbeRequest(Value):
    """What to test instead of what is stored: a form can be tested before it is saved."""

    kind: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    base_url: Address | None = None
    api_key: Annotated[SecretStr, Field(max_length=10_000)] | None = None
    options: Options | None = None
    credentials: Credentials | None = None
    model: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class CheckView(Value):
    """One thing that was tried."""

    name: str
    ok: bool | None
    detail: str


class ProbeView(Value):
    """What works: reachable, key accepted, models, streaming, tools."""

    ok: bool
    latency_ms: float | None
    models: tuple[str, ...]
    error: ErrorInfo | None
    checks: tuple[CheckView, ...]


class FoundServer(Value):
    """A model server that answers on this machine."""

    name: str
    kind: str
    base_url: str
    label: str
    models: tuple[str, ...]
    needs_key: bool = False


class Providers(Listed[ProviderView]):
    """Providers, and the kinds that can be added."""

    kinds: tuple[KindView, ...] = ()


class FoundServers(Listed[FoundServer]):
    """Model servers found on this machine."""
