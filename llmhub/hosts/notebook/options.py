"""What may stand behind `%llm` and `%%llm`, and how it is read.

Before a question on one line options come first, and the question begins with the first word that is none: nothing in it is an
option, a quote or a brace, whatever it looks like.
"""

from __future__ import annotations

import difflib
import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from ...errors import Invalid
from ...params import Params


@dataclass(frozen=True, slots=True)
class Option:
    """One of them. `value` is what its argument is called; "" for a switch."""

    names: tuple[str, ...]
    value: str
    help: str
    more: bool = False
    """It may be given more than once."""

    @property
    def key(self) -> str:
        """Under which what was given is kept."""
        return self.names[-1].lstrip("-").replace("-", "_")


OPTIONS: Final = (
    Option(("-m", "--model"), "MODEL", "who answers, as `%llm models` lists them, or an alias"),
    Option(("-s", "--system"), "TEXT", "instructions that stand before the question"),
    Option(("-t", "--temperature"), "NUMBER", "how free the answer is, 0 to 2"),
    Option(("-c", "--conversation"), "NAME", "a running conversation by its name; `new` begins one, `none` keeps nothing"),
    Option(("-o", "--output"), "VAR", "the result as this variable: `.text`, `.usage`, `.cost`, `.message`"),
    Option(("-q", "--quiet"), "", "show nothing, for use with `-o`"),
    Option(("-f", "--format"), "FORMAT", "markdown, text, code (for the next cell), json, table, math, html or image"),
    Option(("--run",), "", "run the code at once, when you have agreed; with `-f code`"),
    Option(("--context",), "CELLS", "cells that go along, with what they gave: `last`, `cells` for all, or how many"),
    Option(("--attach",), "FILE", "a file that goes along; may be given again", more=True),
    Option(("--image",), "VAR", "a figure, a picture or an image file that goes along; may be given again", more=True),
    Option(("--schema",), "MODEL", "a pydantic model, a type or a JSON schema: the result has the object as `.value`"),
    Option(("--tools",), "F,G", "functions of this kernel that the model may call"),
    Option(("--budget",), "CHARS", "how many characters a value in {{ }} may take, 8,000 unless told"),
    Option(("--dry-run",), "", "send nothing: show what would be sent, its tokens and its price"),
)
_PARAMS: Final = tuple(
    Option((f"--{name.replace('_', '-')}",), "VALUE", "a parameter of the model")
    for name in Params.model_fields
    if name not in ("system", "temperature", "json_schema")
)
_BY_NAME: Final[Mapping[str, Option]] = {name: option for option in (*OPTIONS, *_PARAMS) for name in option.names}


@dataclass(slots=True)
class Told:
    """What a line said."""

    given: dict[str, Any] = field(default_factory=dict[str, Any])
    words: list[str] = field(default_factory=list[str])
    """What is no option."""
    rest: str = ""
    """The question behind the options of a line."""

    def get(self, key: str) -> Any:
        """The value of an option, None where it was not given."""
        return self.given.get(key)

    def params(self) -> dict[str, Any]:
        """The parameters among what was given. Raises `Invalid`."""
        named = {name: _value(self.given[name]) for name in Params.model_fields if name in self.given and name != "system"}
        if isinstance(named.get("stop"), str):
            named["stop"] = [named["stop"]]
        if (system := self.given.get("system")) is not None:
            named["system"] = system
        return checked(named, lambda name: f"--{name.replace('_', '-')}")


def checked(params: Mapping[str, Any], called: Callable[[str], str] = str) -> dict[str, Any]:
    """Parameters as the API takes them. Raises `Invalid`, which names the one that is wrong as it was `called`."""
    try:
        return Params.model_validate(dict(params)).model_dump(mode="json", exclude_none=True)
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        name = str(fault["loc"][0])
        if fault["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, Params.model_fields, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            known = f"{meant}There are {', '.join(Params.model_fields)}."
            raise Invalid(f"There is no parameter {called(name)}.", hint=known) from None
        words = f"{fault['msg'][:1].lower()}{fault['msg'][1:]}"
        raise Invalid(f"{called(name)}: {words}.", hint="docs/magics.md says what can be given.") from None


def read_cell(line: str) -> Told:
    """The line of a cell magic: options and words in any order, in quotes where they have blanks."""
    told = Told()
    try:
        words = shlex.split(line)
    except ValueError:
        raise Invalid(f"The quotes in `{line.strip()}` do not match.", hint="Close each quote that is opened.") from None
    while words:
        word = words.pop(0)
        if not _is_option(word):
            told.words.append(word)
            continue
        _take(told, word, words)
    return told


def read_line(line: str) -> Told:
    """The line of a line magic: options first, then the question as it stands."""
    told = Told()
    rest = line.strip()
    while found := re.match(r"(--?[A-Za-z][\w-]*)(=?)", rest):
        option = _find(found[1])
        _check_switch(option, found[1], found[2])
        rest = rest[found.end() :].lstrip()
        if option.value:
            word, rest = _word(rest)
            _keep(told, option, found[1], word)
        else:
            told.given[option.key] = True
    told.rest = rest.removeprefix("-- ")
    return told


def _word(text: str) -> tuple[str | None, str]:
    """The first word, which may be in quotes, and what follows it."""
    found = re.match(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|(\S+)", text)
    if found is None:
        return None, text
    word = next(group for group in found.groups() if group is not None)
    return re.sub(r"\\(.)", r"\1", word) if found[1] is not None else word, text[found.end() :].lstrip()


def _is_option(word: str) -> bool:
    return re.match(r"--?[A-Za-z]", word) is not None


def _take(told: Told, word: str, words: list[str]) -> None:
    name, equals, value = word.partition("=")
    option = _find(name)
    _check_switch(option, name, equals)
    if not option.value:
        told.given[option.key] = True
        return
    _keep(told, option, name, value if equals else (words.pop(0) if words else None))


def _check_switch(option: Option, name: str, equals: str) -> None:
    """`--run=no` would else mean yes."""
    if equals and not option.value:
        raise Invalid(f"{name} takes no value.", hint=f"Write {name}, or leave it out.")


def _keep(told: Told, option: Option, name: str, value: str | None) -> None:
    if value is None:
        raise Invalid(f"{name} needs a value: {name} {option.value}.", hint=f"It is {option.help}.")
    if option.more:
        told.given.setdefault(option.key, []).append(value)
    else:
        told.given[option.key] = value


def _find(name: str) -> Option:
    if (option := _BY_NAME.get(name)) is not None:
        return option
    near = difflib.get_close_matches(name, _BY_NAME, n=2, cutoff=0.6)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    all_of_them = ", ".join(option.names[-1] for option in (*OPTIONS, *_PARAMS))
    raise Invalid(f"There is no option {name}.", hint=f"{meant}There are {all_of_them}.")


def _value(text: Any) -> Any:
    """A parameter's value as JSON, else as it stands."""
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        return text


def help_text() -> str:
    """All options, for `%llm help`."""
    rows = [f"| `{', '.join(option.names)}{f' {option.value}' if option.value else ''}` | {option.help} |" for option in OPTIONS]
    params = ", ".join(f"`{option.names[0]}`" for option in _PARAMS)
    return "\n".join(("| option | |", "|:--|:--|", *rows, "", f"The model's parameters are options, too: {params}."))
