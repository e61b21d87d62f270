"""The body of OpenAI's `POST chat/completions`, read as a question to one of our models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ...messages import Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from ...providers.base import ModelRequest, OnlyTool, ToolChoice, ToolSpec
from ..http import invalid
from .body import AsList, AsParts, Foreign, ForeignBody, ModelName, Refused, Unused
from .question import Question, decoded

METADATA = "llmhub"
"""Where a tool call carries, in its `extra_content`, what its provider wants back."""


# ---- messages


class TextContent(Foreign):
    """Text."""

    type: Literal["text"]
    text: str


class RefusalContent(Foreign):
    """What a model said instead of an answer."""

    type: Literal["refusal"]
    refusal: str


class ImageUrl(Foreign):
    """Where an image is: an https: address, or a data: URL that holds it."""

    url: str
    detail: Unused = None


class ImageContent(Foreign):
    """An image."""

    type: Literal["image_url"]
    image_url: ImageUrl


class InlineFile(Foreign):
    """A file as a data: URL."""

    file_data: str
    filename: Annotated[str, Field(max_length=255)] = "file"


class FileContent(Foreign):
    """A file, such as a PDF."""

    type: Literal["file"]
    file: InlineFile


Texts = Annotated[tuple[TextContent, ...], AsParts]
UserContent = Annotated[
    tuple[Annotated[TextContent | ImageContent | FileContent, Field(discriminator="type")], ...], AsParts, Field(min_length=1)
]
AnswerContent = Annotated[tuple[Annotated[TextContent | RefusalContent, Field(discriminator="type")], ...], AsParts]


class SystemMessage(Foreign):
    """Instructions."""

    role: Literal["system", "developer"]
    content: Texts


class UserMessage(Foreign):
    """What the user says."""

    role: Literal["user"]
    content: UserContent


class CalledFunction(Foreign):
    """Which function, with what."""

    name: Annotated[str, Field(min_length=1)]
    arguments: str


class Call(Foreign):
    """A function that the model called."""

    id: Annotated[str, Field(min_length=1)]
    type: Literal["function"] = "function"
    function: CalledFunction
    extra_content: dict[str, Any] | None = None


class AssistantMessage(Foreign):
    """What the model said."""

    role: Literal["assistant"]
    content: AnswerContent | None = None
    tool_calls: tuple[Call, ...] | None = None
    reasoning_content: str | None = None
    function_call: Refused = None


class ToolMessage(Foreign):
    """What a function gave back."""

    role: Literal["tool"]
    tool_call_id: str
    content: Texts


ChatMessage = Annotated[SystemMessage | UserMessage | AssistantMessage | ToolMessage, Field(discriminator="role")]


# ---- the rest


class Function(Foreign):
    """A function that the model may call."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(Foreign):
    """A tool; only functions are known."""

    type: Literal["function"]
    function: Function


class NamedFunction(Foreign):
    """A function's name."""

    name: str


class NamedTool(Foreign):
    """The one function that is to be called."""

    type: Literal["function"]
    function: NamedFunction


class Schema(Foreign):
    """A JSON schema and its name."""

    name: str = "answer"
    json_schema: Annotated[dict[str, Any], Field(alias="schema", default_factory=dict[str, Any])]


class TextFormat(Foreign):
    """Words."""

    type: Literal["text"]


class ObjectFormat(Foreign):
    """Any JSON object."""

    type: Literal["json_object"]


class SchemaFormat(Foreign):
    """JSON of a schema."""

    type: Literal["json_schema"]
    json_schema: Schema


class StreamOptions(Foreign):
    """`include_usage`: what was used comes in a chunk of its own before the end."""

    include_usage: bool | None = None


