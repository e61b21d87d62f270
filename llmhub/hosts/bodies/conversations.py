"""Bodies and queries of conversations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ...conversations.values import Conversation, ForkMode
from ...messages import Value
from ...params import Params
from .fields import Cursor, Filters, Id, Limit, Listed, Model, RequestId, Tag, Title, given, stripped


class ConversationDraft(Value):
    """A new conversation. A temporary one is in no list and is gone when the server stops."""

    client_request_id: RequestId | None = None
    title: Title | None = None
    model: Model | None = None
    folder_id: Id | None = None
    params: Params | None = None
    temporary: bool = False

    @property
    def given_params(self) -> dict[str, Any]:
        """Only what was set."""
        return given(self.params)


class ConversationChanges(Value):
    """What is to be different; what is absent stays."""

    title: Title | None = None
    head_id: Id | None = None
    folder_id: Id | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=100)] = ()
    pinned: bool = False
    archived: bool = False
    unread: bool = False
    model: Model | None = None
    params: Params | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        changed = self.model_dump(exclude_unset=True)
        if "params" in changed:
            changed["params"] = given(self.params)
        return changed


class CopyStart(Value):
    """A copy of a whole conversation. Without a title it is called as the conversation, with "(copy)" behind it."""

    client_request_id: RequestId | None = None
    title: Annotated[Title, AfterValidator(stripped)] | None = None


class ForkStart(CopyStart):
    """What a new conversation takes along from this one.

    `path`: what leads to the message. `branches`: that, and what stands beside each message of it. `to_here`: every message down
    to its level, on all branches. `from_here`: it and everything beneath it; an answer takes its question along.
    """

    message_id: Id
    mode: ForkMode = "path"


class ConversationQuery(Filters):
    """Which conversations: all conditions hold together."""

    query: Annotated[str, Field(max_length=1000, description="part of the title")] | None = None
    folder_id: Id | None = None
    subfolders: Annotated[bool, Field(description="what is below `folder_id`, too")] = False
    unfiled: Annotated[bool, Field(description="only those that are in no folder")] = False
    tag: Tag | None = None
    pinned: bool | None = None
    archived: bool | None = None
    unread: bool | None = None
    running: bool | None = None
    model: Model | None = None
    sort: Annotated[Literal["used", "created", "title"], Field(description="newest turn first, newest first, or by title")] = "used"
    pinned_first: Annotated[bool, Field(description="pinned ones before all others")] = False
    limit: Limit = 50
    cursor: Cursor | None = None


class Conversations(Listed[Conversation]):
    """Conversations, newest updated first."""
