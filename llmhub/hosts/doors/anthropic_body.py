"""The body of Anthropic's `POST messages`, read as a question to one of our models."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field

from ...messages import Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from ...providers.base import ModelRequest, OnlyTool, ToolChoice, ToolSpec
from ..http import invalid
from .body import AsParts, Foreign, ForeignBody, ModelName, Refused, Unused
from .question import Question, decoded
from .signature import metadata_of

_LITTLE: Final = 1024
_SOME: Final = 4096
_MUCH: Final = 12_000
"""Tokens of thought up to which an effort is called minimal, low and medium."""


# ---- content


class TextBlock(Foreign):
    """Text."""

    type: Literal["text"]
    text: str


class Base64Source(Foreign):
    """Bytes."""

    type: Literal["base64"]
    media_type: str
    data: str


class UrlSource(Foreign):
    """An address."""

    type: Literal["url"]
    url: str


class TextSource(Foreign):
    """A document that is plain text."""

    type: Literal["text"]
    media_type: Literal["text/plain"] = "text/plain"
    data: str


class ImageBlock(Foreign):
    """An image."""

    type: Literal["image"]
    source: Annotated[Base64Source | UrlSource, Field(discriminator="type")]


class DocumentBlock(Foreign):
    """A document, such as a PDF."""

    type: Literal["document"]
    source: Annotated[Base64Source | TextSource, Field(discriminator="type")]
    title: str | None = None


class ThinkingBlock(Foreign):
    """What the model thought, with the signature that it came with."""

    type: Literal["thinking"]
    thinking: str
    signature: str = ""


class RedactedBlock(Foreign):
    """A thought that only its provider can read."""

    type: Literal["redacted_thinking"]
    data: str


class CallBlock(Foreign):
    """A tool that the model called."""

    type: Literal["tool_use"]
    id: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    input: dict[str, Any]


class ResultBlock(Foreign):
    """What a tool gave back."""

    type: Literal["tool_result"]
    tool_use_id: str
    content: (
        Annotated[tuple[Annotated[TextBlock | ImageBlock | DocumentBlock, Field(discriminator="type")], ...], AsParts] | None
    ) = None
    is_error: bool | None = None


Block = Annotated[
    TextBlock | ImageBlock | DocumentBlock | ThinkingBlock | RedactedBlock | CallBlock | ResultBlock, Field(discriminator="type")
]


class MessageParam(Foreign):
    """One message."""

    role: Literal["user", "assistant"]
    content: Annotated[tuple[Block, ...], AsParts]


# ---- the rest


class ToolParam(Foreign):
    """A tool that the model may call. Those that Anthropic runs itself are not here."""

    type: Literal["custom"] | None = None
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
    description: str = ""
    input_schema: dict[str, Any]


class ToolChoiceParam(Foreign):
    """Whether a tool is to be called."""

    type: Literal["auto", "any", "none", "tool"]
    name: str | None = None


class ThinkingParam(Foreign):
    """Whether and how long to think before the answer."""

    type: Literal["enabled", "adaptive", "between_tools", "disabled"]
    budget_tokens: Annotated[int, Field(ge=1)] | None = None


class OutputFormat(Foreign):
    """JSON of a schema."""

    type: Literal["json_schema"]
    json_schema: Annotated[dict[str, Any], Field(alias="schema")]


class OutputConfig(Foreign):
    """How to answer."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: OutputFormat | None = None


class MessagesBody(ForeignBody):
    """A request for a message."""

    model: ModelName
    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)]
    messages: Annotated[tuple[MessageParam, ...], Field(min_length=1)]
    system: Annotated[tuple[TextBlock, ...], AsParts] | None = None
    stream: bool | None = None
    temperature: Annotated[float, Field(ge=0, le=1)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    stop_sequences: tuple[str, ...] | None = None
    tools: tuple[ToolParam, ...] | None = None
    tool_choice: ToolChoiceParam | None = None
    thinking: ThinkingParam | None = None
    output_config: OutputConfig | None = None

    cache_control: Unused = None
    diagnostics: Unused = None
    inference_geo: Unused = None
    metadata: Unused = None
    service_tier: Unused = None
    speed: Unused = None
    top_k: Unused = None
    user_profile_id: Unused = None
    workspace_id: Unused = None

    container: Refused = None
    context_management: Refused = None
    mcp_servers: Refused = None


class CountBody(MessagesBody):
    """A request for the number of tokens that a request for a message would have."""

    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] = 1


