"""`llmhub.yaml` as a layer of plain values that know their lines.

It accepts plain YAML: mappings, lists and scalars. `${NAME}` needs no quotes, also not in `{X-Project: ${PROJECT}}`, where YAML
itself would stumble over the brace. Messages quote nothing of the file, because a key may stand on the line.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

import yaml

from ..errors import ConfigError
from .layers import Key, Layer, Place, dotted

FILE_NAME = "llmhub.yaml"
_MAX_BYTES = 1 << 20
_MAX_NODES = 50_000
"""A file of a megabyte can describe billions of values with aliases; no real one comes near this."""

_Quick: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BRACKETS, _INDENT = 2_000, 100
"""At most so many, and so wide, may be what the quick reader gets."""

_YAML = "tag:yaml.org,2002:"

# Noncharacters, one for each of `$`, `{` and `}`, so that columns stay right.
_HIDE = str.maketrans("${}", "\ufdd0\ufdd1\ufdd2")
_SHOW = str.maketrans("\ufdd0\ufdd1\ufdd2", "${}")


def find_file(env: Mapping[str, str], search: Sequence[Path | str]) -> tuple[Path | None, list[str]]:
    """The settings file: what `LLMHUB_CONFIG` names, else the first `llmhub.yaml` in `search`; and warnings."""
    if named := env.get("LLMHUB_CONFIG", "").strip():
        return Path(named).expanduser().absolute(), []
    warnings: list[str] = []
    for folder in search:
        path = Path(folder) / FILE_NAME
        if path.exists():
            return path.absolute(), warnings
        if path.with_suffix(".yml").exists():
            warnings.append(f"{path.with_suffix('.yml')} is not read; llmhub's settings file is called {FILE_NAME}.")
    return None, warnings


def read_file(path: Path) -> Layer:
    """The file's layer. Whatever is wrong with the file is a `ConfigError` that names it and, where there is one, the line."""
    source = f"file {path}"
    details = {"source": source}
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError as exc:
        raise ConfigError(
            f"The settings file {path} does not exist.",
            hint="Create it, or correct or remove the environment variable LLMHUB_CONFIG.",
            details=details,
        ) from exc
    except IsADirectoryError as exc:
        raise ConfigError(
            f"{path} is a folder, but llmhub's settings are a file.",
            hint=f"Name the file itself, for example {path / FILE_NAME}.",
            details=details,
        ) from exc
    except OSError as exc:
        raise ConfigError(
            f"The settings file {path} cannot be read: {exc.strerror or type(exc).__name__}.",
            hint="Check who owns it and who may read it.",
            details=details,
        ) from exc
    if len(data) > _MAX_BYTES:
        raise ConfigError(
            f"The settings file {path} is larger than 1 MB.", hint="Is it the right file? Settings are short.", details=details
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        raise ConfigError(
            f"The settings file {path} is not UTF-8 text: line {line} holds a byte that is no character.",
            hint="Save it as UTF-8.",
            details={**details, "line": line},
        ) from exc
    return parse_layer(text, Place(source))


def readable_by_others(path: Path) -> bool:
    """Whether other accounts on this machine may read the file."""
    return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def parse_layer(text: str, place: Place) -> Layer:
    """A YAML text whose root is a mapping (or nothing) as a layer."""
    reader = _Reader(place)
    root = reader.compose(text)
    if root is None or reader.is_null(root):
        return Layer({}, {(): place})
    if not isinstance(root, yaml.MappingNode):
        raise reader.fault(
            "The settings are not `key: value` lines, but something else.", root, hint="Start with, for example, `providers:`."
        )
    return Layer(reader.value((), root), reader.places)


def parse_value(text: str, place: Place) -> Any:
    """A YAML (or JSON) text as a plain value."""
    reader = _Reader(place)
    root = reader.compose(text)
    return None if root is None else reader.value((), root)


def _is_flat(text: str) -> bool:
    """Whether a text may be given to libyaml's reader, which is ten times as quick, but would fall over what is nested too deeply.

    Depth comes from brackets, and from what stands in front of a value in its line.
    """
    brackets = text.count("[") + text.count("{")
    return brackets <= _BRACKETS and all(len(line) - len(line.lstrip(" -?:\t")) <= _INDENT for line in text.splitlines())


class _Reader:
    """Walks YAML's nodes rather than its values: nodes know their lines, and duplicates are still there."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.places: dict[Key, Place] = {}
        self._scalars = yaml.constructor.SafeConstructor()
        self._nodes = 0
        self._open: set[int] = set()

    def compose(self, text: str) -> yaml.Node | None:
        hidden = re.sub(r"\$\{[^{}\[\]\s,\"'#]*\}", lambda found: found.group().translate(_HIDE), text)
        if _is_flat(hidden):
            with suppress(yaml.YAMLError):  # whatever is wrong, the other reader says it in words that we know
                return cast(yaml.Node | None, yaml.compose(hidden, Loader=_Quick))  # pyright: ignore[reportUnknownMemberType]
        try:
            return cast(yaml.Node | None, yaml.compose(hidden, Loader=yaml.SafeLoader))  # pyright: ignore[reportUnknownMemberType]
        except yaml.MarkedYAMLError as exc:
            raise self._syntax(exc) from None
        except yaml.reader.ReaderError as exc:
            line = text[: exc.position].count("\n") + 1
            raise self._error("It holds a character that YAML does not allow.", line, hint="Remove control characters.") from None
        except RecursionError:
            raise self._error("It is nested too deeply.", None, hint="Settings are a few levels deep.") from None

    def value(self, key: Key, node: yaml.Node) -> Any:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise self.fault(
                "It describes far too many values.", node, hint="Aliases (`*name`) inside aliases multiply; write them out."
            )
        if id(node) in self._open:
            raise self.fault(f"`{dotted(key)}` contains itself.", node, hint="Remove the alias (`*name`) that points upwards.")
        self.places[key] = Place(self.place.source, self.line(node))
        self._open.add(id(node))
        try:
            if not isinstance(node, yaml.ScalarNode) and node.tag not in (f"{_YAML}map", f"{_YAML}seq"):
                raise self._tagged(key, node)
            match node:
                case yaml.MappingNode():
                    return self._mapping(key, node)
                case yaml.SequenceNode():
                    return [self.value((*key, str(i)), inner) for i, inner in enumerate(node.value)]
                case _:
                    return self._scalar(key, node)
        finally:
            self._open.discard(id(node))

    def _mapping(self, key: Key, node: yaml.MappingNode) -> dict[str, Any]:
        merge = f"{_YAML}merge"
        result: dict[str, Any] = {}
        for name_node, value_node in node.value:
            if name_node.tag == merge:
                result = {**self._included(key, value_node), **result}
        seen: dict[str, int | None] = {}
        for name_node, value_node in node.value:
            if name_node.tag == merge:
                continue
            if not isinstance(name_node, yaml.ScalarNode):
                raise self.fault(
                    f"A key under `{dotted(key) or 'the root'}` is no name but a list or mapping.",
                    name_node,
                    hint="Is a `${NAME}` or a brace out of place? Put the text in quotes.",
                )
            name = str(name_node.value).translate(_SHOW)
            if name in seen:
                raise self.fault(
                    f"`{dotted((*key, name))}` stands there twice (first on line {seen[name]}).",
                    name_node,
                    hint="Keep one of them; join what is under them.",
                    key=(*key, name),
                )
            seen[name] = self.line(name_node)
            result[name] = self.value((*key, name), value_node)
            self.places[(*key, name)] = Place(self.place.source, self.line(name_node))
        return result

    def _included(self, key: Key, node: yaml.Node) -> dict[str, Any]:
        """What `<<: *name` brings in."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        result: dict[str, Any] = {}
        for each in nodes:
            if not isinstance(each, yaml.MappingNode):
                raise self.fault("`<<` includes something that is no mapping.", node, hint="Write `<<: *name` of a mapping.")
            result = {**self.value(key, each), **result}
        return result

    def _scalar(self, key: Key, node: yaml.Node) -> Any:
        text = str(node.value).translate(_SHOW)
        kind = node.tag.removeprefix(_YAML) if node.tag.startswith(_YAML) else ""
        if kind in ("null", "bool", "int", "float"):
            try:
                return cast(Any, self._scalars.construct_object(node))  # pyright: ignore[reportUnknownMemberType]
            except (ValueError, KeyError, yaml.YAMLError):
                raise self.fault(f"`{dotted(key)}` cannot be read.", node, hint="Put it in quotes.", key=key) from None
        if kind in ("str", "timestamp", "value"):
            return text
        raise self._tagged(key, node)

    def _tagged(self, key: Key, node: yaml.Node) -> ConfigError:
        what = f"`{dotted(key)}` has a YAML tag (`!...`), which settings do not use."
        return self.fault(what, node, hint="Put the text in quotes.", key=key)

    def is_null(self, node: yaml.Node) -> bool:
        return node.tag == f"{_YAML}null"

    def line(self, node: yaml.Node) -> int | None:
        """The node's line from 1; None where lines mean nothing (an environment variable)."""
        return node.start_mark.line + 1 if self.place.source.startswith("file ") else None

    def fault(self, what: str, node: yaml.Node, *, hint: str, key: Key = ()) -> ConfigError:
        return self._error(what, self.line(node), hint=hint, key=key)

    def _syntax(self, exc: yaml.MarkedYAMLError) -> ConfigError:
        mark = exc.problem_mark or exc.context_mark
        line = None if mark is None else mark.line + 1
        column = None if mark is None else mark.column + 1
        problem = (exc.problem or exc.context or "it cannot be read").translate(_SHOW)
        hint = "Check the indentation and the colons around that line; text with special characters goes in quotes."
        if "'\\t'" in problem:
            problem, hint = "a tab stands where YAML wants spaces", "Indent with spaces."
        elif "undefined alias" in problem or "scanning an alias" in (exc.context or ""):
            problem, hint = "a value begins with `*`, which YAML takes for an alias", "Put the value in quotes."
        # What YAML quotes may be a piece of a key; its own names of tokens are in angle brackets.
        problem = re.sub(r"'([^'\n]*)'", lambda said: said[0] if len(said[1]) < 2 or said[1][0] == "<" else "something", problem)
        where = f" (column {column})" if column is not None else ""
        return self._error(f"It is not valid YAML: {problem}{where}.", line, hint=hint, column=column)

    def _error(self, what: str, line: int | None, *, hint: str, key: Key = (), column: int | None = None) -> ConfigError:
        place = Place(self.place.source, line if self.place.source.startswith("file ") else None)
        details: dict[str, Any] = {"source": place.source}
        details |= {"line": place.line} if place.line is not None else {}
        details |= {"column": column} if column is not None else {}
        details |= {"key": dotted(key)} if key else {}
        return ConfigError(f"The settings {place.words()} cannot be used. {what}", hint=hint, details=details)
