"""`${NAME}` in settings, filled in from the environment when they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from ..errors import ConfigError
from .layers import Key, Layer, dotted

_VARIABLE = re.compile(r"\$\$\{|\$\{([^{}\n]*)(\}?)")


def expanded(layer: Layer, env: Mapping[str, str]) -> tuple[Layer, dict[Key, str]]:
    """Fill `${NAME}` in; `$${` is a plain `${`. A variable that is missing is an error, but not for a key.

    Such a key is absent, so that the user is asked for one; the second result says so in words, by setting.
    """
    keyless: dict[Key, str] = {}

    def walk(key: Key, value: Any) -> Any:
        match value:
            case dict():
                return {name: walk((*key, name), inner) for name, inner in cast(dict[str, Any], value).items()}
            case list():
                return [walk((*key, str(i)), inner) for i, inner in enumerate(cast(list[Any], value))]
            case str():
                text, missing = _filled(layer, key, value, env)
                if not missing:
                    return text
                if key[-1] != "api_key":
                    raise _fault(layer, key, f"asks for the environment variable {missing}, which is not set", variable=missing)
                place = layer.place(key).words()
                keyless[key] = f"`{dotted(key)}` {place} asks for the environment variable {missing}, which is not set: no key."
                return None
            case _:
                return value

    return Layer(walk((), layer.values), layer.places), keyless


def _filled(layer: Layer, key: Key, value: str, env: Mapping[str, str]) -> tuple[str, str]:
    """The text, and the first variable that is missing ("" for none)."""
    missing = ""

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        if found.group() == "$${":
            return "${"
        name, end = found.groups()
        if not end or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise _fault(layer, key, "has a `${...}` without the name of a variable in it")
        missing = missing or ("" if env.get(name) else name)
        return env.get(name, "")

    return _VARIABLE.sub(fill, value), missing


def _fault(layer: Layer, key: Key, what: str, *, variable: str = "") -> ConfigError:
    place = layer.place(key)
    hint = "Write ${NAME}; for a plain `${` write `$${`."
    if variable:
        hint = f"Set {variable} before Jupyter starts, or write the value itself."
    details: dict[str, Any] = {"key": dotted(key), "source": place.source, "line": place.line, "variable": variable}
    return ConfigError(f"`{dotted(key)}` {place.words()} {what}.", hint=hint, details={k: v for k, v in details.items() if v})
