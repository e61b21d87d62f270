"""`{{ expression }}` in a question: found, evaluated where the cell runs, and nothing else touched.

Only two braces that hold a Python expression mean something; every other brace is what it is. `{{ "{{" }}` writes two of them.
"""

from __future__ import annotations

import builtins
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, Final

from ...errors import Invalid

_OPEN: Final = "{{"
_CLOSE: Final = "}}"
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands between the braces, or behind an option, as which it is `called` then."""

    source: str
    called: str = ""

    def value(self, names: Mapping[str, Any]) -> Any:
        """What it is now. Raises `Invalid`, which names it."""
        try:
            code = _compiled(self.source)
        except (SyntaxError, ValueError) as exc:
            said = exc.msg if isinstance(exc, SyntaxError) else str(exc)
            hint = "Nothing was sent." if self.called else 'Braces that are meant as they stand are written {{ "{{" }}.'
            raise Invalid(f"{self} is no Python expression: {said}.", hint=hint) from None
        try:
            return eval(code, names if isinstance(names, dict) else dict(names))
        except NameError as exc:
            raise _unknown(self, exc, names) from None
        except Exception as exc:
            raise Invalid(f"{self} raised {type(exc).__name__}: {exc}", hint="Nothing was sent.") from None

    def __str__(self) -> str:
        return self.called or f"`{_OPEN} {self.source} {_CLOSE}`"


@lru_cache(maxsize=64)
def _compiled(source: str) -> CodeType:
    """Once for all rows of a batch."""
    return compile(source, "<question>", "eval")


def parse(text: str) -> Iterator[str | Expression]:
    """A question as its words and its expressions, in order."""
    at = 0
    while (begin := text.find(_OPEN, at)) >= 0:
        end = _end(text, begin + len(_OPEN))
        source = text[begin + len(_OPEN) : end].strip() if end is not None else ""
        if end is None or not source:  # braces that hold nothing, or are never closed, are braces
            yield text[at : begin + len(_OPEN)]
            at = begin + len(_OPEN)
            continue
        if begin > at:
            yield text[at:begin]
        yield Expression(source)
        at = end + len(_CLOSE)
    if at < len(text):
        yield text[at:]


def _end(text: str, at: int) -> int | None:
    """Where the expression that begins at `at` is closed: brackets and quotes within it are its own."""
    within: list[str] = []
    while at < len(text):
        sign = text[at]
        if sign in "\"'":
            after = _after_string(text, at)
            if after is None:
                return None
            at = after
            continue
        if not within and text.startswith(_CLOSE, at):
            return at
        if sign in "([{":
            within.append(sign)
        elif sign in _PAIRS and (not within or within.pop() != _PAIRS[sign]):
            return None
        at += 1
    return None


def _after_string(text: str, at: int) -> int | None:
    quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
    at += len(quote)
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(quote, at):
            return at + len(quote)
        elif len(quote) == 1 and text[at] == "\n":
            return None
        else:
            at += 1
    return None


def _unknown(expression: Expression, exc: NameError, names: Mapping[str, Any]) -> Invalid:
    known = [name for name in names if not name.startswith("_")] + dir(builtins)
    near = difflib.get_close_matches(exc.name or "", known, n=3, cutoff=0.6)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return Invalid(
        f"{expression}: the name '{exc.name}' is not defined.",
        hint=f"{meant}Run the cell that defines it first. Nothing was sent.",
    )
