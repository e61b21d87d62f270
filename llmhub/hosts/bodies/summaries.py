"""Bodies of summaries."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from ...conversations.values import Summary
from ...messages import Value
from .fields import Id, Listed, Model, RequestId, stripped


class SummaryDraft(Value):
    """A summary of all turns but the last on the path to `leaf` (absent: the head), by `model` (absent: the conversation's)."""

    client_request_id: RequestId
    leaf: Id | None = None
    model: Model | None = None
    instructions: Annotated[str, Field(max_length=2000), AfterValidator(stripped)] | None = None


class SummaryChanges(Value):
    """Other words, or whether it stands for its messages in requests; what is absent stays."""

    text: Annotated[str, Field(max_length=200_000), AfterValidator(stripped)] = ""
    active: bool = True


class Summaries(Listed[Summary]):
    """All summaries of a conversation, oldest first, those that were undone too. `making`: one is being made by hand now."""

    making: bool = False
