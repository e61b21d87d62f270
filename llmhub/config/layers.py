"""A layer: settings as plain values from one source, each with the place where it was written.

Of two merged layers the later one wins.
It knows nothing of which settings exist, except when it reads the environment: there a schema says what a name means.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Union, cast, get_args, get_origin

from pydantic import BaseModel, SecretStr

from ..errors import ConfigError

Key = tuple[str, ...]
"""A setting's way down from the root; an item of a list is its index as text."""


def dotted(key: Key) -> str:
    """`("providers", "lab")` as people write it."""
    return ".".join(key)


@dataclass(frozen=True)
class Place:
    """Where a setting was written."""

    source: str
    """ "file /path/llmhub.yaml", "environment LLMHUB_…", "host" or "user"."""
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"

    def words(self) -> str:
        """The place as it stands in a sentence."""
        kind, _, rest = self.source.partition(" ")
        match kind:
            case "file":
                return f"in {rest}" + ("" if self.line is None else f", line {self.line}")
            case "environment":
                return f"in the environment variable {rest}"
            case "host":
                return "in Jupyter's setting c.LLMHub.settings"
            case "user":
                return "in your own settings"
            case _:
                return ""


@dataclass(frozen=True)
class Layer:
    """Values and their places. `places` has every key of `values`, branches included."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    places: dict[Key, Place] = field(default_factory=dict[Key, Place])

    def place(self, key: Key) -> Place:
        """Where `key`, or the nearest thing above it, was written."""
        for end in range(len(key), -1, -1):
            if found := self.places.get(key[:end]):
                return found
        return Place("default")

    def value(self, key: Key) -> Any:
        """The value of `key`; None when there is none."""
        here: Any = self.values
        for part in key:
            here = cast(dict[str, Any], here).get(part) if isinstance(here, dict) else None
        return here

    def leaves(self) -> Iterator[tuple[Key, Any]]:
        """Every value that is not a mapping, lists being one value."""
        yield from _leaves((), self.values)

    def sources(self) -> dict[str, str]:
        """Dotted setting → its source, for every leaf."""
        return {dotted(key): str(self.place(key)) for key, _ in self.leaves()}

    def without(self, key: Key) -> Layer:
        """The same without one leaf."""
        values = _copied(self.values)
        branch: Any = values
        for part in key[:-1]:
            branch = branch[part]
        del branch[key[-1]]
        return Layer(values, {k: place for k, place in self.places.items() if k[: len(key)] != key})


def layer_of(values: Mapping[Any, Any], source: str) -> Layer:
    """A layer from a plain mapping, all of it written in one place. Keys that are no text are a `ConfigError`."""
    place = Place(source)
    places: dict[Key, Place] = {(): place}

    def walk(key: Key, value: Any) -> Any:
        places[key] = place
        if isinstance(value, Mapping):
            result: dict[str, Any] = {}
            for name, inner in cast(Mapping[Any, Any], value).items():
                if not isinstance(name, str):
                    raise ConfigError(
                        f"A key under `{dotted(key) or 'the settings'}` {place.words()} is no text.",
                        hint="Keys of settings are names.",
                        details={"key": dotted(key), "source": source},
                    )
                result[name] = walk((*key, name), inner)
            return result
        if isinstance(value, list | tuple):
            return [walk((*key, str(i)), inner) for i, inner in enumerate(cast(list[Any], value))]
        return value

    return Layer(cast(dict[str, Any], walk((), values)), places)


def merged(base: Layer, top: Layer) -> Layer:
    """`base` overlaid with `top`: mappings are joined, everything else is replaced."""
    values = _copied(base.values)
    places = dict(base.places)

    def lay(key: Key, below: dict[str, Any], above: Mapping[str, Any]) -> None:
        for name, value in above.items():
            here = (*key, name)
            under = below.get(name)
            if isinstance(value, dict) and isinstance(under, dict):
                lay(here, cast(dict[str, Any], under), cast(dict[str, Any], value))
                continue
            below[name] = _copied(value)
            for gone in [k for k in places if k[: len(here)] == here]:
                del places[gone]
            places.update({k: place for k, place in top.places.items() if k[: len(here)] == here})

    lay((), values, top.values)
    return Layer(values, places)


# ---- the environment

PREFIX = "LLMHUB_"
_NOT_SETTINGS = {"LLMHUB_CONFIG", "LLMHUB_DATA_DIR", "LLMHUB_SERVER", "LLMHUB_TOKEN"}


def layer_from_environment(
    env: Mapping[str, str], schema: type[BaseModel], known: Mapping[str, Any], parse: Callable[[str, Place], Any]
) -> tuple[Layer, list[str]]:
    """The settings in `LLMHUB_A__B` variables, and warnings about variables that are none.

    `known` are the settings so far: `LLMHUB_PROVIDERS__MY_LAB__API_KEY` finds a provider that the file calls `My-Lab`.
    An unknown first name is only a warning, because others put names there too: Kubernetes sets `LLMHUB_PORT` in every pod
    beside a service called llmhub. An empty variable counts as not set.
    """
    result = Layer(places={(): Place("environment")})
    warnings: list[str] = []
    variables = [name for name in env if name.startswith(PREFIX) and name not in _NOT_SETTINGS and env[name].strip()]
    for variable in sorted(variables, key=lambda name: (name.count("__"), name)):
        place = Place(f"environment {variable}")
        key, kind = _setting(variable.removeprefix(PREFIX).split("__"), schema, known)
        if len(key) == 1 and kind is None:
            warnings.append(f"The environment variable {variable} is no setting of llmhub; it was left alone.")
            continue
        value = _read(env[variable], kind, place, parse)
        one: Any = value
        for part in reversed(key):
            one = {part: one}
        result = merged(result, layer_of(one, place.source))
    return result, warnings


def _setting(parts: list[str], schema: type[BaseModel], known: Mapping[str, Any]) -> tuple[Key, Any]:
    """The setting that a variable's name means, and its type (None: no such setting)."""
    key: list[str] = []
    here: Any = schema
    beside: Any = known
    for part in parts:
        names = fields_of(here) if (isinstance(here, type) and issubclass(here, BaseModel)) else beside
        listed = list(cast(Mapping[str, Any], names)) if isinstance(names, Mapping) else []
        name = next((each for each in listed if _shape(each) == _shape(part)), part.lower())
        key.append(name)
        here = annotation_under(here, name)
        beside = cast(Mapping[str, Any], beside).get(name) if isinstance(beside, Mapping) else None
    return tuple(key), here


