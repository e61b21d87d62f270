"""`llmhub config check | show | schema`: is what llmhub is told right, what holds, and what could be said."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, cast

from ...config import Settings
from ...config.data_dir import data_dir_path
from ...config.layers import Layer
from ...config.load import Told, read_settings
from ...config.schema import schema_text
from ...config.user import UserSettings
from ...errors import ConfigError
from ...identity import Principal
from ...policy import role_of
from ...providers import fields
from ...providers.catalogue import Catalogue
from ...providers.kinds import KINDS, kind_named
from ...providers.overrides import is_pattern
from ...providers.router import DEMO
from ..server.settings_view import settings_of

MASK: Final = "********"


def define(parser: argparse.ArgumentParser) -> None:
    """Its verbs."""
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    check = verbs.add_parser("check", help="say what is wrong with the configuration, and where")
    check.set_defaults(run=_check)
    show = verbs.add_parser("show", help="print what holds, and where each value came from; secrets are masked")
    show.add_argument("--json", action="store_true", help="as JSON")
    show.add_argument("--role", metavar="ROLE", help="as it holds for who has this role")
    show.add_argument("--user", metavar="NAME", help="as it holds for this person")
    show.add_argument("--group", metavar="GROUP", action="append", default=[], help="with --user: a group that they are in")
    show.set_defaults(run=_show)
    for verb in (check, show):
        verb.add_argument("file", nargs="?", metavar="FILE", help="instead of the file that a server started here would read")
    schema = verbs.add_parser("schema", help="print the JSON schema of llmhub.yaml, for editors")
    schema.set_defaults(run=_schema)


def _check(told: argparse.Namespace) -> int:
    try:
        found = _read(told.file)
        asyncio.run(_check_kinds(found.settings, found.layer))
    except ConfigError as exc:
        _print_faults(exc)
        return 1
    for doubt in (*found.warnings, *_strangers(found.settings)):
        print(f"warning: {doubt}")
    if found.path is None:
        print("No llmhub.yaml was found; the defaults, the environment and your own settings are in order.")
    else:
        print(f"{found.path} is in order.")
    return 0


def _show(told: argparse.Namespace) -> int:
    found = _read(told.file)
    role = told.role or (role_of(found.settings, Principal(told.user, groups=frozenset(told.group))) if told.user else None)
    try:
        found = found if role is None else found.as_role(role)
    except ConfigError as exc:
        _print_faults(exc)
        return 1
    settings = {
        key: {"value": value, "origin": str(found.layer.place(way)) if way else "default"} for key, value, way in _placed(found)
    }
    if told.json:
        file = None if found.path is None else str(found.path)
        document = {
            "file": file,
            "role": role,
            "data_dir": str(data_dir_path(os.environ)),
            "settings": settings,
            "warnings": found.warnings,
        }
        print(json.dumps(document, indent=1, ensure_ascii=False))
        return 0
    lines = [(f"{key}: {json.dumps(each['value'], ensure_ascii=False)}", each["origin"]) for key, each in settings.items()]
    if told.user:
        print(f"# {told.user} has " + ("no role" if role is None else f"the role {role}"))
    width = min(max(len(line) for line, _ in lines), 72)
    for line, origin in lines:
        print(f"{line:<{width}}  # {origin}")
    for warning in found.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return 0


def _schema(told: argparse.Namespace) -> int:
    print(schema_text(), end="")
    return 0


# ---- steps


def _read(file: str | None) -> Told:
    env = {**os.environ, **({"LLMHUB_CONFIG": str(Path(file).absolute())} if file else {})}
    return read_settings(env, host_settings=_host_settings(), user_settings=UserSettings.of(data_dir_path(env)).peek())


def _host_settings() -> dict[str, Any]:
    """`c.LLMHub.settings` as a server finds it in Jupyter's configuration files; what stands on its command line is not known."""
    from jupyter_core.application import JupyterApp

    found: dict[str, Any] = {}
    for name in ("jupyter_server", "jupyter_llmhub"):
        app = JupyterApp(config_file_name=f"{name}_config")
        app.load_config_file()
        found |= cast("dict[str, Any]", app.config["LLMHub"].get("settings", {}))
    return found


