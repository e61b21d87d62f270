"""A question whose answer may call functions of this kernel: the model asks, they run here, it goes on, until it has an answer.

The server's runs know no functions of a kernel, so the model is asked through the OpenAI-compatible door, and what was said is
put into the conversation afterwards: the question, and the answer with its calls and what they gave.
"""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final

from ...client import Client
from ...client.aio import Question
from ...errors import Invalid, LLMHubError
from ...ids import new_id
from ...messages import FinishReason, ImagePart, Message, Part, TextPart, ToolCallPart, ToolResultPart, Usage
from .asking import CUT, STOPPED, Asking, Missed, Show, Stopped, repair
from .display import Output
from .heard import heard
from .models import price_of
from .result import Result
from .shape import Mismatch, Shape
from .tools import Gave, Toolbox, as_call

_KNOWN: Final = ("temperature", "top_p", "max_tokens", "stop", "seed", "reasoning_effort")
_ROUNDS: Final = 20
"""How often the model may call before it has to answer."""


class _Said:
    """One answer of the model, gathered from its chunks."""

    def __init__(self) -> None:
        self.text = ""
        self.model = ""
        self.usage: dict[str, Any] | None = None
        self.reason: FinishReason | None = None
        self.calls: dict[int, dict[str, Any]] = {}

    def take(self, chunk: Mapping[str, Any]) -> str:
        """One more; gives its words."""
        self.model = chunk.get("model") or self.model
        self.usage = chunk.get("usage") or self.usage
        words = ""
        for choice in chunk.get("choices") or ():
            self.reason = choice.get("finish_reason") or self.reason
            delta: Mapping[str, Any] = choice.get("delta") or {}
            words += delta.get("content") or ""
            for part in delta.get("tool_calls") or ():
                call = self.calls.setdefault(part["index"], {"type": "function", "function": {"name": "", "arguments": ""}})
                function: Mapping[str, Any] = part.get("function") or {}
                call["id"] = part.get("id") or call.get("id") or new_id()
                call["function"]["name"] += function.get("name") or ""
                call["function"]["arguments"] += function.get("arguments") or ""
                if extra := part.get("extra_content"):
                    call["extra_content"] = extra
        self.text += words
        return words


class _Answer:
    """An answer that is put into the conversation, by its parts, below what it answers."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.parts: list[Part] = []
        self.finish_reason: FinishReason | None = None
        """Why the model said no more."""
        self._ids: set[str] = set()

    def say(self, text: str) -> None:
        """What the model said in one go; a paragraph of its own behind what it said before it called."""
        if text.strip():
            self.parts.append(TextPart(text=f"\n\n{text}" if any(isinstance(part, TextPart) for part in self.parts) else text))

    def call(self, call: Mapping[str, Any]) -> str:
        """A call; gives the id that tells it from all others of the answer, which not every model's does."""
        function: Mapping[str, str] = call["function"]
        id = call["id"] if call["id"] not in self._ids else new_id()
        self._ids.add(id)
        self.parts.append(ToolCallPart(call_id=id, name=function["name"], arguments=function["arguments"]))
        return id

    def gave(self, id: str, gave: Gave, seconds: float) -> None:
        """What came of it."""
        told = (TextPart(text=gave.text),)
        self.parts.append(ToolResultPart(call_id=id, ok=gave.ok, parts=told, duration_ms=round(seconds * 1000, 1)))


