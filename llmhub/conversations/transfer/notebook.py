"""A conversation as a Jupyter notebook that runs and reads well anywhere, with the whole conversation in its metadata.

`metadata.llmhub` has our JSON without files; images lie in the cells that show them, other files up to a few megabytes beside it.
Notebooks come back by `notebook_reader`.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from ...errors import LLMHubError
from . import document
from .bundle import Bundle, FileRef
from .cells import Cell, Kernel, outputs_of, sheet
from .export import Options

FORMAT: Final = "llmhub.notebook"
VERSION: Final = 1
_LARGEST: Final = 4 * 2**20
_MOST: Final = 16 * 2**20
"""Bytes of a file that is not shown, and of all of them, that a notebook takes along."""


def write(bundle: Bundle, options: Options) -> bytes:
    """The notebook's text, as Jupyter would write it."""
    return json.dumps(as_value(bundle, options), indent=1, ensure_ascii=False, sort_keys=True).encode(errors="replace") + b"\n"


def as_value(bundle: Bundle, options: Options) -> dict[str, Any]:
    """The same as a value of nbformat 4.5."""
    made = sheet(bundle, options)
    shown: dict[str, dict[str, Any]] = {}
    cells = [_cell(cell, shown) for cell in made.cells]
    about = {
        "format": FORMAT,
        "version": VERSION,
        "document": document.as_value(bundle),
        "files": _files(bundle, shown),
        "leaf": options.leaf,
        "options": {name: getattr(options, name) for name in ("branches", "only", "prompts", "answers")},
    }
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {**_runs_on(made.kernel), "title": bundle.title or "Conversation", "llmhub": about},
        "cells": cells,
    }


def _cell(cell: Cell, shown: dict[str, dict[str, Any]]) -> dict[str, Any]:
    place = cell.place
    about = {} if place is None else {"message": place.message, "role": place.role}
    made: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": cell.id,
        "metadata": {"llmhub": {"cell": cell.id, **about}},
        "source": cell.source.splitlines(keepends=True),
    }
    if cell.kind == "code":
        made |= {"execution_count": None, "outputs": outputs_of(cell)}
    for name, file in cell.images:
        try:
            with file.open() as opened:
                data = base64.b64encode(opened.read()).decode()
        except LLMHubError:  # `files` says so
            continue
        made.setdefault("attachments", {})[name] = {file.media_type: data}
        shown[file.id] = {"cell": cell.id, "attachment": name}
    return made


def _files(bundle: Bundle, shown: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    room = _MOST
    for file in bundle.files:
        described: dict[str, Any] = {"id": file.id, "name": file.name, "media_type": file.media_type, "size": file.size}
        if file.id in shown:
            described |= shown[file.id]
        else:
            described |= _data(file, min(_LARGEST, room))
            room -= len(described.get("data", "")) * 3 // 4
        found.append(described)
    return found


def _data(file: FileRef, most: int) -> dict[str, str]:
    if file.size is not None and file.size > most:
        return {"fault": "It is too large for a notebook."}
    try:
        with file.open() as opened:
            return {"data": base64.b64encode(opened.read()).decode()}
    except LLMHubError as exc:
        return {"fault": exc.message}


def _runs_on(kernel: Kernel) -> dict[str, Any]:
    return {
        "kernelspec": {"name": kernel.name, "display_name": kernel.label, "language": kernel.language},
        "language_info": {"name": kernel.language},
    }
