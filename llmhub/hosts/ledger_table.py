"""The ledger as CSV, for a spreadsheet: a line for each request that was paid for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

from ..conversations.ledger import Within
from ..conversations.store import ConversationStore
from ..conversations.values import Entry
from ..money import NANOS
from .spreadsheet import inert, lines

COLUMNS: Final = (
    "time",
    "source",
    "provider",
    "model",
    "asked_for",
    "outcome",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "reasoning_tokens",
    "estimated_input_tokens",
    "estimated_output_tokens",
    "cost_usd",
    "conversation",
    "conversation_id",
    "folder_id",
    "message_id",
    "run_id",
)


async def table(store: ConversationStore, within: Within) -> AsyncIterator[bytes]:
    """The lines in the order of their time, some thousands at once, the names of the columns first."""
    yield lines([COLUMNS])
    after = None
    while found := await store.entries(within, after=after):
        yield lines(_cells(entry, title) for entry, title in found)
        last, _ = found[-1]
        after = (last.at, last.id)


def _cells(entry: Entry, title: str | None) -> tuple[Any, ...]:
    return (
        entry.at.isoformat().replace("+00:00", "Z"),
        entry.source,
        inert(entry.provider),
        inert(entry.model),
        inert(entry.asked),
        entry.outcome,
        entry.input_tokens,
        entry.cached_tokens,
        entry.output_tokens,
        entry.reasoning_tokens,
        entry.guessed_input,
        entry.guessed_output,
        "" if entry.nanos is None else f"{entry.nanos // NANOS}.{entry.nanos % NANOS:09d}",
        inert(title),
        entry.conversation_id or "",
        entry.folder_id or "",
        entry.message_id or "",
        entry.run_id or "",
    )
