"""Providers as a person sees and changes them: what is configured, what could be, and which of it is theirs to change.

It knows no web framework. Nothing here shows a key: `key_source` says where it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..config import Config, ProviderConfig
from ..config.values import is_loopback
from ..errors import ConfigError, Conflict, NotFound
from ..identity import LOCAL, Principal
from ..providers.catalogue import Catalogue
from ..providers.features import lacks
from ..providers.fields import ADDRESS, Field, value_fault
from ..providers.keys import KeySource
from ..providers.kinds import KINDS, Kind, kind_named
from .bodies.providers import FieldView, Key, KindView, ProbeRequest, ProviderChanges, Providers, ProviderView
from .http import invalid, parse

if TYPE_CHECKING:
    from ..workspace import Workspace


async def providers_view(workspace: Workspace) -> Providers:
    """The configured providers in the order of the configuration, then the kinds that could be added as they are."""
    await workspace.catalogue.load()
    configured = workspace.router.providers
    views = [await _configured(workspace, name, config) for name, config in configured.items()]
    views += [await _possible(workspace, kind) for kind in KINDS.values() if kind.name not in configured]
    return Providers(items=tuple(views), kinds=tuple([_kind(kind) for kind in KINDS.values() if kind.wire != "demo"]))


async def put_provider(workspace: Workspace, name: str, body: ProviderChanges, *, principal: Principal = LOCAL) -> None:
    """Add a provider of the user's own, or change it. Raises `Conflict` for one that is configured elsewhere."""
    await workspace.catalogue.load()
    _refuse_what_is_not_theirs(workspace.config, name)
    kind = _known_kind(body.kind, workspace.catalogue)
    if body.base_url is None and kind.wire == "openai" and kind.base_url is None:
        raise invalid(("base_url", "is missing: this kind has no address of its own"))
    _check_options(kind, body.options)
    options = {field: value.strip() or None for field, value in (body.options or {}).items()}
    changes: Mapping[str, Any] = {"kind": body.kind, "base_url": body.base_url, "label": body.label, "options": options}
    await workspace.change_settings({"providers": {name: changes}}, principal=principal)


async def delete_provider(workspace: Workspace, name: str, *, principal: Principal = LOCAL) -> None:
    """Remove a provider of the user's own, and the key that they entered for it."""
    if name not in workspace.config.settings.providers:
        raise _no_provider(name)
    _refuse_what_is_not_theirs(workspace.config, name)
    await workspace.change_settings({"providers": {name: None}}, principal=principal)
    await workspace.keys.delete(name)


async def put_key(workspace: Workspace, name: str, body: Key, *, principal: Principal = LOCAL) -> None:
    """Keep a key, or other secrets. A kind that nobody configured yet becomes a provider by it: one step for who just has a key."""
    config = workspace.router.providers.get(name)
    if config is None and name not in KINDS:
        raise _no_provider(name)
    if body.api_key is None and body.credentials is None:
        raise invalid(("api_key", "is missing, and so are credentials"))
    if body.credentials:
        kind = config.kind if config is not None else name
        secrets = {field: secret.get_secret_value() for field, secret in body.credentials.items()}
        await workspace.keys.set_fields(name, kind, secrets)
    if body.api_key is not None:
        await workspace.keys.set(name, body.api_key.get_secret_value())
    if name not in workspace.router.providers:
        await workspace.change_settings({"providers": {name: {"kind": name}}}, principal=principal)


async def delete_key(workspace: Workspace, name: str) -> None:
    """Forget the key that the user entered."""
    if name not in workspace.router.providers and name not in KINDS:
        raise _no_provider(name)
    await workspace.keys.delete(name)


def config_to_test(workspace: Workspace, name: str, body: ProbeRequest) -> ProviderConfig:
    """What a test of `name` is to speak to. Another address than the stored one gets none of the stored headers."""
    kind, base_url = body.kind, body.base_url
    options = {field: value.strip() for field, value in (body.options or {}).items()}
    stored = workspace.router.providers.get(name)
    if stored is None and kind is None and name not in KINDS:
        raise _no_provider(name)
    _check_options(_known_kind(kind or (stored.kind if stored else name), workspace.catalogue), options)
    if stored is None:
        return parse(ProviderConfig, {"kind": kind or name, "base_url": base_url, "options": options})
    options = {**stored.options, **options}
    if kind in (None, stored.kind) and base_url in (None, stored.base_url):
        return stored.model_copy(update={"options": options})
    changes = {"kind": kind or stored.kind, "base_url": base_url or stored.base_url, "label": stored.label}
    return parse(ProviderConfig, {**changes, "options": options if kind in (None, stored.kind) else body.options or {}})


# ---- how one looks


