"""`Embedder`: a provider that makes vectors of texts, where its wire has a way for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from . import faults
from .faults import Place

Texts = Sequence[str] | Sequence[Sequence[int]]
"""Texts, or the numbers of their tokens."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector for each text, in their order; and how many tokens they had, if the provider says so."""

    vectors: tuple[tuple[float, ...], ...]
    input_tokens: int | None = None


@runtime_checkable
class Embedder(Protocol):
    """A wire that has embeddings."""

    async def embed(self, model: str, texts: Texts, *, dimensions: int | None = None) -> Embedded:
        """A vector for each of `texts`. Raises `ProviderError`."""
        ...


def vectors_in(rows: Callable[[], Iterable[Any]], texts: Texts, place: Place) -> tuple[tuple[float, ...], ...]:
    """The vectors that an answer holds, one for each text. Raises `BadAnswer` if it is of another form."""
    try:
        found = tuple([tuple(map(float, row)) for row in rows()])
    except (LookupError, TypeError, AttributeError, ValueError) as exc:
        raise faults.odd_json(place) from exc
    if len(found) != len(texts) or not all(found):
        raise faults.odd_json(place)
    return found
