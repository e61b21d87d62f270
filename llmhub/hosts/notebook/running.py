"""`Running`: the conversation that goes on from cell to cell, one per notebook; a cell that is run again makes a branch.

A new cell asks below what the panel shows. A cell that asked before asks again where it stood: below the newest answer of the cell
that was asked before it. Kept in a small file beside llmhub's data, so that a kernel's restart does not end a conversation.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...client import Client
from ...client.aio import ROOT
from ...config.data_dir import data_dir_path
from ...errors import NotFound
from ...private_file import write_private


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question goes. `parent_id` None: below what is shown."""

    conversation_id: str
    parent_id: str | None = None


@dataclass(slots=True)
class _Asked:
    """What one cell asked: after which cell, and what came of it last."""

    after: str | None
    answer: str


@dataclass(slots=True)
class _State:
    conversation: str | None = None
    cells: dict[str, _Asked] = field(default_factory=dict[str, _Asked])
    last: str | None = None


class Running:
    """The running conversation of a notebook (`path`), or where there is none, of this process; one of several by its `name`."""

    def __init__(self, path: str | None, name: str | None = None) -> None:
        self._title = " · ".join(filter(None, (path and Path(path).name, name))) or None
        key = None if path is None else _digest(path if name is None else f"{path}\0{name}")
        self._file = None if key is None else data_dir_path(os.environ) / "notebooks" / f"{key}.json"
        self._state = _read(self._file)

    @property
    def conversation_id(self) -> str | None:
        """The conversation, if there is one yet."""
        return self._state.conversation

    def begin_anew(self, conversation_id: str | None = None) -> None:
        """The next question begins a conversation, or goes on with that one."""
        self._state = _State(conversation_id)
        self._write()

    def known(self, cell: str | None) -> Place | None:
        """Where the question of `cell` would go, as far as there is a conversation."""
        return None if self._state.conversation is None else Place(self._state.conversation, self._parent(cell))

    def place(self, client: Client, cell: str | None) -> Place:
        """Where the question of `cell` goes; a conversation is made if there is none, or it was deleted."""
        state = self._state
        if state.conversation is not None:
            try:
                head = client.conversation(state.conversation).head_id
            except NotFound:
                state = self._state = _State()
            else:
                return Place(state.conversation, self._parent(cell) if head else None)
        made = client.create_conversation(title=self._title)
        state.conversation = made.id
        self._write()
        return Place(made.id)

    def answered(self, cell: str | None, message_id: str) -> None:
        """`cell` got this answer."""
        if cell is not None:
            before = self._state.cells.get(cell)
            self._state.cells[cell] = _Asked(self._state.last if before is None else before.after, message_id)
            self._state.last = cell
        else:
            self._state.last = None
        self._write()

    def _parent(self, cell: str | None) -> str | None:
        before = None if cell is None else self._state.cells.get(cell)
        if before is None:
            return None
        above = None if before.after is None else self._state.cells.get(before.after)
        return ROOT if above is None else above.answer

    def _write(self) -> None:
        if self._file is not None:
            cells = {cell: [asked.after, asked.answer] for cell, asked in self._state.cells.items()}
            told = {"conversation": self._state.conversation, "cells": cells, "last": self._state.last}
            try:
                write_private(self._file, json.dumps(told).encode())
            except OSError as exc:  # a question is asked all the same
                why = exc.strerror or exc
                warnings.warn(f"After the kernel's end this notebook begins a new conversation: {self._file}: {why}", stacklevel=1)


def _read(file: Path | None) -> _State:
    """What was kept; nothing where there is no such file, or one that was damaged: then a conversation begins."""
    try:
        told: dict[str, Any] = json.loads(file.read_bytes()) if file is not None else {}
        cells = {str(cell): _Asked(after, str(answer)) for cell, (after, answer) in told.get("cells", {}).items()}
        return _State(told.get("conversation"), cells, told.get("last"))
    except (OSError, ValueError, TypeError, AttributeError):
        return _State()


def _digest(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:32]
