"""What a request may ask of a model, in llmhub's own terms. Each wire translates them and leaves out what it has not."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from .messages import Value


class Params(Value):
    """Parameters of a run or a conversation; None means: the provider's default."""

    system: str | None = None
    """Instructions that stand before the conversation."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    stop: tuple[str, ...] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] | None = None
    caching: bool | None = None
    """False: nothing is said to the provider that makes it keep the conversation's beginning for the next turn."""
    json_schema: dict[str, Any] | None = None
    """The answer is JSON of this schema."""

    def given(self) -> dict[str, Any]:
        """Only what was set, `system` excluded: the `params` of a `ModelRequest`."""
        return {k: v for k, v in self.model_dump(mode="json", exclude_none=True).items() if k != "system"}
