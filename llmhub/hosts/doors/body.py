"""What the bodies of foreign requests have in common: how unknown fields are taken, and what is said of known ones we have not.

At the top an unknown field is refused, as the real APIs do; inside messages it is passed over, because clients send back what they
were given.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Foreign(BaseModel):
    """A piece of a foreign request; fields that mean nothing here are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ForeignBody(BaseModel):
    """A foreign request."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _not_here(value: Any) -> Any:
    if value:
        raise ValueError("is not supported by llmhub; leave it out")
    return value


def _parts(value: Any) -> Any:
    return [{"type": "text", "text": value}] if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


ModelName = Annotated[str, Field(min_length=1, max_length=500, description="`<provider>/<model>`, as `GET models` lists it")]
Refused = Annotated[Any, AfterValidator(_not_here), Field(description="not supported: an error unless empty, false or 0")]
"""A field that would change the answer and that we cannot honour."""
Unused = Annotated[Any, Field(description="taken, and without effect")]
"""A field without which the answer is as good."""
AsParts = BeforeValidator(_parts)
"""A string stands for one text part."""
AsList = BeforeValidator(_listed)
"""A string stands for a list of one."""