def ask_with_tools(client: Client, asking: Asking, tools: Toolbox, output: Output, show: Show | None = None) -> Result:
    """Ask, run what is called, and show. Raises what the model failed with, `Missed`, and `Stopped` after an interrupt."""
    model = asking.model or client.default_model()
    before: Sequence[Message] = [] if asking.conversation is None else _path(client, asking)
    told = [message for each in before for message in _told(each)]
    body: dict[str, Any] = {
        "model": model,
        "messages": [*_system(asking), *told, {"role": "user", "content": _content(asking)}],
        "tools": tools.specs,
        **_parameters(asking),
    }
    answers = [_Answer(asking.question)]
    usages: list[dict[str, Any]] = []
    missed: Mismatch | None = None
    try:
        said = _until_said(client, body, tools, output, answers[0], usages)
        value, missed = _read(asking.shape, said.text)
        if missed is not None:
            again = repair(missed)
            answers.append(_Answer(again))
            output.clear(f"The answer cannot be used: {missed}. Asking once more …")
            body["messages"] += [{"role": "assistant", "content": said.text or "(nothing)"}, {"role": "user", "content": again}]
            said = _until_said(client, body, tools, output, answers[1], usages)
            value, missed = _read(asking.shape, said.text)
    except KeyboardInterrupt:
        stopped = Stopped()
        answers[-1].finish_reason = "stopped"
        if begun := [answer for answer in answers if answer.parts]:
            stopped.message_id = _kept(client, asking, begun, model, before).id
        output.end(STOPPED)
        raise stopped from None
    except LLMHubError:
        output.end()
        raise
    message = _kept(client, asking, answers, said.model or model, before)
    message = message.model_copy(update={"usage": _sum(client, model, usages)})
    result = Result(conversation_id=message.conversation_id, run_id="", message=message, value=value)
    metadata = {"llmhub": {"model": result.model, "conversation_id": result.conversation_id, "message_id": message.id}}
    if missed is not None:
        output.end(metadata=metadata)
        raise Missed(result, missed)
    note = CUT if said.reason == "length" else ""
    output.end(note, data=show(result) if show else None, metadata=metadata)
    return result


def _until_said(
    client: Client, body: dict[str, Any], tools: Toolbox, output: Output, answer: _Answer, usages: list[dict[str, Any]]
) -> _Said:
    """What the model says when it calls nothing any more. The messages of `body` grow by its calls."""
    for _ in range(_ROUNDS):
        said = _listen(client, body, output, answer)
        usages.append(said.usage or {})
        if not said.calls:
            return said
        calls = [said.calls[index] for index in sorted(said.calls)]
        body["messages"] = [*body["messages"], {"role": "assistant", "content": said.text or None, "tool_calls": calls}]
        for call in calls:
            gave = _run(call, tools, answer, output)
            body["messages"].append({"role": "tool", "tool_call_id": call["id"], "content": gave.text})
    raise Invalid(f"The model called functions {_ROUNDS} times and gave no answer.", hint="Ask for less at once.")


def _read(shape: Shape | None, text: str) -> tuple[Any, Mismatch | None]:
    """The value that an answer holds, or why it holds none."""
    try:
        return (None if shape is None else shape.read(text)), None
    except Mismatch as why:
        return None, why


def _run(call: Mapping[str, Any], tools: Toolbox, answer: _Answer, output: Output) -> Gave:
    """Do what the model asked for, and show it in a line."""
    function: Mapping[str, str] = call["function"]
    shown = as_call(function["name"], function["arguments"])
    output.note(f"Running {shown} …")
    id, began = answer.call(call), monotonic()
    gave = tools.run(function["name"], function["arguments"])
    answer.gave(id, gave, monotonic() - began)
    output.add(f"\n\n> `{shown.replace('`', chr(39))}` → {_short(gave.text)}\n\n")
    return gave


def _listen(client: Client, body: Mapping[str, Any], output: Output, answer: _Answer) -> _Said:
    """One answer of the model; as far as it came it is in `answer`, whatever ends it."""
    said = _Said()
    try:
        with closing(heard(client, client.aio.completion(body), output)) as chunks:
            for chunk in chunks:
                if words := said.take(chunk):
                    output.add(words)
    finally:
        answer.say(said.text)
        answer.finish_reason = said.reason
    return said


def _path(client: Client, asking: Asking) -> Sequence[Message]:
    assert asking.conversation is not None
    if asking.parent_id == "":
        return []
    return client.messages(asking.conversation, leaf=asking.parent_id)