def _placed(found: Told) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Dotted setting, value as it may be seen, and its way in the layer; () for a default."""
    ways = {".".join(key): key for key, _ in found.layer.leaves()}
    for key, value in settings_of(found.settings, mask=MASK):
        parts = key.split(".")
        near = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
        yield key, value, next((ways[name] for name in near if name in ways), ())


def _print_faults(exc: ConfigError) -> None:
    """A line per fault, as compilers write it: file, line, words."""
    faults = cast("list[dict[str, Any]]", exc.details.get("errors") or [{**exc.details, "message": exc.message, "hint": exc.hint}])
    for fault in faults:
        source = str(fault.get("source", ""))
        message = str(fault.get("message", ""))
        if source.startswith("file "):
            path, line = source.removeprefix("file "), fault.get("line")
            words = f" in {path}" + (f", line {line}" if line else "")
            message = f"{path}:{f'{line}:' if line else ''} {message.replace(words, '', 1)}"
        print(message)
        if hint := fault.get("hint"):
            print(f"  {hint}")


async def _check_kinds(settings: Settings, layer: Layer) -> None:
    """A kind that nobody knows, and an option that its kind does not, are said here, before somebody asks a model."""
    catalogue = Catalogue()
    await catalogue.load()
    faults: list[dict[str, Any]] = []
    for name, config in settings.providers.items():
        key = ("providers", name, "kind")
        try:
            kind = kind_named(config.kind, catalogue.litellm_kinds, setting=".".join(key))
            secret = {field: value.get_secret_value() for field, value in config.credentials.items()}
            fields.checked(name, kind.label, kind.fields, config.options, secret)
        except ConfigError as exc:
            below = str(exc.details.get("key", ".".join(key))).removeprefix(f"providers.{name}.")
            key = ("providers", name, *below.split("."))
            place = layer.place(key)
            said = {"message": exc.message, "hint": exc.hint}
            faults.append({"key": ".".join(key), "source": place.source, "line": place.line, **said})
    if faults:
        raise ConfigError(str(faults[0]["message"]), details={"errors": faults})


def _strangers(settings: Settings) -> Iterator[str]:
    """Models that are no alias, and whose provider nobody configured (a key may still bring it)."""
    for key, model in _named_models(settings):
        name, slash, _ = model.partition("/")
        if model in settings.aliases or is_pattern(model):
            continue
        if not slash:
            near = difflib.get_close_matches(model, settings.aliases, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            yield f"`{key}` names '{model}', which is neither an alias nor `provider/model`.{meant}"
            continue
        if name not in settings.providers and name not in KINDS and name != DEMO:
            yield f"`{key}` names '{model}', but no provider is called '{name}'."


def _named_models(settings: Settings) -> Iterable[tuple[str, str]]:
    if settings.default_model:
        yield "default_model", settings.default_model
    if settings.title_model:
        yield "title_model", settings.title_model
    if settings.completion_model:
        yield "completion_model", settings.completion_model
    if settings.compaction.model:
        yield "compaction.model", settings.compaction.model
    yield from (("fallback_models", model) for model in settings.fallback_models)
    for name, chain in settings.fallbacks.items():
        yield from ((f"fallbacks.{name}", model) for model in (name, *chain))
    yield from ((f"aliases.{name}", model) for name, model in settings.aliases.items())
    yield from (("models", model) for model in settings.models)
    yield from ((f"presets.{name}.model", preset.model) for name, preset in settings.presets.items() if preset.model)
    for name, role in settings.roles.items():
        yield from ((f"roles.{name}.models", model) for model in role.models or ())
        if role.default_model:
            yield f"roles.{name}.default_model", role.default_model
        if role.completion_model:
            yield f"roles.{name}.completion_model", role.completion_model
