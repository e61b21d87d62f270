"""`Result`: what a question in a notebook came to: an answer, and the object that a schema asked for."""

from __future__ import annotations

from typing import Any

from ...client import Answer
from ...conversations.transfer.harmless import harmless


class Result(Answer):
    """An answer. `value` is the object that a schema asked for, else None."""

    value: Any = None

    @property
    def model(self) -> str:
        """Who answered."""
        return self.message.model or ""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        cost = "" if self.cost is None else f", ${self.cost:.4f}"
        begin = self.text if len(self.text) <= 60 else f"{self.text[:59]}…"
        return f"<Result of {self.model}: {begin!r}{cost}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Outputs of a cell that was run are trusted: a tag in them would be, too.
        return {"text/markdown": harmless(self.text), "text/plain": self.text}
