"""Markdown that others wrote, made so that no viewer runs anything of it or fetches anything for it.

Outside of code no tag, no image from elsewhere and no address but of the web is left. What could not be made sure of is shown as
the text it is. A viewer that knows Markdown shows the rest as it was meant.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

_CODE: Final = re.compile(r"(?<![`\\])(`+)(?!`)(?:[^`]|(?!\1(?!`))`+)*?(?<!`)\1(?!`)", re.DOTALL)
_MATH: Final = re.compile(r"\$\$.+?\$\$|(?<![\\$\w])\$(?=\S)[^$\n]+?(?<=\S)\$(?![\w$])|\\\[.+?\\\]|\\\(.+?\\\)", re.DOTALL)
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])(?!https?://[^\s<>]+>)")
_OWN_IMAGE: Final = re.compile(r"!(?=\[[^\]\n]*\]\(data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\))")
_SAFE: Final = ("http:", "https:", "mailto:", "#")


def harmless(text: str) -> str:
    """The same Markdown, harmless."""
    cleaned = "".join(_outside(piece) if is_prose else piece for is_prose, piece in _split(text))
    return cleaned if _is_harmless(cleaned) else _plain(text)


def _split(text: str) -> list[tuple[bool, str]]:
    """Prose and code blocks, as the parser sees them."""
    lines = re.findall(r"[^\r\n]*(?:\r\n|\r|\n|\Z)", text)
    code: set[int] = set()
    for token in _parser().parse(text):
        if token.type in ("fence", "code_block") and token.map:
            code.update(range(*token.map))
    pieces: list[tuple[bool, str]] = []
    for number, line in enumerate(lines):
        is_prose = number not in code
        if pieces and pieces[-1][0] == is_prose:
            pieces[-1] = (is_prose, pieces[-1][1] + line)
        else:
            pieces.append((is_prose, line))
    return pieces


def _outside(prose: str) -> str:
    done: list[str] = []
    at = 0
    for match in _CODE.finditer(prose):
        done += [_words(prose[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*done, _words(prose[at:])])


def _words(text: str) -> str:
    done: list[str] = []
    at = 0
    for match in _MATH.finditer(text):
        done += [_tags(text[at : match.start()]), _TAG.sub("< ", match[0])]
        at = match.end()
    return "".join([*done, _tags(text[at:])])


def _tags(text: str) -> str:
    text = _TAG.sub("&lt;", text)
    kept = {match.start() for match in _OWN_IMAGE.finditer(text)}
    return re.sub(r"!(?=\[)", lambda match: "!" if match.start() in kept else "", text)


def _is_harmless(text: str) -> bool:
    waiting = list(_parser().parse(text))
    while waiting:
        token = waiting.pop()
        waiting += token.children or ()
        if token.type in ("html_block", "html_inline"):
            return False
        if token.type == "image" and not str(token.attrs.get("src", "")).startswith("data:image/"):
            return False
        if token.type == "link_open" and not str(token.attrs.get("href", "")).lower().startswith(_SAFE):
            return False
    # What this parser takes for no link at all, another may take for one.
    return re.search(r"(?i)(?:\]\s*\(|\]:|<)\s*[<\"']?\s*(?:java|vb|data:(?!image/)|file:|&#)", _without_code(text)) is None


def _without_code(text: str) -> str:
    return "".join(_CODE.sub("", piece) for is_prose, piece in _split(text) if is_prose)


def _plain(text: str) -> str:
    """As the text it is: a code block says exactly that to every viewer."""
    from .blocks import fence

    return fence(text.rstrip("\n"), "text")


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt  # on first use

    parser: Any = MarkdownIt("commonmark", {"html": True})
    parser.validateLink = _any  # what is no link here may be one elsewhere: all are looked at
    return parser


def _any(_url: str) -> bool:
    return True
