"""Formulas in exports: TeX as MathML, which every browser draws without a script; what is no TeX stays as it was written."""

from __future__ import annotations

import re
from html import escape
from typing import Any, Final
from xml.etree import ElementTree

_INLINE: Final = re.compile(
    r"\$\$(?=\S)(.+?)(?<=\S)\$\$|\$(?=\S)([^$\n]+?)(?<=\S)\$(?![\w$])|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL
)
_BLOCK: Final = (("$$", "$$"), ("\\[", "\\]"))
_NAMESPACE: Final = "{http://www.w3.org/1998/Math/MathML}"
_ELEMENT: Final = re.compile(
    "math|mrow|mi|mn|mo|ms|mtext|mspace|mfrac|msqrt|mroot|mstyle|merror|mpadded|mphantom|mfenced|menclose|msub|msup|msubsup|munder|"
    "mover|munderover|mmultiscripts|mprescripts|none|mtable|mtr|mtd"
)
_ATTRIBUTE: Final = re.compile(
    "display|mathvariant|stretchy|fence|form|separator|accent|accentunder|columnalign|rowalign|columnspacing|rowspacing|linethickness|"
    "lspace|rspace|width|height|depth|minsize|maxsize|displaystyle|scriptlevel|notation|movablelimits|symmetric"
)
_LONGEST: Final = 5000


def add_to(parser: Any) -> None:
    """Teach a Markdown parser formulas: within a line, and as blocks of their own."""
    parser.inline.ruler.before("escape", "formula", _inline)
    parser.block.ruler.before("fence", "formula_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.add_render_rule("formula", _render)
    parser.add_render_rule("formula_block", _render_block)


def drawn(tex: str, *, block: bool) -> str:
    """A formula as MathML; where it cannot be read, its TeX."""
    return mathml(tex, block=block) or f'<code class="tex">{escape(tex)}</code>'


def mathml(tex: str, *, block: bool) -> str | None:
    """A formula as MathML of known elements; None where it cannot be read."""
    if len(tex) > _LONGEST:
        return None
    from latex2mathml.converter import convert  # on first use

    try:
        made = ElementTree.fromstring(convert(tex, display="block" if block else "inline"))
    except Exception:  # whatever a parser of TeX may say of what is none
        return None
    if not _is_clean(made):
        return None
    ElementTree.register_namespace("", _NAMESPACE.strip("{}"))
    return ElementTree.tostring(made, encoding="unicode")


def _is_clean(root: ElementTree.Element) -> bool:
    """Take away what draws nothing; False where something is left that is no formula."""
    for element in root.iter():
        if _ELEMENT.fullmatch(element.tag.removeprefix(_NAMESPACE)) is None:
            return False
        for name in [name for name in element.attrib if _ATTRIBUTE.fullmatch(name) is None]:
            del element.attrib[name]
    return True


def _inline(state: Any, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    found = _INLINE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = next(group for group in found.groups() if group is not None)
        token.meta = {"block": found[1] is not None or found[4] is not None}
    state.pos = found.end()
    return True


def _block(state: Any, start: int, end: int, silent: bool) -> bool:
    first = _line(state, start)
    marks = next((each for each in _BLOCK if first.startswith(each[0])), None)
    if marks is None or state.is_code_block(start):
        return False
    opening, closing = marks
    lines: list[str] = []
    text = first[len(opening) :]
    number = start
    while True:
        inside, found, after = text.partition(closing)
        if found:
            if after.strip():
                return False
            lines.append(inside)
            break
        lines.append(text)
        number += 1
        if number >= end or not _line(state, number).strip():
            return False
        text = _line(state, number)
    if not silent:
        token = state.push("formula_block", "", 0)
        token.content = "\n".join(lines).strip()
        token.map = [start, number + 1]
        state.line = number + 1
    return True


def _line(state: Any, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _render(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    return drawn(tokens[index].content, block=tokens[index].meta["block"])


def _render_block(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    return f'<div class="formula">{drawn(tokens[index].content, block=True)}</div>\n'
