"""The last thing that went wrong in a kernel, for a model: the cell, the traceback, and what the names in it stood for.

The surprise: to Python the last error may be one of ours, a question that failed or was stopped; what it was about comes before it.
"""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from types import FrameType, ModuleType, TracebackType
from typing import Any, Final

from .masking import is_secret_name, masked
from .shown import Picture, shown

_BEFORE: Final = "llmhub_before"
"""Where one of our errors has the person's."""
_TRACE: Final = 6000
_FILE: Final = re.compile(r'File "[^"]*(?:ipykernel_\d+[/\\]\d+\.py|<ipython-input[^"]*)"')
"""How Python calls a cell."""
_VALUE: Final = 600
_VALUES: Final = 12_000


def last_error() -> BaseException | None:
    """The last error of the person's own code; None: nothing went wrong yet."""
    error: BaseException | None = getattr(sys, "last_value", None)
    return getattr(error, _BEFORE) if hasattr(error, _BEFORE) else error


def is_no_trouble(error: BaseException) -> None:
    """A magic ends with this error: what is to be fixed is the one before it."""
    setattr(error, _BEFORE, last_error())


def last_trouble(written: Callable[[str], str] = str) -> str | None:
    """None: nothing went wrong yet. `written` gives a cell as its person wrote it for what IPython made of it."""
    error = last_error()
    if error is None:
        return None
    frame = _users_frame(error.__traceback__)
    told = [f"The traceback:\n```\n{_trace(error)}\n```"]
    if source := _source(error, frame):
        told.insert(0, f"The cell:\n```python\n{written(source).strip()}\n```")
    if frame is not None and (values := _values(frame)):
        told.append(f"What the names stood for in line {frame.f_lineno}:\n{values}")
    return masked("\n\n".join(told))


def _source(error: BaseException, frame: FrameType | None) -> str:
    """The cell, as Python was given it: one that cannot be read at all has no frame."""
    if frame is not None:
        return "".join(linecache.getlines(frame.f_code.co_filename)).strip()
    name = error.filename if isinstance(error, SyntaxError) else None
    return "".join(linecache.getlines(name)).strip() if name and _is_cell_name(name) else ""


def _trace(error: BaseException) -> str:
    """Without IPython's own frames, its middle left out where it is long."""
    begin = error.__traceback__
    while begin is not None and not _is_cell_name(begin.tb_frame.f_code.co_filename):
        begin = begin.tb_next
    if begin is None and not isinstance(error, SyntaxError):
        begin = error.__traceback__
    told = traceback.format_exception(type(error), error, begin)
    lines = masked(_FILE.sub("In a cell", "".join(told)))
    return lines if len(lines) <= _TRACE else f"{lines[: _TRACE // 3]}\n…\n{lines[-2 * _TRACE // 3 :]}"


def _users_frame(trace: TracebackType | None) -> FrameType | None:
    """The innermost frame of a cell."""
    found: FrameType | None = None
    while trace is not None:
        if _is_cell_name(trace.tb_frame.f_code.co_filename):
            found = trace.tb_frame
        trace = trace.tb_next
    return found


def _is_cell_name(name: str) -> bool:
    return "ipykernel_" in name or name.startswith("<ipython-input")


def _values(frame: FrameType) -> str:
    names = set(frame.f_code.co_names) | set(frame.f_code.co_varnames)
    scope: Mapping[str, Any] = {**{name: frame.f_globals[name] for name in names & frame.f_globals.keys()}, **_own(frame)}
    lines: list[str] = []
    for name in sorted(scope):
        value = scope[name]
        if name.startswith("_") or is_secret_name(name) or isinstance(value, ModuleType) or callable(value):
            continue
        try:
            text = shown(value, name, _VALUE)
        except Exception:  # what cannot be shown is no help
            continue
        lines.append(f"- {name} ({type(value).__name__}): {'an image' if isinstance(text, Picture) else masked(text)[:_VALUE]}")
        if sum(map(len, lines)) > _VALUES:
            break
    return "\n".join(lines)


def _own(frame: FrameType) -> dict[str, Any]:
    """A function's own names; of a cell all names are the kernel's, and only those that it uses are told."""
    if frame.f_locals is frame.f_globals:
        return {}
    return dict(frame.f_locals)
