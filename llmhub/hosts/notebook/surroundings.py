"""What a kernel knows of where it runs: its notebook, the cell that is being run, and how things can be shown."""

from __future__ import annotations

import os
from typing import Any

from .display import CellOutput, Output, TerminalOutput


class Surroundings:
    """Of one IPython shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._request = ""
        self._count = 0

    @property
    def notebook(self) -> str | None:
        """The notebook's path, as far as anybody told this kernel: Jupyter when it started it, or VS Code."""
        told = os.environ.get("JPY_SESSION_NAME") or self.shell.user_ns.get("__vsc_ipynb_file__")
        return str(told) if told else None

    @property
    def has_kernel(self) -> bool:
        """Whether outputs go to a front end, and not to a terminal."""
        return getattr(self.shell, "kernel", None) is not None

    def output(self, *, plain: bool = False) -> Output:
        """A place for an answer, in what is being run now."""
        return CellOutput(plain=plain) if self.has_kernel else TerminalOutput()

    def next_question(self) -> str | None:
        """What tells this question from all others of the notebook, again when its cell is run again. None: nobody knows."""
        parent: dict[str, Any] = self.shell.get_parent() if self.has_kernel else {}
        metadata: dict[str, Any] = parent.get("metadata") or {}
        header: dict[str, Any] = parent.get("header") or {}
        if not (cell := metadata.get("cellId")):
            return None
        request = str(header.get("msg_id"))
        self._count = self._count + 1 if request == self._request else 0
        self._request = request
        return f"{cell}/{self._count}"
