"""Bodies and queries of messages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ...conversations.values import Node, RatedAnswer, StarredMessage
from ...messages import (
    FilePart,
    FinishReason,
    ImagePart,
    Message,
    Part,
    QuotePart,
    RatingReason,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Value,
)
from .fields import Cursor, Filters, Id, Limit, Listed, Model, RequestId, stripped


class MessagesQuery(Filters):
    """Which path. With `limit` the last so many messages of it; `next` leads towards the root."""

    leaf: Id | None = None
    limit: Limit | None = None
    cursor: Cursor | None = None


class TreeQuery(Value):
    """How much of each node. With `excerpts` also its first words."""

    excerpts: bool = False


class BranchQuery(Value):
    """Which branch: the one that ends at `leaf`; absent: the one that is shown."""

    leaf: Id | None = None


UserPart = Annotated[TextPart | ImagePart | FilePart | QuotePart, Field(discriminator="type")]


class UserMessage(Value):
    """What the user says."""

    parts: Annotated[tuple[UserPart, ...], Field(min_length=1, max_length=1000)]


SavedPart = Annotated[TextPart | ImagePart | FilePart | QuotePart | ToolCallPart | ToolResultPart, Field(discriminator="type")]


class MessageDraft(Value):
    """A message to be saved beside its siblings without asking any model.

    `model` says whose answer it was, if it is one, and `finish_reason` why it ended there.
    An answer may hold calls of tools, each before what it gave.
    """

    client_request_id: RequestId
    parent_id: Id | None = None
    role: Literal["user", "assistant"]
    parts: Annotated[tuple[SavedPart, ...], Field(min_length=1, max_length=1000)]
    model: Model | None = None
    finish_reason: FinishReason | None = None

    @field_validator("parts")
    @classmethod
    def _calls_before_results(cls, parts: tuple[Part, ...], info: ValidationInfo) -> tuple[Part, ...]:
        called: set[str] = set()
        answered: set[str] = set()
        for part in parts:
            if isinstance(part, ToolCallPart | ToolResultPart) and info.data.get("role") != "assistant":
                raise ValueError("tools are called in answers only")
            if isinstance(part, ToolCallPart):
                if part.call_id in called:
                    raise ValueError(f"two calls have the id {part.call_id[:80]!r}")
                called.add(part.call_id)
            elif isinstance(part, ToolResultPart):
                if part.call_id not in called:
                    raise ValueError(f"there is no call {part.call_id[:80]!r} before its result")
                if part.call_id in answered:
                    raise ValueError(f"the call {part.call_id[:80]!r} has two results")
                answered.add(part.call_id)
        return parts


class RatingDraft(Value):
    """What a person thinks of an answer: 1 is good, -1 is not."""

    value: Literal[1, -1]
    reason: RatingReason | None = None
    text: Annotated[str, Field(max_length=2000), AfterValidator(stripped)] | None = None


class MessageChanges(Value):
    """What may be changed of a message that stands, its words never; what is absent stays. `rating` null takes it away."""

    pinned: bool = False
    starred: bool = False
    rating: RatingDraft | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        return self.model_dump(exclude_unset=True)


class StarsQuery(Value):
    """A page of the list."""

    limit: Limit = 50
    cursor: Cursor | None = None


class RatingsQuery(Value):
    """As JSON in pages, or as CSV: then all of them, and `limit` and `cursor` have no meaning."""

    format: Literal["json", "csv"] = "json"
    limit: Limit = 200
    cursor: Cursor | None = None


class Stars(Listed[StarredMessage]):
    """Starred messages, those starred last first."""


class Ratings(Listed[RatedAnswer]):
    """Rated answers with their questions, in the order of the answers."""


class HeadView(Value):
    """The message that a conversation ends with as it is shown; null: there is none left."""

    head_id: str | None


class Nodes(Listed[Node]):
    """Every node of a conversation's tree, without bodies."""


class Messages(Listed[Message]):
    """A path, from the root to the leaf."""
