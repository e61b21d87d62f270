"""`${NAME}` in settings, filled in from the environment when they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from .config_layers import Key, Layer, Place, dotted
from .errors import ConfigError

_VARIABLE = re.compile(r"\$\$\{|\$\{([^{}\n]*)\}?")


def expanded(layer: Layer, env: Mapping[str, str], warnings: list[str]) -> Layer:
    """Fill `${NAME}` in; `$${` is a plain `${`.

    A key whose variable is missing is absent, with a warning: the user is asked for one then. Anything else is an error.
    """

    def walk(key: Key, value: Any) -> Any:
        match value:
            case dict():
                return {name: walk((*key, name), inner) for name, inner in cast(dict[str, Any], value).items()}
            case list():
                return [walk((*key, str(i)), inner) for i, inner in enumerate(cast(list[Any], value))]
            case str():
                return text(key, value)
            case _:
                return value

    def text(key: Key, value: str) -> str | None:
        missing: list[str] = []

        def fill(found: re.Match[str]) -> str:
            if found.group() == "$${":
                return "${"
            name = found.group(1)
            if not found.group().endswith("}") or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise _variable_fault(key, layer.place(key), "has a `${...}` without the name of a variable in it")
            if not env.get(name):
                missing.append(name)
            return env.get(name, "")

        result = _VARIABLE.sub(fill, value)
        if not missing:
            return result
        place = layer.place(key)
        if key[-1] == "api_key":
            warnings.append(
                f"`{dotted(key)}` {place.words()} asks for the environment variable {missing[0]}, which is not set: no key."
            )
            return None
        raise _variable_fault(key, place, f"asks for the environment variable {missing[0]}, which is not set", variable=missing[0])

    return Layer(walk((), layer.values), layer.places)


def _variable_fault(key: Key, place: Place, what: str, *, variable: str = "") -> ConfigError:
    hint = (
        f"Set {variable} before Jupyter starts, or write the value itself."
        if variable
        else "Write ${NAME}; for a plain `${` write `$${`."
    )
    details: dict[str, Any] = {"key": dotted(key), "source": place.source, "line": place.line, "variable": variable}
    return ConfigError(f"`{dotted(key)}` {place.words()} {what}.", hint=hint, details={k: v for k, v in details.items() if v})
