"""Bodies and queries of messages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...conversations.values import Node
from ...messages import FilePart, ImagePart, Message, QuotePart, TextPart, Value
from .fields import Cursor, Id, Limit, Listed, Model, RequestId


class MessagesQuery(Value):
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


class MessageDraft(Value):
    """A message to be saved beside its siblings without asking any model. `model` says whose answer it was, if it is one."""

    client_request_id: RequestId
    parent_id: Id | None = None
    role: Literal["user", "assistant"]
    parts: Annotated[tuple[UserPart, ...], Field(min_length=1, max_length=1000)]
    model: Model | None = None


class MessageChanges(Value):
    """What may be changed of a message that stands: its words never."""

    pinned: bool


class HeadView(Value):
    """The message that a conversation ends with as it is shown; null: there is none left."""

    head_id: str | None


class Nodes(Listed[Node]):
    """Every node of a conversation's tree, without bodies."""


class Messages(Listed[Message]):
    """A path, from the root to the leaf."""
