"""`TokenCounter`: a provider that says how many tokens a question has, where its wire has a way for it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from .base import ModelRequest


@runtime_checkable
class TokenCounter(Protocol):
    """A wire that counts. Counting costs nothing and answers nothing."""

    async def count(self, request: ModelRequest) -> int:
        """The tokens of a request, as the provider will bill them. Raises `ProviderError`."""
        ...
