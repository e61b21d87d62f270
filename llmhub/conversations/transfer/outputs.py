"""Outputs of code: our parts as a notebook's outputs, and back; and as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from ...messages import OutputPart

STDOUT: Final = "application/vnd.jupyter.stdout"
STDERR: Final = "application/vnd.jupyter.stderr"
ERROR: Final = "application/vnd.jupyter.error"
_READABLE: Final = ("text/plain", "text/markdown", "text/latex")
_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def to_notebook(part: OutputPart) -> dict[str, Any]:
    """A part as an output of nbformat 4."""
    bundle = part.mime_bundle
    for kind, name in ((STDOUT, "stdout"), (STDERR, "stderr")):
        if kind in bundle:
            return {"output_type": "stream", "name": name, "text": _joined(bundle[kind])}
    if isinstance(bundle.get(ERROR), dict):
        said = cast("dict[str, Any]", bundle[ERROR])
        lines = said.get("traceback")
        return {
            "output_type": "error",
            "ename": str(said.get("ename", "Error")),
            "evalue": str(said.get("evalue", "")),
            "traceback": [str(each) for each in cast("list[Any]", lines)] if isinstance(lines, list) else [],
        }
    data = {kind: _value(kind, value) for kind, value in bundle.items()}
    return {"output_type": "display_data", "data": data, "metadata": part.metadata}


def from_notebook(output: Mapping[str, Any]) -> OutputPart | None:
    """An output of a notebook as a part; None for one that is none."""
    match output.get("output_type"):
        case "stream":
            kind = STDERR if output.get("name") == "stderr" else STDOUT
            return OutputPart(mime_bundle={kind: _joined(output.get("text", ""))})
        case "error":
            said = {name: output.get(name) for name in ("ename", "evalue", "traceback")}
            return OutputPart(mime_bundle={ERROR: said})
        case "display_data" | "execute_result" if isinstance(output.get("data"), dict):
            metadata = output.get("metadata")
            plain = cast("dict[str, Any]", metadata) if isinstance(metadata, dict) else {}
            return OutputPart(mime_bundle=dict(output["data"]), metadata=plain)
        case _:
            return None


def same(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two lists of outputs say the same."""
    return [_content(each) for each in one] == [_content(each) for each in other]


def text_of_output(part: OutputPart) -> str:
    """What of an output can be read as text; empty: nothing."""
    output = to_notebook(part)
    match output["output_type"]:
        case "stream":
            text = str(output["text"])
        case "error":
            text = "\n".join(output["traceback"]) or f"{output['ename']}: {output['evalue']}"
        case _:
            found = next(
                (output["data"][kind] for kind in ("text/plain", "text/markdown", "text/latex") if kind in output["data"]), ""
            )
            text = _joined(found)
    return _ANSI.sub("", text)


def _content(output: Mapping[str, Any]) -> Any:
    match output.get("output_type"):
        case "stream":
            return "stream", output.get("name"), _joined(output.get("text", ""))
        case "error":
            return "error", output.get("ename"), output.get("evalue")
        case _:
            data = output.get("data")
            plain = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
            return "data", {kind: _joined(value) if _is_text(value) else value for kind, value in plain.items()}


def _value(kind: str, value: Any) -> Any:
    if kind == "application/json" or kind.endswith("+json"):
        return value
    return value if _is_text(value) else str(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in cast("list[Any]", value)))


def _joined(value: Any) -> str:
    lines = cast("list[str]", value) if _is_text(value) and not isinstance(value, str) else None
    return str(value) if lines is None else "".join(lines)
