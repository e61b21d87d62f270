"""Colours of code in an output: which words of it have which of JupyterLab's, the same in both forms of a chat."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ....conversations.transfer.html import lexer_of


class Colour(NamedTuple):
    """What pygments calls the words that have it, and how it is written in a sheet."""

    words: tuple[str, ...]
    style: str


def _of(role: str, elsewhere: str) -> str:
    """JupyterLab's own colour, which nbconvert's pages have too; elsewhere one that is read on light and on dark."""
    return f"color: var(--jp-mirror-editor-{role}-color, {elsewhere});"


COLOURS: Final = {
    "keyword": Colour(("k", "kc", "kd", "kn", "kr", "kt", "ow"), f"font-weight: bold; {_of('keyword', '#2e8b57')}"),
    "string": Colour(("s", "s1", "s2", "sa", "sb", "sc", "sd", "se", "sh", "si", "sx", "sr", "ss", "dl"), _of("string", "#c0504d")),
    "comment": Colour(("c", "c1", "ch", "cm", "cp", "cs"), f"font-style: italic; {_of('comment', '#5f8f8f')}"),
    "number": Colour(("m", "mi", "mf", "mh", "mo", "mb", "il"), _of("number", "#2e8b57")),
    "def": Colour(("nf", "fm", "nc", "nd"), _of("def", "#4a7fd4")),
    "builtin": Colour(("nb", "bp"), _of("builtin", "#2e8b57")),
    "operator": Colour(("o",), _of("operator", "#a050d0")),
}
_ROLES: Final = {word: role for role, colour in COLOURS.items() for word in colour.words}
_LONGEST: Final = 200_000
"""Characters: longer code has no colours, as in the panel."""


def coloured(code: str, language: str) -> list[tuple[str, str]]:
    """Its pieces, each with the name of its colour, or ""; together they are the code, whatever a lexer makes of it."""
    if len(code) > _LONGEST:
        return [(code, "")]
    from pygments.token import STANDARD_TYPES

    pieces: list[tuple[str, str]] = []
    tokens: Any = lexer_of(language).get_tokens(code)
    for kind, text in tokens:
        role = _ROLES.get(STANDARD_TYPES.get(kind, ""), "")
        if pieces and pieces[-1][1] == role:
            pieces[-1] = (pieces[-1][0] + text, role)
        else:
            pieces.append((text, role))
    if pieces and not code.endswith("\n"):  # lexers end what they read with one
        text, role = pieces.pop()
        pieces += [(text.removesuffix("\n"), role)] if text != "\n" else []
    return pieces if "".join(text for text, _ in pieces) == code else [(code, "")]
