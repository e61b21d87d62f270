"""What a run says while it works. Every event carries the run's id and a `seq` that counts from 1 without gaps.

Joining all `text.delta` of a part gives the stored text to the byte. Nothing here waits, stores or sends.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from .messages import Adaptation, ErrorInfo, FinishReason, Part, PartType, Status, Usage, Value


class _Event(Value):
    run_id: str = ""
    seq: int = 0


class RunStarted(_Event):
    """The first event of every run that answers a turn."""

    type: Literal["run.started"] = "run.started"
    conversation_id: str
    user_message_id: str | None
    message_id: str
    model: str


WaitCode = Literal[
    "connecting",
    "rate_limit",
    "unwell",
    "falling_back",
    "answered_by",
    "shortened",
    "not_stored",
    "compacting",
    "compacted",
    "compaction_failed",
]
"""What an answer waits for, or what has happened to it meanwhile; whoever speaks another language says it by this."""


class StatusChanged(_Event):
    """Words for a wait: "connecting", "waiting 4 s: the provider's rate limit". `details` are what the words name."""

    type: Literal["status"] = "status"
    text: str
    code: WaitCode | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class Adapted(_Event):
    """All that the model gets otherwise than it was given; it takes the place of what was said of this before."""

    type: Literal["adapted"] = "adapted"
    items: tuple[Adaptation, ...] = ()


class PartStarted(_Event):
    """Part number `part` (an index into the message's parts) begins."""

    type: Literal["part.started"] = "part.started"
    part: int
    part_type: PartType


class PartEnded(_Event):
    """A reasoning part is closed; it took so long."""

    type: Literal["part.ended"] = "part.ended"
    part: int
    duration_ms: float


class TextDelta(_Event):
    """More text of a text part."""

    type: Literal["text.delta"] = "text.delta"
    part: int
    text: str


class ReasoningDelta(_Event):
    """More text of a reasoning part."""

    type: Literal["reasoning.delta"] = "reasoning.delta"
    part: int
    text: str


class ToolCalled(_Event):
    """The model has finished writing a tool call. Its fragments come before as `tool.delta`."""

    type: Literal["tool.call"] = "tool.call"
    part: int
    call_id: str
    name: str
    arguments: str
    title: str | None = None


class ToolDelta(_Event):
    """A fragment of a tool call's arguments, while the model writes them."""

    type: Literal["tool.delta"] = "tool.delta"
    part: int
    call_id: str
    name: str
    arguments: str


class ToolProgress(_Event):
    """A running tool says how far it is; `fraction` is between 0 and 1, or None."""

    type: Literal["tool.progress"] = "tool.progress"
    call_id: str
    text: str
    fraction: float | None = None


class ToolResult(_Event):
    """A tool gave its result."""

    type: Literal["tool.result"] = "tool.result"
    part: int
    call_id: str
    ok: bool
    parts: tuple[Part, ...] = ()
    duration_ms: float | None = None


class ApprovalRequested(_Event):
    """The run waits for the user's consent; `effect` is what would happen."""

    type: Literal["approval.requested"] = "approval.requested"
    request_id: str
    call_id: str
    effect: dict[str, Any]


class QuestionAsked(_Event):
    """The run waits for the user's answer."""

    type: Literal["question.asked"] = "question.asked"
    request_id: str
    questions: tuple[dict[str, Any], ...]


class Answered(_Event):
    """Somebody answered an approval or a question."""

    type: Literal["answered"] = "answered"
    request_id: str


class Citation(_Event):
    """The answer rests on this passage."""

    type: Literal["citation"] = "citation"
    part: int
    file_id: str
    title: str
    locator: str
    quote: str


class UsageReported(_Event, Usage):
    """What the run has used so far: the fields of `Usage` beside the event's own."""

    type: Literal["usage"] = "usage"


class TitleChanged(_Event):
    """The conversation got a title."""

    type: Literal["title.changed"] = "title.changed"
    title: str


class Progressed(_Event):
    """How far a run is that answers no turn (an import): its first event, and then whenever there is something to tell.

    `fraction` is between 0 and 1, or None where nobody knows; `text` is what it is at, `result` what has come of it so far.
    """

    type: Literal["progress"] = "progress"
    text: str
    fraction: float | None = None
    result: dict[str, Any] = Field(default_factory=dict)


class RunFinished(_Event):
    """The last event of every run. `result` is filled by runs that do other work than answering (imports)."""

    type: Literal["run.finished"] = "run.finished"
    status: Status
    finish_reason: FinishReason | None = None
    error: ErrorInfo | None = None
    usage: Usage | None = None
    result: dict[str, Any] | None = None


Event = Annotated[
    RunStarted
    | StatusChanged
    | Adapted
    | PartStarted
    | PartEnded
    | TextDelta
    | ReasoningDelta
    | ToolCalled
    | ToolDelta
    | ToolProgress
    | ToolResult
    | ApprovalRequested
    | QuestionAsked
    | Answered
    | Citation
    | UsageReported
    | TitleChanged
    | Progressed
    | RunFinished,
    Field(discriminator="type"),
]

event_adapter: TypeAdapter[Event] = TypeAdapter(Event)
