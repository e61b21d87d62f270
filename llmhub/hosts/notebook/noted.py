"""`Noted`: what cells showed and how they failed, in words, written down while they run: IPython itself keeps neither for a kernel.

Loaded with the magics' names, so that it knows what ran before the first question; a few characters for each output.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from traceback import format_exception_only
from typing import Any, Final

from .masking import masked

_LONGEST: Final = 2000
"""Characters that are kept of one output."""
_OUTPUTS: Final = 20
"""Outputs that are kept of one cell."""
_CELLS: Final = 500
"""Cells, the newest, of which anything is kept."""


class Noted:
    """Of one IPython shell, by the number of the cell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._shown: dict[int, list[str]] = {}
        self._failed: dict[int, str] = {}

    def begin(self) -> None:
        """Note from now on."""
        self.end()
        self._shell.events.register("post_run_cell", self._after)
        if hasattr(self._shell.display_pub, "register_hook"):
            self._shell.display_pub.register_hook(self._display)

    def end(self) -> None:
        """Note no more."""
        with suppress(ValueError):
            self._shell.events.unregister("post_run_cell", self._after)
        if hasattr(self._shell.display_pub, "unregister_hook"):
            self._shell.display_pub.unregister_hook(self._display)

    def shown(self, number: int) -> list[str]:
        """What a cell showed, its result apart."""
        return self._shown.get(number, [])

    def failed(self, number: int) -> str:
        """The error that a cell ended with, "" if it did not."""
        return self._failed.get(number, "")

    def _after(self, result: Any = None) -> None:
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        number = getattr(result, "execution_count", None)
        if isinstance(error, BaseException) and isinstance(number, int):
            self._failed[number] = _cut("".join(format_exception_only(error)).strip())
            _forget_oldest(self._failed)

    def _display(self, message: dict[str, Any]) -> dict[str, Any]:
        """A hook of the kernel's, which every display passes before it is sent."""
        if message.get("msg_type") == "display_data":
            # Some versions of IPython count on before a cell runs, others when it has run; its source they all keep first.
            shown = self._shown.setdefault(len(self._shell.history_manager.input_hist_parsed) - 1, [])
            _forget_oldest(self._shown)
            if len(shown) < _OUTPUTS:
                shown.append(_words(message.get("content", {}).get("data", {})))
        return message


def _forget_oldest(kept: dict[int, Any]) -> None:
    while len(kept) > _CELLS:
        del kept[next(iter(kept))]


def _words(data: Mapping[str, Any]) -> str:
    if any(kind.startswith("image/") for kind in data):
        return "(an image)"
    return _cut(str(data.get("text/markdown") or data.get("text/plain") or "(something that is no text)"))


def _cut(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{masked(text)[:_LONGEST]}…"  # half a key at the cut would not be known as one