# ---- reading


def messages_request(body: MessagesBody) -> ModelRequest:
    """The question that `body` asks. Raises `Invalid`."""
    question = Question()
    for index, message in enumerate(body.messages):
        field = f"messages.{index}.content"
        parts = [_part(question, block, f"{field}.{number}") for number, block in enumerate(message.content)]
        question.say(message.role, parts, field=field)
    tools = tuple([ToolSpec(tool.name, tool.description, tool.input_schema) for tool in body.tools or ()])
    return question.request(
        body.model,
        system="\n".join(block.text for block in body.system) if body.system else None,
        params=_params(body),
        tools=tools,
        tool_choice=_choice(body.tool_choice, [tool.name for tool in tools]),
    )


def _part(question: Question, block: Block, field: str) -> Part:
    match block:
        case TextBlock() | ImageBlock() | DocumentBlock():
            return _shown(question, block, field)
        case ThinkingBlock():
            return ReasoningPart(text=block.thinking, provider_metadata=metadata_of(block.signature))
        case RedactedBlock():
            return ReasoningPart(text="", provider_metadata={"anthropic": {"redacted": block.data}})
        case CallBlock():
            return ToolCallPart(call_id=block.id, name=block.name, arguments=orjson.dumps(block.input).decode())
        case ResultBlock():
            shown = tuple([_shown(question, part, f"{field}.content.{index}") for index, part in enumerate(block.content or ())])
            return ToolResultPart(call_id=block.tool_use_id, ok=not block.is_error, parts=shown)


def _shown(question: Question, block: TextBlock | ImageBlock | DocumentBlock, field: str) -> Any:
    match block:
        case TextBlock():
            return TextPart(text=block.text)
        case ImageBlock(source=Base64Source(media_type=media_type, data=data)):
            return question.picture(data, media_type, field=f"{field}.source")
        case ImageBlock(source=source):
            assert isinstance(source, UrlSource)
            return question.image(source.url, field=f"{field}.source.url")
        case DocumentBlock(source=Base64Source(media_type=media_type, data=data), title=title):
            return question.file(decoded(data, f"{field}.source.data"), media_type, title or "document")
        case DocumentBlock(source=source, title=title):
            return question.file(source.data.encode(), source.media_type, title or "document")


def _choice(choice: ToolChoiceParam | None, names: list[str]) -> ToolChoice | None:
    if choice is None:
        return None
    if choice.type == "tool":
        if choice.name is None or choice.name not in names:
            raise invalid(("tool_choice.name", "is not the name of one of the tools"))
        return OnlyTool(choice.name)
    if choice.type == "any":
        if not names:
            raise invalid(("tool_choice", "is only allowed when tools are given"))
        return "required"
    return choice.type


def _params(body: MessagesBody) -> dict[str, Any]:
    output = body.output_config
    return {
        "temperature": body.temperature,
        "top_p": body.top_p,
        "max_tokens": body.max_tokens,
        "stop": list(body.stop_sequences) if body.stop_sequences else None,
        "reasoning_effort": _effort(body.thinking, output.effort if output else None),
        "json_schema": output.format.json_schema if output and output.format else None,
    }


def _effort(thinking: ThinkingParam | None, effort: str | None) -> str | None:
    """A budget of tokens is an effort here: each wire makes of it what its models take."""
    if thinking is not None and thinking.type == "disabled":
        return "none"
    if effort is not None:
        return effort
    if thinking is None or thinking.type == "between_tools":
        return None
    budget = thinking.budget_tokens
    if budget is None:
        return "medium"
    return "minimal" if budget <= _LITTLE else "low" if budget <= _SOME else "medium" if budget <= _MUCH else "high"
