"""A conversation as a wire needs it: turns that alternate, with files' bytes at hand, and nothing in them that another wire said.

What every wire shares is done here: text without seams, quotes, files that become text, tool calls that were never answered,
messages that hold nothing. A wire only writes down the turns. The surprise: one message of ours may be several turns, as a
tool's result follows its call within the message.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Literal
from urllib.parse import unquote_to_bytes

from ..errors import NotFound
from ..messages import (
    Adaptation,
    CitationPart,
    FilePart,
    ImagePart,
    Message,
    OutputPart,
    Part,
    QuotePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from .base import Capability, FileData, ModelRequest
from .loose import obj

ANY_ID: Final = ".*"
_What = Literal["image", "file", "reasoning", "tool_call", "tools"]
_How = Literal["left_out", "translated"]
_Why = Literal["no_images", "no_such_files", "no_tools", "needs_tools", "foreign", "not_stored", "unreadable", "by_address"]
INLINE: Final = 400_000
"""A text file of up to so many bytes is put into the prompt; a larger one is cut there."""
TEXTUAL: Final = re.compile(
    r"text/|application/(json|xml|yaml|x-yaml|toml|javascript|sql|x-sh|x-python|x-ipynb\+json|x-tex)|.*\+(json|xml|yaml)"
)


@dataclass(frozen=True, slots=True)
class Said:
    """Text, without seams."""

    text: str
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Thought:
    """Reasoning of this very wire; `metadata` is what it wants back."""

    text: str
    metadata: dict[str, Any]
    recent: bool = False
    """It belongs to the turn that is being answered."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An image: its bytes, or a URL."""

    data: bytes = b""
    url: str = ""
    media_type: str = "image/png"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is not text, of a type that the wire asked for."""

    data: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call. `arguments` is JSON text, "{}" at least."""

    call_id: str
    name: str
    arguments: str
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Returned:
    """What a tool gave back."""

    call_id: str
    name: str
    ok: bool
    content: tuple[Said | Seen, ...]

    @property
    def text(self) -> str:
        """The textual part of the result."""
        return "\n".join(item.text for item in self.content if isinstance(item, Said))


Item = Said | Thought | Seen | Attached | Called | Returned


@dataclass(slots=True)
class Turn:
    """What one side said. `tool` turns hold only `Returned`."""

    role: Literal["user", "assistant", "tool"]
    items: list[Item]

    @property
    def text(self) -> str:
        """The turn's text, for wires whose content is a string."""
        return "".join(item.text for item in self.items if isinstance(item, Said))


@dataclass(frozen=True, slots=True)
class History:
    """All instructions joined, and the turns: the first is the user's, roles alternate, every call is answered."""

    system: str
    turns: tuple[Turn, ...]
    adapted: tuple[Adaptation, ...] = ()
    """What has been changed of the request, that of the router first."""


def prompt_of(request: ModelRequest) -> str:
    """Everything a user or an instruction wrote, for finding echoes of it."""
    texts = [request.system or ""]
    for message in request.messages:
        texts += [part.text for part in message.parts if isinstance(part, TextPart | QuotePart)]
    return "\n".join(texts)


async def history_of(
    request: ModelRequest, wire: str, *, attachable: Iterable[str] = (), call_ids: str = ANY_ID, untold_tools: bool = True
) -> History:
    """The history of `request` for `wire`; files of the media types `attachable` are handed over as bytes.

    What the model cannot take is put in words or left out, and `adapted` says so. `call_ids` is what a call's id must look like;
    `untold_tools`: calls can be told of without the tools that were called.
    """
    sieve = _Sieve(request, wire, frozenset(attachable))
    system = [request.system or ""]
    last_question = max((i for i, message in enumerate(request.messages) if message.role == "user"), default=0)
    turns: list[Turn] = []
    for index, message in enumerate(request.messages):
        if message.role == "system":
            system.append("".join(part.text for part in message.parts if isinstance(part, TextPart)))
            continue
        items = await _Reading(sieve, message, index > last_question).items()
        _append(turns, message.role, items)
    _answer_calls(turns)
    if why := sieve.why_no_calls(untold_tools):
        _tell_calls(turns, sieve, why)
    elif call_ids != ANY_ID:
        _rename_calls(turns, re.compile(call_ids))
    if turns and turns[0].role != "user":
        turns.insert(0, Turn("user", [Said("(The beginning of the conversation is left out.)")]))
    return History("\n\n".join(text for text in system if text.strip()), tuple(turns), sieve.adapted)


