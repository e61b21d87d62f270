"""Where an answer appears while it comes: in a cell's output, as Markdown that grows, or line by line in a terminal.

An output is replaced as a whole with each update, and front ends draw it anew, so updates become rarer as it grows: what goes
over the wire stays below `_RATE`, and the first words are shown at once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol

from ...conversations.transfer.harmless import harmless
from ...ids import new_id

_EVERY: Final = 0.05
"""Seconds between two updates of a short answer."""
_RATE: Final = 200_000
"""Characters per second that updates may amount to."""


class Output(Protocol):
    """Somewhere an answer is shown."""

    def add(self, text: str) -> None:
        """More of it."""
        ...

    def note(self, text: str) -> None:
        """What it waits for; "" for nothing any more. It is gone with the next words."""
        ...

    def clear(self, note: str) -> None:
        """Another answer comes instead of this one."""
        ...

    def pause(self) -> float | None:
        """Seconds after which `tick` wants to be called, if nothing is added before."""
        ...

    def tick(self) -> None:
        """Show what is not shown yet, if it is time."""
        ...

    def end(self, note: str = "", data: Mapping[str, Any] | None = None, metadata: Mapping[str, Any] | None = None) -> None:
        """It is whole, or as whole as it gets: `note` says so. `data` is shown instead of Markdown."""
        ...


class CellOutput:
    """An output of the running cell."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        harmless("")  # its parser is loaded while nobody waits for a word
        self._id = new_id()
        self._pieces: list[str] = []
        self._size = 0
        self._note = ""
        self._is_there = False
        self._shown = 0.0
        self._is_late = False

    def add(self, text: str) -> None:
        """More of it."""
        self._pieces.append(text)
        self._size += len(text)
        self._note = ""
        self._is_late = True
        self.tick()

    def note(self, text: str) -> None:
        """What it waits for."""
        if text != self._note:
            self._note = text
            self._is_late = self._is_late or bool(text)
            self.tick()

    def clear(self, note: str) -> None:
        """Another answer comes instead of this one."""
        self._pieces, self._size = [], 0
        self.note(note)

    def pause(self) -> float | None:
        """Until the next update, if one is due."""
        return max(0.0, self._shown + self._interval() - time.monotonic()) if self._is_late else None

    def tick(self) -> None:
        """Show what is not shown yet, if it is time."""
        if self._is_late and time.monotonic() >= self._shown + self._interval():
            self._show(self._bundle(self._note), {})

    def end(self, note: str = "", data: Mapping[str, Any] | None = None, metadata: Mapping[str, Any] | None = None) -> None:
        """The last update."""
        if data is None and not (self._pieces or note or self._is_there):
            return
        self._show(dict(data) if data is not None else self._bundle(note), dict(metadata or {}))
        if data is not None and note:  # there is no room for words in a formula or a page
            CellOutput().end(note)

    def _interval(self) -> float:
        return max(_EVERY, self._size / _RATE)

    def _bundle(self, note: str) -> dict[str, Any]:
        said = "".join(self._pieces)
        self._pieces = [said]
        if not (said or note):
            return {"text/plain": ""}  # what it waited for is over, and an output cannot be taken away
        if self._plain:
            return {"text/plain": f"{said}\n\n{note}".strip()}
        told = f"{said}\n\n*{note}*" if said and note else said or f"*{note}*"
        # Outputs of a cell that was run are trusted: a tag in them would be, too. A note may quote what a model said.
        told = harmless(told)
        return {"text/markdown": told, "text/plain": told}

    def _show(self, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        from IPython import display as ipython

        doors: Any = ipython
        show = doors.update_display if self._is_there else doors.display
        show(data, raw=True, display_id=self._id, metadata=metadata)
        self._is_there = True
        self._is_late = False
        self._shown = time.monotonic()


class TerminalOutput:
    """A terminal's lines, which cannot be taken back."""

    def __init__(self) -> None:
        self._last = ""

    def add(self, text: str) -> None:
        """More of it."""
        print(_harmless(text), end="", flush=True)
        self._last = text or self._last

    def note(self, text: str) -> None:
        """On the error output, where it is in nobody's way."""
        if text:
            print(_harmless(text), file=sys.stderr)

    def clear(self, note: str) -> None:
        """What was said stays, and another answer follows."""
        self.end(note)
        self._last = ""

    def pause(self) -> float | None:
        """Everything is shown at once."""
        return None

    def tick(self) -> None:
        """Nothing is late."""

    def end(self, note: str = "", data: Mapping[str, Any] | None = None, metadata: Mapping[str, Any] | None = None) -> None:
        """A line's end."""
        if data is not None and not self._last:
            print(_harmless(str(data.get("text/plain", ""))), flush=True)
        elif self._last and not self._last.endswith("\n"):
            print(flush=True)
        if note:
            print(_harmless(note), file=sys.stderr)


class NoOutput:
    """Nowhere: somebody only wants the result."""

    def add(self, text: str) -> None:
        """Nothing is shown."""

    def note(self, text: str) -> None:
        """Nothing is shown."""

    def clear(self, note: str) -> None:
        """Nothing is shown."""

    def pause(self) -> float | None:
        """Never."""
        return None

    def tick(self) -> None:
        """Nothing is late."""

    def end(self, note: str = "", data: Mapping[str, Any] | None = None, metadata: Mapping[str, Any] | None = None) -> None:
        """Nothing is shown."""


def _harmless(text: str) -> str:
    """Without what would make a terminal do something: a model's words are words."""
    return "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and not "\x7f" <= sign <= "\x9f"))
