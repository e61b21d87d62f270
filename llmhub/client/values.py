"""What a client gets: conversations, models, runs, hits. Frozen; what a newer server says beyond them is left out.

Messages and events are those of `llmhub.messages` and `llmhub.events`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..messages import Message, Role, Status, Usage, text_of


class Told(BaseModel):
    """Part of an answer of the server."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Conversation(Told):
    """A tree of messages and a head: the leaf being shown. Its messages are asked for separately."""

    id: str
    title: str | None = None
    head_id: str | None = None
    model: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    folder_id: str | None = None
    tags: tuple[str, ...] = ()
    pinned: bool = False
    archived: bool = False
    temporary: bool = False
    running: bool = False
    unread: bool = False
    created_at: datetime
    updated_at: datetime


class Node(Told):
    """A message without its body."""

    id: str
    parent_id: str | None
    role: Role
    status: Status
    model: str | None = None
    created_at: datetime


class Model(Told):
    """A model that can be asked. `price` is in US dollars per million tokens: `input`, `output`, `cached_input`."""

    id: str
    label: str
    provider: str
    kind: str = ""
    available: bool = True
    why_not: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[str, ...] = ()
    price: dict[str, float | None] | None = None
    local: bool = False


class Run(Told):
    """One turn that is being answered, or was."""

    run_id: str
    conversation_id: str
    user_message_id: str | None = None
    message_id: str
    status: Status = "running"
    model: str | None = None


class StoredFile(Told):
    """A file that was put into the store."""

    id: str
    name: str
    media_type: str
    size: int


class Hit(Told):
    """A message, or a conversation's title, that a search found. In `snippet` what was found stands in `<mark>`."""

    conversation_id: str
    message_id: str | None = None
    title: str | None = None
    snippet: str = ""
    score: float = 0.0


class Hits(list[Hit]):
    """What a search found, best first. `notes`: sentences for whoever asked, such as an operator that is not understood."""

    def __init__(self, hits: Iterable[Hit], notes: Iterable[str] = ()) -> None:
        super().__init__(hits)
        self.notes = tuple(notes)


class Mention(Told):
    """A message in which a text stands, and how often."""

    message_id: str
    count: int


class ImportResult(Told):
    """What an import brought in. `failed` has `{"name", "reason"}` of every entry that was left out.

    `updated` were there and have grown; `notes` say of which conversations something is missing.
    """

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: tuple[dict[str, Any], ...] = ()
    notes: tuple[dict[str, Any], ...] = ()
    conversation_ids: tuple[str, ...] = ()
    stopped: bool = False
    """Somebody stopped it before its end; the same file again brings the rest."""


class Progress(Told):
    """How far an import or an export is.

    `stage`: the file is being sent, the server reads it (nobody knows how far that is), conversations come in, or go out.
    `fraction` is of 1, None where nobody knows; `conversations` have been dealt with, of `of` where that is known.
    """

    stage: Literal["sending", "reading", "importing", "exporting"]
    fraction: float | None = None
    conversations: int = 0
    of: int | None = None
    failed: int = 0
    size: int = 0
    """Bytes that were sent, or have come."""


class Answer(Told):
    """A question's answer, ended: as its status says, complete, stopped or interrupted."""

    conversation_id: str
    run_id: str
    message: Message

    @property
    def text(self) -> str:
        """Its words, as Markdown."""
        return text_of(self.message)

    @property
    def usage(self) -> Usage | None:
        """Tokens and times; None where nobody said."""
        return self.message.usage

    @property
    def cost(self) -> float | None:
        """US dollars; None where the price is not known."""
        return self.message.usage.cost_usd if self.message.usage else None
