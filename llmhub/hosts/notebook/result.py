"""`Result`: what a question in a notebook came to: an answer, and the object that a schema asked for."""

from __future__ import annotations

from typing import Any

from ...client import Answer
from ...conversations.transfer.harmless import harmless
from ...messages import TextPart, ToolResultPart


class Result(Answer):
    """An answer. `value` is the object that a schema asked for, else None."""

    value: Any = None

    @property
    def model(self) -> str:
        """Who answered."""
        return self.message.model or ""

    @property
    def conclusion(self) -> str:
        """Its words after the last call of a function: what it said before is no part of the code, formula or page asked for."""
        parts = self.message.parts
        last = max((at for at, part in enumerate(parts) if isinstance(part, ToolResultPart)), default=-1)
        return "".join(part.text for part in parts[last + 1 :] if isinstance(part, TextPart)).strip()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        cost = "" if self.cost is None else f", ${self.cost:.4f}"
        begin = self.text if len(self.text) <= 60 else f"{self.text[:59]}…"
        return f"<Result of {self.model}: {begin!r}{cost}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # Outputs of a cell that was run are trusted: a tag in them would be, too.
        return {"text/markdown": harmless(self.text), "text/plain": self.text}
