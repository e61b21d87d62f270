"""Conversations in batches: as many as one transaction should take.

A transaction for each would cost more than what is written in it; one for all would hold up whoever says something meanwhile, and
lose everything when the server is killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ...messages import OutputPart, Part, QuotePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from .bundle import Bundle
from .reading import Entry

MOST: Final = 50
TEXT: Final = 500_000
"""Characters, which take about a quarter of a second to be written and indexed."""
FILES: Final = 8 * 2**20
"""Bytes of files that lie ready when their messages are written."""


@dataclass(slots=True)
class Batch:
    """Conversations that are written together, and what is skipped between them."""

    entries: list[Entry] = field(default_factory=list[Entry])
    text: int = 0
    """Characters in it, about."""
    files: int = 0
    """Bytes of files that it names."""

    @property
    def is_small(self) -> bool:
        """Whether another one may be in memory beside it: a single conversation may be large."""
        return self.text < 4 * TEXT and self.files < 4 * FILES


def next_batch(entries: Iterator[Entry]) -> Batch:
    """The next of them; an empty one at the end. Blocks."""
    batch = Batch()
    while len(batch.entries) < MOST and batch.text < TEXT and batch.files < FILES and (entry := next(entries, None)) is not None:
        batch.entries.append(entry)
        if isinstance(entry, Bundle):
            batch.text += sum(_length(message.parts) for message in entry.messages)
            batch.files += sum(ref.size or 0 for ref in entry.files)
    return batch


def _length(said: Iterable[Part]) -> int:
    """Characters, about."""
    length = 0
    for part in said:
        match part:
            case TextPart(text=text) | ReasoningPart(text=text) | QuotePart(text=text) | ToolCallPart(arguments=text):
                length += len(text)
            case ToolResultPart(parts=inner):
                length += _length(inner)
            case OutputPart(mime_bundle=bundle):
                length += sum(len(value) for value in bundle.values() if isinstance(value, str))
            case _:
                pass
        length += 100
    return length