class ChatBody(ForeignBody):
    """A request for a chat completion."""

    model: ModelName
    messages: Annotated[tuple[ChatMessage, ...], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    stop: Annotated[tuple[str, ...], AsList] | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    response_format: Annotated[TextFormat | ObjectFormat | SchemaFormat, Field(discriminator="type")] | None = None
    tools: tuple[Tool, ...] | None = None
    tool_choice: Literal["auto", "none", "required"] | NamedTool | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = None

    metadata: Unused = None
    moderation: Unused = None
    parallel_tool_calls: Unused = None
    prediction: Unused = None
    prompt_cache_key: Unused = None
    prompt_cache_options: Unused = None
    prompt_cache_retention: Unused = None
    safety_identifier: Unused = None
    service_tier: Unused = None
    store: Unused = None
    user: Unused = None
    verbosity: Unused = None

    audio: Refused = None
    frequency_penalty: Refused = None
    function_call: Refused = None
    functions: Refused = None
    logit_bias: Refused = None
    logprobs: Refused = None
    modalities: tuple[Literal["text"], ...] | None = None
    presence_penalty: Refused = None
    top_logprobs: Refused = None
    web_search_options: Refused = None


# ---- reading


def chat_request(body: ChatBody) -> ModelRequest:
    """The question that `body` asks. Raises `Invalid`."""
    question = Question()
    for index, message in enumerate(body.messages):
        _say(question, message, f"messages.{index}")
    tools = tuple([_tool(tool.function) for tool in body.tools or ()])
    return question.request(
        body.model, params=_params(body), tools=tools, tool_choice=_choice(body.tool_choice, [tool.name for tool in tools])
    )


def _say(question: Question, message: ChatMessage, field: str) -> None:
    match message:
        case SystemMessage():
            question.say("system", [TextPart(text="\n".join(part.text for part in message.content))], field=field)
        case UserMessage():
            parts = [_part(question, part, f"{field}.content.{index}") for index, part in enumerate(message.content)]
            question.say("user", parts, field=f"{field}.content")
        case AssistantMessage():
            question.say("assistant", _answer(message), field=field)
        case ToolMessage():
            said = tuple([TextPart(text=part.text) for part in message.content])
            result = ToolResultPart(call_id=message.tool_call_id, ok=True, parts=said)
            question.say("tool", [result], field=f"{field}.tool_call_id")


def _part(question: Question, part: TextContent | ImageContent | FileContent, field: str) -> Part:
    match part:
        case TextContent():
            return TextPart(text=part.text)
        case ImageContent():
            return question.image(part.image_url.url, field=f"{field}.image_url.url")
        case FileContent():
            head, comma, data = part.file.file_data.partition(",")
            if not comma or not head.startswith("data:") or not head.endswith(";base64"):
                raise invalid((f"{field}.file.file_data", "is not a data: URL in base64"))
            media_type = head[len("data:") :].partition(";")[0] or "application/octet-stream"
            return question.file(decoded(data, f"{field}.file.file_data"), media_type, part.file.filename)


def _answer(message: AssistantMessage) -> list[Part]:
    parts: list[Part] = []
    if message.reasoning_content:
        metadata = {"openai": {"field": "reasoning_content"}}
        parts.append(ReasoningPart(text=message.reasoning_content, provider_metadata=metadata))
    for content in message.content or ():
        parts.append(TextPart(text=content.text if isinstance(content, TextContent) else content.refusal))
    for call in message.tool_calls or ():
        metadata = (call.extra_content or {}).get(METADATA)
        parts.append(
            ToolCallPart(
                call_id=call.id,
                name=call.function.name,
                arguments=call.function.arguments,
                provider_metadata=metadata if isinstance(metadata, dict) else None,  # pyright: ignore[reportUnknownArgumentType]
            )
        )
    return parts


def _tool(function: Function) -> ToolSpec:
    return ToolSpec(function.name, function.description or "", function.parameters or {"type": "object", "properties": {}})


def _choice(choice: Literal["auto", "none", "required"] | NamedTool | None, names: list[str]) -> ToolChoice | None:
    if isinstance(choice, NamedTool):
        if choice.function.name not in names:
            raise invalid(("tool_choice", "names a function that is not among the tools"))
        return OnlyTool(choice.function.name)
    if choice is not None and choice != "none" and not names:
        raise invalid(("tool_choice", "is only allowed when tools are given"))
    return choice


def _params(body: ChatBody) -> dict[str, Any]:
    return {
        "temperature": body.temperature,
        "top_p": body.top_p,
        "max_tokens": body.max_completion_tokens or body.max_tokens,
        "stop": list(body.stop) if body.stop else None,
        "seed": body.seed,
        "reasoning_effort": body.reasoning_effort,
        "json_schema": _schema(body),
    }


def _schema(body: ChatBody) -> dict[str, Any] | None:
    match body.response_format:
        case SchemaFormat(json_schema=given):
            return given.json_schema
        case ObjectFormat():
            return {"type": "object"}
        case _:
            return None
