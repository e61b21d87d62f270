"""A message and its parts: plain, frozen values that go to and from JSON.

They know no store, no wire and no provider; ids are given to them. What a provider adds and must get back
(a thinking signature, say) rides along untouched in `provider_metadata`, keyed by the wire that wrote it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Role = Literal["user", "assistant", "system", "tool"]
Status = Literal["running", "waiting", "complete", "stopped", "interrupted", "failed"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "stopped", "interrupted", "error"]


class Value(BaseModel):
    """A frozen pydantic model that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Part(Value):
    provider_metadata: dict[str, Any] | None = None


class TextPart(_Part):
    """Markdown."""

    type: Literal["text"] = "text"
    text: str


class ReasoningPart(_Part):
    """What the model thought before it spoke, where its provider shows it."""

    type: Literal["reasoning"] = "reasoning"
    text: str
    duration_ms: float | None = None
    """How long it thought; None while it does, and where nobody measured it."""


class ImagePart(_Part):
    """An image, by the id of a stored file or by URL (`https:` or `data:`)."""

    type: Literal["image"] = "image"
    file_id: str | None = None
    url: str | None = None
    media_type: str | None = None


class FilePart(_Part):
    """A stored file."""

    type: Literal["file"] = "file"
    file_id: str
    name: str
    media_type: str


class ToolCallPart(_Part):
    """The model asks for a tool. `arguments` is the JSON text exactly as the model wrote it."""

    type: Literal["tool_call"] = "tool_call"
    call_id: str
    name: str
    arguments: str
    title: str | None = None


class ToolResultPart(_Part):
    """What the tool gave back; `parts` are text, image, file or output."""

    type: Literal["tool_result"] = "tool_result"
    call_id: str
    ok: bool
    parts: tuple[TextPart | ImagePart | FilePart | OutputPart, ...] = ()
    duration_ms: float | None = None
    """How long it ran; None where nobody measured it."""


class OutputPart(_Part):
    """A Jupyter output: a mime bundle and its metadata."""

    type: Literal["output"] = "output"
    mime_bundle: dict[str, Any]
    metadata: dict[str, Any] = Field(default_factory=dict)


class CitationPart(_Part):
    """A passage that the answer rests on."""

    type: Literal["citation"] = "citation"
    file_id: str
    title: str
    locator: str
    quote: str


class QuotePart(_Part):
    """Part of another message, quoted."""

    type: Literal["quote"] = "quote"
    message_id: str
    text: str


Part = Annotated[
    TextPart | ReasoningPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | OutputPart | CitationPart | QuotePart,
    Field(discriminator="type"),
]
PartType = Literal["text", "reasoning", "image", "file", "tool_call", "tool_result", "output", "citation", "quote"]

part_adapter: TypeAdapter[Part] = TypeAdapter(Part)
parts_adapter: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])


class Usage(Value):
    """What an answer used. Token counts are the provider's own; None means that it did not say.

    `input_tokens` includes `cached_tokens` (read from the provider's cache) and `cache_write_tokens` (put there); `output_tokens`
    includes `reasoning_tokens`.
    """

    input_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None
    first_token_ms: float | None = None
    duration_ms: float | None = None


def add_usage(first: Usage | None, second: Usage | None) -> Usage | None:
    """What two runs of one answer used together; the first token is that of the first run."""
    if first is None or second is None:
        return first or second
    total: dict[str, Any] = {}
    for name in (
        "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "cost_usd", "duration_ms",
    ):  # fmt: skip
        known = [value for value in (getattr(first, name), getattr(second, name)) if value is not None]
        total[name] = sum(known) if known else None
    return Usage(**total, first_token_ms=first.first_token_ms)


class Adaptation(Value):
    """Something that the model got in other words than it was given, or not at all, and why.

    `name` is that of the parameter, file or tool; of reasoning, the model that thought. `value` and `sent` are a parameter's.
    """

    what: Literal["parameter", "image", "file", "reasoning", "tool_call", "tools", "messages"]
    how: Literal["left_out", "translated"]
    why: Literal[
        "not_taken", "never_sent", "refused", "beyond_range", "while_reasoning", "one_of_two", "with_tools",
        "no_images", "no_such_files", "no_tools", "needs_tools", "foreign", "not_stored", "by_address", "unreadable",
        "no_room",
    ]  # fmt: skip
    name: str | None = None
    count: int = 1
    value: Any = None
    sent: Any = None


class ErrorInfo(Value):
    """An error as it is stored with a message and shown in the panel."""

    code: str
    message: str
    hint: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


RatingReason = Literal[
    "accurate", "clear", "creative", "thorough",
    "inaccurate", "incomplete", "off_topic", "style", "refused", "not_helpful", "other",
]  # fmt: skip
"""The first four are of good answers, the others of bad ones; `other` is of both."""


class Rating(Value):
    """What a person thinks of an answer, and why: `reason` of the usual ones, `text` in their own words."""

    value: Literal[1, -1]
    reason: RatingReason | None = None
    text: str | None = None
    rated_at: datetime


class Message(Value):
    """One node of a conversation's tree."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    status: Status
    model: str | None = None
    parts: tuple[Part, ...] = ()
    usage: Usage | None = None
    finish_reason: FinishReason | None = None
    error: ErrorInfo | None = None
    created_at: datetime
    sibling_ids: tuple[str, ...] = ()
    run_id: str | None = None
    """The run that is answering or last answered this message."""
    instruction: str | None = None
    """What was said to the model after the question, for this answer only."""
    adapted: tuple[Adaptation, ...] = ()
    """What the model got otherwise than it was given, when it was last asked for this answer."""
    pinned: bool = False
    """It goes to the model as it is, also where a summary stands for its neighbours."""
    starred: bool = False
    """The person wants to find it again."""
    rating: Rating | None = None


def text_of(message: Message) -> str:
    """The text parts of a message, joined: an answer that was continued has several."""
    return "".join(part.text for part in message.parts if isinstance(part, TextPart))
