"""`Mapped`: what `llmhub.map` gives: a value per row, in order, and what went wrong, was used and cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from ...errors import LLMHubError


class Mapped(Sequence[Any]):
    """The values of the rows that were taken: text, or objects of a schema; None where there is an error, or none was asked."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.errors: dict[int, LLMHubError] = {}
        """By the row's number."""
        self.cut_off: set[int] = set()
        """Numbers of rows whose answer came to its limit of tokens: their values are what had come."""
        self.cached = 0
        """Rows that had been answered before."""
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost: float | None = 0.0
        """US dollars; None where the price is not known."""
        self.stopped: str | None = None
        """Why not all rows were asked: "interrupted", "max_cost"; None: they were."""
        self.done = 0
        """Rows that are through, with an answer or an error."""

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self.values[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __repr__(self) -> str:
        return f"<Mapped: {self.summary()}>"

    def summary(self, of: int | None = None) -> str:
        """In a line. `of`: how many rows there are, where that is known."""
        rows = f"{self.done:,} of {of:,} rows" if of is not None else f"{self.done:,} rows"
        told = [rows]
        if self.cached:
            told.append(f"{self.cached:,} answered before")
        if self.errors:
            told.append(f"{len(self.errors):,} with errors")
        if self.cut_off:
            told.append(f"{len(self.cut_off):,} cut off at the limit of tokens")
        told.append(f"{self.input_tokens + self.output_tokens:,} tokens")
        if self.cost is not None:
            told.append(f"${self.cost:.4f}")
        if self.stopped:
            told.append(f"stopped: {self.stopped}")
        return ", ".join(told)
