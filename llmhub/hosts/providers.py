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
from ..providers.keys import KeySource
from ..providers.kinds import KINDS, Kind, kind_named
from .bodies import KindView, ProviderChanges, Providers, ProviderView
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
    changes: Mapping[str, Any] = {"kind": body.kind, "base_url": body.base_url, "label": body.label}
    await workspace.change_settings({"providers": {name: changes}}, principal=principal)


async def delete_provider(workspace: Workspace, name: str, *, principal: Principal = LOCAL) -> None:
    """Remove a provider of the user's own, and the key that they entered for it."""
    if name not in workspace.config.settings.providers:
        raise _no_provider(name)
    _refuse_what_is_not_theirs(workspace.config, name)
    await workspace.change_settings({"providers": {name: None}}, principal=principal)
    await workspace.keys.delete(name)


async def put_key(workspace: Workspace, name: str, key: str, *, principal: Principal = LOCAL) -> None:
    """Keep a key. A kind that nobody configured yet becomes a provider by it: one step for who just has a key."""
    if name not in workspace.router.providers and name not in KINDS:
        raise _no_provider(name)
    await workspace.keys.set(name, key)
    if name not in workspace.router.providers:
        await workspace.change_settings({"providers": {name: {"kind": name}}}, principal=principal)


async def delete_key(workspace: Workspace, name: str) -> None:
    """Forget the key that the user entered."""
    if name not in workspace.router.providers and name not in KINDS:
        raise _no_provider(name)
    await workspace.keys.delete(name)


def config_to_test(workspace: Workspace, name: str, kind: str | None, base_url: str | None) -> ProviderConfig:
    """What a test of `name` is to speak to. Another address than the stored one gets none of the stored headers."""
    stored = workspace.router.providers.get(name)
    if stored is None and kind is None and name not in KINDS:
        raise _no_provider(name)
    _known_kind(kind or (stored.kind if stored else name), workspace.catalogue)
    if stored is None:
        return parse(ProviderConfig, {"kind": kind or name, "base_url": base_url})
    if kind in (None, stored.kind) and base_url in (None, stored.base_url):
        return stored
    return parse(ProviderConfig, {"kind": kind or stored.kind, "base_url": base_url or stored.base_url, "label": stored.label})


# ---- how one looks


async def _configured(workspace: Workspace, name: str, config: ProviderConfig) -> ProviderView:
    try:
        kind = kind_named(config.kind, workspace.catalogue.litellm_kinds)
    except ConfigError:  # said where it is used; the list must come all the same
        kind = Kind(config.kind, config.kind, "litellm", needs_key=False)
    official = config.base_url is None or config.base_url.rstrip("/") == kind.base_url
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
    )


async def _possible(workspace: Workspace, kind: Kind) -> ProviderView:
    source = await workspace.keys.source(kind.name)
    return ProviderView(
        name=kind.name,
        configured=False,
        **_key(source),
        **_kind(kind).model_dump(),
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
            return _whom(source.name)
        case "environment":
            return source.name
        case "keyring":
            return "the system's key ring"
        case "file":
            return "an encrypted file"


def _kind(kind: Kind) -> KindView:
    return KindView(
        kind=kind.name, label=kind.label, base_url=kind.base_url, local=kind.local, needs_key=kind.needs_key, key_url=kind.key_url
    )


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