def _shape(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _read(text: str, kind: Any, place: Place, parse: Callable[[str, Place], Any]) -> Any:
    """A variable's text as the type that its setting has: lists also as `a,b`, everything that is no text as YAML or JSON."""
    if kind is None or kind in (str, SecretStr):
        return text
    if get_origin(kind) is tuple and not text.lstrip().startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    return parse(text, place)


# ---- what a schema says


@cache
def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    """Name → type of a section's settings."""
    return {name: _plain(info.annotation) for name, info in model.model_fields.items()}


def annotation_under(kind: Any, name: str) -> Any:
    """The type of `name` in a section, mapping or list; None when there is no such thing."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return fields_of(kind).get(name)
    if kind is Any:
        return Any
    if get_origin(kind) is dict:
        return _plain(get_args(kind)[1])
    if get_origin(kind) is tuple:
        return _plain(get_args(kind)[0])
    return None


def is_mapping(kind: Any) -> bool:
    """Whether a setting of this type is written as `key: value` lines."""
    return get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, BaseModel))


def _plain(kind: Any) -> Any:
    """`X | None` as `X`."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(each for each in get_args(kind) if each is not type(None))
    return kind


# ---- trees of plain values


def _leaves(key: Key, value: Any) -> Iterator[tuple[Key, Any]]:
    if isinstance(value, dict) and (value or not key):
        for name, inner in cast(dict[str, Any], value).items():
            yield from _leaves((*key, name), inner)
    else:
        yield key, value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in cast(list[Any], value)]
    return value
