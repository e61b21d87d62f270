"""`-f`: what an answer is shown as. A model's words are data: nothing that it says is run by being shown."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ...conversations.transfer.harmless import harmless
from .result import Result
from .shape import AnyJson, Mismatch, Shape, plain

_BLOCK: Final = re.compile(r"^```([\w+-]*)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """One of them: what the model is told, and what is shown of its answer. `show` None: the answer as it is."""

    instruction: str = ""
    show: Callable[[Result], Data | None] | None = None
    shape: Shape | None = None
    plain: bool = False


def code_of(text: str) -> str:
    """The code in an answer: its code blocks, those without a language or in Python; without any, all of it."""
    blocks: list[tuple[str, str]] = _BLOCK.findall(text)
    ours = [code for language, code in blocks if language.lower() in ("", "python", "py", "python3", "ipython")]
    return "\n".join(block.rstrip("\n") for block in ours or [code for _, code in blocks]) if blocks else text.strip()


def _json_data(result: Result) -> Data:
    text = json.dumps(plain(result.value), ensure_ascii=False, indent=1)
    return {"application/json": plain(result.value), "text/plain": text}


def _table(result: Result) -> Data:
    rows = cast("list[dict[str, Any]]", plain(result.value))
    names = list(dict.fromkeys(name for row in rows for name in row))
    sides = ("--:|" if all(_is_number(row.get(name)) for row in rows) else ":--|" for name in names)
    lines = ["| " + " | ".join(map(_cell, names)) + " |", "|" + "".join(sides)]
    lines += ["| " + " | ".join(_cell(row.get(name)) for name in names) + " |" for row in rows]
    text = harmless("\n".join(lines)) if names else "*No rows.*"
    return {"text/markdown": text, "text/plain": text}


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _cell(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _math(result: Result) -> Data:
    text = code_of(result.conclusion).strip()
    for begin, end in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        if text.startswith(begin) and text.endswith(end) and len(text) > len(begin + end):
            text = text[len(begin) : -len(end)].strip()
            break
    # An empty line would end the paragraph that the formula is in.
    shown = harmless("$$" + re.sub(r"\n\s*\n", "\n", text) + "$$")
    return {"text/markdown": shown, "text/plain": text}


def _html(result: Result) -> Data:
    """In a frame that runs no script and fetches nothing."""
    page = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">{_any_code(result.conclusion)}'
    style = f"width:100%;height:{_height(_any_code(result.conclusion))}px;border:0;resize:vertical"
    frame = f'<iframe sandbox="" style="{style}" srcdoc="{html.escape(page)}"></iframe>'
    return {"text/html": frame, "text/plain": _any_code(result.conclusion)}


def _height(page: str) -> int:
    """Pixels that a page takes, about: a frame that runs nothing cannot say it. It can be dragged."""
    if re.search(r"<(img|svg|canvas|video|iframe|body|html)\b|height\s*:", page, re.IGNORECASE):
        return 400
    lines = len(re.findall(r"<(p|h[1-6]|li|tr|div|br|hr|dt|dd|pre|section)\b", page, re.IGNORECASE))
    words = len(re.sub(r"<[^>]*>", "", page))
    return min(400, max(80, 40 * (lines + words // 120) + 30))


def _image(result: Result) -> Data | None:
    """A drawing as an image: as such a browser runs nothing of it and fetches nothing for it."""
    text = _any_code(result.conclusion)
    found = re.search(r"<svg\b.*</svg>", text, re.DOTALL | re.IGNORECASE)
    if found is None:
        return None
    drawing = found[0] if "xmlns" in found[0][:400] else found[0].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    url = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    return {"text/html": f'<img style="max-width:100%" src="{url}">', "text/plain": drawing}


def _any_code(text: str) -> str:
    blocks: list[tuple[str, str]] = _BLOCK.findall(text)
    return "\n".join(code for _, code in blocks) if blocks else text


class _Rows(AnyJson):
    """A list of flat objects."""

    instruction = (
        "Answer with a table as JSON only: a list of flat objects with the same keys, no words before or after it, no code fence."
    )

    def read(self, text: str) -> Any:
        """The rows; as a data frame where pandas is at hand, in `frame_of`."""
        value = super().read(text)
        if isinstance(value, dict) and len(cast("dict[str, Any]", value)) == 1:
            value = next(iter(cast("dict[str, Any]", value).values()))
        rows = cast("list[Any]", value) if isinstance(value, list) else [None]
        if not all(isinstance(row, dict) for row in rows):
            raise Mismatch("it is no list of objects")
        return rows


def frame_of(rows: Any) -> Any:
    """Rows as a pandas DataFrame, if somebody has imported pandas; else as they are."""
    pandas = sys.modules.get("pandas")
    return rows if pandas is None or not isinstance(rows, list) else pandas.DataFrame(rows)


FORMATS: Final[Mapping[str, Format]] = {
    "markdown": Format(),
    "text": Format("Answer in plain text, without Markdown.", plain=True),
    "code": Format("Answer with Python code for a notebook cell only, in one code block, without explanations."),
    "json": Format(shape=AnyJson(), show=_json_data),
    "table": Format(shape=_Rows(), show=_table),
    "math": Format("Answer with one formula in LaTeX only, without words.", _math),
    "html": Format("Answer with HTML only: no scripts, nothing from elsewhere, styles inline.", _html),
    "image": Format("Answer with one SVG drawing only, without scripts and without anything from elsewhere.", _image),
}