class _Sieve:
    """What one model takes of a conversation, and what was changed for it."""

    def __init__(self, request: ModelRequest, wire: str, attachable: frozenset[str]) -> None:
        self.request = request
        self.wire = wire
        self.attachable = attachable
        self._found: dict[tuple[Any, ...], Adaptation] = {}

    @property
    def adapted(self) -> tuple[Adaptation, ...]:
        """All that was changed of the request, the same things of one kind counted together."""
        return (*self.request.adapted, *self._found.values())

    def note(self, what: _What, how: _How, why: _Why, name: str | None = None) -> None:
        """Write down a change."""
        before = self._found.get(key := (what, how, why, name))
        note = Adaptation(what=what, how=how, why=why, name=name)
        self._found[key] = note if before is None else before.model_copy(update={"count": before.count + 1})

    def can(self, ability: Capability) -> bool:
        """Whether the model has an ability, or nobody knows."""
        return self.request.abilities is None or ability in self.request.abilities

    def is_foreign(self, message: Message) -> bool:
        """Whether another provider said this: its signatures are not for this one."""
        provider = (message.model or "").partition("/")[0]
        return bool(provider and self.request.provider) and provider != self.request.provider

    def why_no_calls(self, untold_tools: bool) -> _Why | None:
        """Why calls must be put in words, if they must."""
        if self.request.tools:
            return None
        if not self.can("tools"):
            return "no_tools"
        return None if untold_tools else "needs_tools"


class _Reading:
    """Reads the parts of one message."""

    def __init__(self, sieve: _Sieve, message: Message, recent: bool) -> None:
        self._sieve = sieve
        self._message = message
        self._recent = recent
        self._foreign = sieve.is_foreign(message)
        self._has_lost_thoughts = False

    async def items(self) -> list[Item]:
        items: list[Item] = []
        for part in self._message.parts:
            item = await self._item(part)
            if item is None:
                continue
            last = items[-1] if items else None
            if isinstance(item, Said) and isinstance(last, Said) and isinstance(part, TextPart) and not last.metadata:
                items[-1] = Said(last.text + item.text, item.metadata)
            else:
                items.append(item)
        return items

    async def _item(self, part: Part) -> Item | None:
        metadata = {} if self._foreign else obj(obj(part.provider_metadata).get(self._sieve.wire))
        match part:
            case TextPart(text=text):
                return Said(text, metadata) if text else None
            case ReasoningPart(text=text):
                is_lost = not metadata and bool(self._foreign or part.provider_metadata)
                if is_lost and not self._has_lost_thoughts:
                    self._has_lost_thoughts = True  # answers are counted, not the parts of their thoughts
                    self._sieve.note("reasoning", "left_out", "foreign", self._message.model)
                return Thought(text, metadata, self._recent) if metadata else None
            case QuotePart(text=text):
                return Said("\n".join(f"> {line}" for line in text.splitlines()) + "\n\n")
            case ImagePart():
                return await self._image(part)
            case FilePart():
                return await self._file(part)
            case ToolCallPart():
                return Called(part.call_id, part.name, part.arguments.strip() or "{}", metadata)
            case ToolResultPart():
                return Returned(part.call_id, "", part.ok, await self._result(part))
            case OutputPart():
                return Said(f"\n{output_text(part)}\n")
            case CitationPart():
                return None  # the text that rests on it is there

    async def _image(self, part: ImagePart) -> Said | Seen:
        if part.url is not None:
            image = _from_data_url(part.url) if part.url.startswith("data:") else Seen(url=part.url)
            if isinstance(image, Said):
                self._sieve.note("image", "translated", "unreadable")
                return image
            return self._seen(image, "" if part.url.startswith("data:") else part.url)
        if (file := await self._load(part.file_id or "")) is None:
            self._sieve.note("image", "translated", "not_stored")
            return Said("\n[An image that is no longer stored.]\n")
        return self._seen(Seen(file.data, "", part.media_type or file.media_type), file.name)

    def _seen(self, image: Seen, name: str) -> Said | Seen:
        """The image, or a line that names it for a model that sees none."""
        if self._sieve.can("vision"):
            return image
        self._sieve.note("image", "translated", "no_images", name or None)
        named = f"The image “{name}”" if name else "An image"
        return Said(f"\n[{named}, which this model cannot see.]\n")

    async def _file(self, part: FilePart) -> Said | Attached | Seen:
        if (file := await self._load(part.file_id)) is None:
            self._sieve.note("file", "translated", "not_stored", part.name)
            return Said(f"\n[The file “{part.name}”, which is no longer stored.]\n")
        media_type = part.media_type.split(";")[0].strip().lower()
        if media_type in self._sieve.attachable and self._takes(media_type):
            return Attached(file.data, media_type, part.name)
        if media_type.startswith("image/") and media_type != "image/svg+xml":
            return self._seen(Seen(file.data, "", media_type), part.name)
        if (text := _text_of(file.data, media_type)) is not None:
            return Said(_fenced(part.name, text))
        self._sieve.note("file", "translated", "no_such_files", part.name)
        return Said(f"\n[The file “{part.name}” ({media_type}), which cannot be shown to this model.]\n")

    def _takes(self, media_type: str) -> bool:
        if media_type.startswith("audio/"):
            return self._sieve.can("audio_input")
        return media_type != "application/pdf" or self._sieve.can("pdf_input")

    async def _load(self, file_id: str) -> FileData | None:
        try:
            return await self._sieve.request.load_file(file_id)
        except (LookupError, NotFound):
            return None

    async def _result(self, part: ToolResultPart) -> tuple[Said | Seen, ...]:
        content: list[Said | Seen] = []
        for inner in part.parts:
            item = await self._item(inner)
            if isinstance(item, Said | Seen):
                content.append(item)
            elif isinstance(item, Attached):
                self._sieve.note("file", "translated", "no_such_files", item.name)
                content.append(Said(f"[The file “{item.name}” ({item.media_type})]"))
        return tuple(content)


