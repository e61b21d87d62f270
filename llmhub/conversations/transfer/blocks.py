"""Markdown in blocks: prose, and the code blocks between it, so that joined again they are the text to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

_LINES: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LISTS: Final = ("bullet_list_open", "ordered_list_open", "list_item_open")
_ALIASES: Final = {
    **dict.fromkeys(("py", "python3", "py3", "ipython", "ipython3", "jupyter"), "python"),
    **dict.fromkeys(("sh", "shell", "zsh"), "bash"),
    **dict.fromkeys(("js", "node", "javascript", "mjs"), "javascript"),
    **dict.fromkeys(("ts",), "typescript"),
    **dict.fromkeys(("jl",), "julia"),
    **dict.fromkeys(("rb",), "ruby"),
    **dict.fromkeys(("rscript", "rlang"), "r"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """`raw` as it stands in the message; `text` without the fence, or without the list's indentation that it stood in."""

    kind: Literal["prose", "code"]
    raw: str
    text: str
    language: str = ""


def blocks(text: str) -> list[Block]:
    """The blocks of a text. Code in quotations, and code that a list's mark stands before, is left in the prose."""
    lines = [line for line in _LINES.findall(text) if line]
    found: list[Block] = []
    at, indent = 0, 0
    for start, end, content, info in _fences(text):
        first = lines[start] if start < len(lines) else ""
        if start < at or first.lstrip(" ")[:3] not in ("```", "~~~"):
            continue
        if start > at:
            found.append(_prose(lines[at:start], indent))
        indent = len(first) - len(first.lstrip(" "))
        found.append(Block("code", "".join(lines[start:end]), content.rstrip("\n"), language_of(info)))
        at = end
    if at < len(lines):
        found.append(_prose(lines[at:], indent))
    return found


def language_of(info: str) -> str:
    """The language that a fence names, by its usual name; empty where it names none."""
    word = (info.split() or [""])[0].strip("{}.").lower()
    return _ALIASES.get(word, word)


def fence(code: str, language: str) -> str:
    """Code as a block that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{code}\n{marks}" if code else f"{marks}{language}\n{marks}"


def _prose(lines: list[str], indent: int) -> Block:
    raw = "".join(lines)
    if not indent:
        return Block("prose", raw, raw)
    shown: list[str] = []
    for number, line in enumerate(lines):
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            shown += lines[number:]
            break
        shown.append(line[indent:] if line.strip() else line)
    return Block("prose", raw, "".join(shown))


def _fences(text: str) -> Iterator[tuple[int, int, str, str]]:
    """First line, line behind it, content and language of each fenced block that stands by itself or in a list."""
    within: list[str] = []
    for token in _parser().parse(text):
        if token.nesting == 1:
            within.append(token.type)
        elif token.nesting == -1:
            within.pop()
        elif token.type == "fence" and token.map and all(each in _LISTS for each in within):
            yield token.map[0], token.map[1], token.content, token.info


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt  # on first use

    return MarkdownIt("commonmark").disable(["inline"])
