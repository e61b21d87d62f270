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
    lines = ["| " + " | ".join(map(_cell, names)) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(_cell(row.get(name)) for name in names) + " |" for row in rows]
    text = harmless("\n".join(lines)) if names else "*No rows.*"
    return {"text/markdown": text, "text/plain": text}


def _cell(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _math(result: Result) -> Data:
    text = code_of(result.text).strip()
    for begin, end in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        if text.startswith(begin) and text.endswith(end) and len(text) > len(begin + end):
            text = text[len(begin) : -len(end)].strip()
            break
    shown = harmless(f"$${text}$$")
    return {"text/markdown": shown, "text/plain": text}


def _html(result: Result) -> Data:
    """In a frame that runs no script and fetches nothing."""
    page = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">{_any_code(result.text)}'
    frame = f'<iframe sandbox="" style="width:100%;height:400px;border:0" srcdoc="{html.escape(page)}"></iframe>'
    return {"text/html": frame, "text/plain": _any_code(result.text)}


def _image(result: Result) -> Data | None:
    """A drawing as an image: as such a browser runs nothing of it and fetches nothing for it."""
    text = _any_code(result.text)
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