def _append(turns: list[Turn], role: str, items: Sequence[Item]) -> None:
    """Add a message's items, in as many turns as they need; what follows the same side is joined to its turn."""
    own = "user" if role == "user" else "assistant"
    fresh = True
    for item in items:
        side: Literal["user", "assistant", "tool"] = "tool" if isinstance(item, Returned) else own
        if turns and turns[-1].role == side:
            if fresh and side == "user" and isinstance(item, Said) and turns[-1].items and isinstance(turns[-1].items[-1], Said):
                item = Said("\n\n" + item.text, item.metadata)
            turns[-1].items.append(item)
        else:
            turns.append(Turn(side, [item]))
        fresh = False


def _answer_calls(turns: list[Turn]) -> None:
    """Give every call its result right after it, named, and drop results without a call: no wire accepts less."""
    results: dict[str, Returned] = {}  # the next ones from here on: some models give the calls of every answer the same ids
    for index in range(len(turns) - 1, -1, -1):
        turn = turns[index]
        if turn.role == "tool":
            results |= {item.call_id: item for item in turn.items if isinstance(item, Returned)}
            del turns[index]
            continue
        calls = [item for item in turn.items if isinstance(item, Called)]
        if calls:
            turns.insert(index + 1, Turn("tool", [_result_of(call, results.pop(call.call_id, None)) for call in calls]))
    _join_neighbours(turns)


def _tell_calls(turns: list[Turn], sieve: _Sieve, why: _Why) -> None:
    """Put calls and their results in words, for a model that knows no tools."""
    for turn in turns:
        told: list[Item] = []
        for item in turn.items:
            if isinstance(item, Called):
                sieve.note("tool_call", "translated", why, item.name)
                told.append(Said(f"\n[The tool “{item.name}” was called with {item.arguments}]\n"))
            elif isinstance(item, Returned):
                told += [Said(f"\n[The tool “{item.name}” {'gave back' if item.ok else 'failed'}:]\n"), *item.content]
            else:
                told.append(item)
        turn.items = told
        turn.role = "user" if turn.role == "tool" else turn.role
    _join_neighbours(turns)


def _rename_calls(turns: list[Turn], allowed: re.Pattern[str]) -> None:
    """Give calls whose ids another wire made up, and this one does not take, ids that it does; always the same ones."""
    for turn in turns:
        for at, item in enumerate(turn.items):
            if isinstance(item, Called | Returned) and not allowed.fullmatch(item.call_id):
                turn.items[at] = replace(item, call_id=sha256(item.call_id.encode(errors="replace")).hexdigest()[:9])


def _join_neighbours(turns: list[Turn]) -> None:
    for index in range(len(turns) - 1, 0, -1):
        if turns[index].role == turns[index - 1].role:
            turns[index - 1].items += turns.pop(index).items


def _result_of(call: Called, result: Returned | None) -> Returned:
    if result is None:
        return Returned(
            call.call_id, call.name, False, (Said("There is no result: the run was stopped before the tool had answered."),)
        )
    return Returned(call.call_id, call.name, result.ok, result.content or (Said("(nothing)"),))


def _from_data_url(url: str) -> Said | Seen:
    head, _, data = url[5:].partition(",")
    media_type = head.split(";")[0] or "image/png"
    try:
        return Seen(b64decode(data) if ";base64" in head else unquote_to_bytes(data), "", media_type)
    except (binascii.Error, ValueError):
        return Said("\n[An image that cannot be read.]\n")


def _text_of(data: bytes, media_type: str) -> str | None:
    textual = TEXTUAL.match(media_type) is not None
    if not textual and b"\0" in data[:8192]:
        return None
    try:
        text = data[:INLINE].decode("utf-8", errors="replace" if textual or len(data) > INLINE else "strict")
    except UnicodeDecodeError:
        return None
    return text + f"\n[… {len(data) - INLINE} more bytes]" if len(data) > INLINE else text


def _fenced(name: str, text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"\nThe file “{name}”:\n{fence}\n{text}\n{fence}\n"


def output_text(part: OutputPart) -> str:
    """What a model gets to read of an output."""
    for media_type in ("text/markdown", "text/plain", "text/html", "application/json"):
        if (value := part.mime_bundle.get(media_type)) is not None:
            return "".join(str(line) for line in value) if isinstance(value, list) else str(value)  # type: ignore[reportUnknownVariableType]
    return f"[An output of type {', '.join(part.mime_bundle) or 'nothing'}.]"