def _system(asking: Asking) -> list[dict[str, Any]]:
    system = asking.params.get("system")
    return [{"role": "system", "content": system}] if system else []


def _told(message: Message) -> Iterator[dict[str, Any]]:
    """A message as the door takes it: an answer with calls is several."""
    results = {part.call_id: part for part in message.parts if isinstance(part, ToolResultPart)}
    said, calls = "", list[dict[str, Any]]()
    for part in (*message.parts, None):
        if calls and not isinstance(part, ToolCallPart | ToolResultPart):
            yield {"role": "assistant", "content": said or None, "tool_calls": calls}
            yield from ({"role": "tool", "tool_call_id": call["id"], "content": _result(results.get(call["id"]))} for call in calls)
            said, calls = "", []
        if isinstance(part, TextPart):
            said += part.text
        elif isinstance(part, ToolCallPart):
            function = {"name": part.name, "arguments": part.arguments}
            calls.append({"type": "function", "id": part.call_id, "function": function})
    if said or not results:
        yield {"role": message.role, "content": said or "(nothing)"}


def _result(part: ToolResultPart | None) -> str:
    return "(stopped)" if part is None else "".join(each.text for each in part.parts if isinstance(each, TextPart))


def _content(asking: Asking) -> list[dict[str, Any]]:
    parts: Sequence[Part] = [TextPart(text=asking.question)] if isinstance(asking.question, str) else asking.question
    content: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, TextPart):
            content.append({"type": "text", "text": part.text})
        elif isinstance(part, ImagePart) and part.url:
            content.append({"type": "image_url", "image_url": {"url": part.url}})
    for file in map(Path, asking.files):
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        data = f"data:{kind};base64,{b64encode(file.read_bytes()).decode()}"
        content.append({"type": "file", "file": {"file_data": data, "filename": file.name}})
    # A schema is said in words only: not every provider takes one beside functions.
    for instruction in (asking.instruction, None if asking.shape is None else asking.shape.instruction):
        if instruction:
            content.append({"type": "text", "text": f"\n\n{instruction}"})
    return content


def _parameters(asking: Asking) -> dict[str, Any]:
    return known_parameters({name: value for name, value in asking.params.items() if name != "system"})


def known_parameters(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that the door knows, too. Raises `Invalid` for others."""
    if strange := [name for name in params if name not in _KNOWN]:
        raise Invalid(f"{strange[0]} is not known here.", hint=f"There are {', '.join(_KNOWN)}.")
    return dict(params)


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return f"`{line if len(line) <= 200 else line[:199] + '…'}`"


def _kept(client: Client, asking: Asking, answers: Sequence[_Answer], model: str, before: Sequence[Message]) -> Message:
    """Questions and answers in the conversation, which is made if there is none: a failed question leaves none behind.

    Gives the last answer.
    """
    conversation = asking.conversation or client.create_conversation(temporary=asking.temporary).id
    last = before[-1] if before else None
    for answer in answers:
        asked = client.save_message(conversation, "user", answer.question, parent_id=None if last is None else last.id)
        said = answer.parts or [TextPart(text="(nothing)")]
        last = client.save_message(
            conversation, "assistant", said, parent_id=asked.id, model=model, finish_reason=answer.finish_reason
        )
    assert last is not None
    return last


def _sum(client: Client, model: str, usages: Sequence[Mapping[str, Any]]) -> Usage:
    given = sum(int(each.get("prompt_tokens") or 0) for each in usages)
    answered = sum(int(each.get("completion_tokens") or 0) for each in usages)
    price: Mapping[str, float | None] | None = None
    with suppress(LLMHubError):
        price = price_of(client, model)
    cost = None if price is None else (given * (price.get("input") or 0) + answered * (price.get("output") or 0)) / 1e6
    return Usage(input_tokens=given, output_tokens=answered, cost_usd=cost)