async def _configured(workspace: Workspace, name: str, config: ProviderConfig) -> ProviderView:
    try:
        kind = kind_named(config.kind, workspace.catalogue.litellm_kinds)
    except ConfigError:  # said where it is used; the list must come all the same
        kind = Kind(config.kind, config.kind, "litellm", needs_key=False)
    official = config.base_url is None or config.base_url.rstrip("/") == kind.base_url or kind.has_address_of_ones_own
    source = await workspace.keys.source(name)
    return ProviderView(
        name=name,
        kind=config.kind,
        label=config.label or (kind.label if official or name == kind.name else name),
        configured=True,
        own=_is_own(workspace.config, name),
        **_key(source),
        base_url=config.base_url or kind.base_url,
        local=kind.local if official else is_loopback(config.base_url or ""),
        needs_key=kind.needs_key and official,
        key_url=kind.key_url if official else None,
        takes_key=kind.takes_key,
        lacks=lacks(kind.name),
        fields=await _fields(workspace, name, kind),
    )


async def _possible(workspace: Workspace, kind: Kind) -> ProviderView:
    source = await workspace.keys.source(kind.name)
    return ProviderView(
        name=kind.name,
        configured=False,
        **_key(source),
        **_kind(kind).model_dump(exclude={"fields"}),
        fields=await _fields(workspace, kind.name, kind),
    )


async def _fields(workspace: Workspace, name: str, kind: Kind) -> tuple[FieldView, ...]:
    """The fields of a provider's kind with what is in them; of a secret only where it comes from."""
    if not kind.fields:
        return ()
    values, sources = await workspace.keys.fields(name), await workspace.keys.field_sources(name)

    def view(field: Field) -> FieldView:
        source = sources.get(field.name)
        return _field(field).model_copy(
            update={
                "value": None if field.secret else values.get(field.name),
                "source": None if source is None else "your settings" if source.name == "user" else _place_of(source),
                "own": source is not None and (source.where in ("keyring", "file") or source.name == "user"),
            }
        )

    return tuple(view(field) for field in kind.fields)


def _field(field: Field) -> FieldView:
    return FieldView(
        name=field.name,
        label=field.label,
        hint=field.hint,
        placeholder=field.placeholder,
        secret=field.secret,
        required=field.required,
        long=field.long,
        env=field.env,
    )


def _key(source: KeySource | None) -> dict[str, Any]:
    return {
        "has_key": source is not None,
        "key_source": None if source is None else _place_of(source),
        "own_key": source is not None and source.where in ("keyring", "file"),
    }


def _place_of(source: KeySource) -> str:
    match source.where:
        case "config":
            return "Jupyter's setting c.LLMHub.settings" if source.name == "host" else source.name
        case "environment":
            return source.name
        case "keyring":
            return "the system's key ring"
        case "file":
            return "an encrypted file"


def _kind(kind: Kind) -> KindView:
    return KindView(
        kind=kind.name,
        label=kind.label,
        base_url=kind.base_url,
        local=kind.local,
        needs_key=kind.needs_key,
        key_url=kind.key_url,
        takes_key=kind.takes_key,
        lacks=lacks(kind.name),
        fields=tuple(_field(field) for field in kind.fields),
    )


def _check_options(kind: Kind, options: Mapping[str, str] | None) -> None:
    """Raises `Invalid` that names the option that the kind does not know or that cannot be."""
    known = {field.name: field for field in kind.fields if not field.secret and field.name != ADDRESS}
    for name, value in (options or {}).items():
        if name not in known:
            raise invalid((f"options.{name}", f"is nothing that {kind.label} knows; it takes {', '.join(known) or 'no options'}"))
        if value.strip() and (fault := value_fault(known[name], value.strip())):
            raise invalid((f"options.{name}", fault))


def _known_kind(name: str, catalogue: Catalogue) -> Kind:
    try:
        return kind_named(name, catalogue.litellm_kinds)
    except ConfigError as exc:
        fault = invalid(("kind", exc.message))
        fault.hint = exc.hint
        raise fault from exc


def _is_own(config: Config, name: str) -> bool:
    return name in config.settings.providers and config.source(f"providers.{name}.kind") == "user"


def _refuse_what_is_not_theirs(config: Config, name: str) -> None:
    if name in config.settings.providers and not _is_own(config, name):
        source = config.source(f"providers.{name}.kind")
        raise Conflict(
            f"'{name}' is configured by {_whom(source)}.",
            hint="Change it there, or add a provider with another name.",
            details={"source": source},
        )


def _whom(source: str) -> str:
    kind, _, rest = source.partition(" ")
    match kind:
        case "file":
            return f"the file {rest}"
        case "environment":
            return f"the environment variable {rest}"
        case _:
            return "Jupyter's setting c.LLMHub.settings"


def _no_provider(name: str) -> NotFound:
    return NotFound(f"There is no provider called '{name}'.", hint="Add it first, or choose one from the list.")
