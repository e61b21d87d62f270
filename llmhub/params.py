"""What a request may ask of a model, in llmhub's own terms. Each wire translates them and leaves out what it has not."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from .messages import Value

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    if fault := schema_fault(schema):
        raise ValueError(fault)
    return schema


def schema_fault(schema: dict[str, Any]) -> str | None:
    """Why something is no JSON schema, if it is none."""
    from jsonschema import Draft202012Validator, SchemaError  # on first use: it takes a tenth of a second

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as exc:
        place = exc.json_path.removeprefix("$").lstrip(".")
        return f"is no JSON schema: `{place}` is not what may stand there" if place else "is no JSON schema"
    except RecursionError:
        return "is no JSON schema: it is nested too deep"
    return None


class Params(Value):
    """Parameters of a run or a conversation; None means: the provider's default."""

    system: str | None = None
    """Instructions that stand before the conversation."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    stop: tuple[str, ...] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    reasoning_effort: Effort | None = None
    reasoning_budget: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    """Tokens to think with; it counts over `reasoning_effort`."""
    verbosity: Literal["low", "medium", "high"] | None = None
    caching: bool | None = None
    """False: nothing is said to the provider that makes it keep the conversation's beginning for the next turn."""
    json_schema: Annotated[dict[str, Any], AfterValidator(_schema)] | None = None
    """The answer is JSON of this schema."""

    def given(self) -> dict[str, Any]:
        """Only what was set, `system` excluded: the `params` of a `ModelRequest`."""
        return {k: v for k, v in self.model_dump(mode="json", exclude_none=True).items() if k != "system"}
