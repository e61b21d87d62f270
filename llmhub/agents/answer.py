"""An answer in the making: provider events go in, run events come out, and the parts said so far can be read at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any, Literal

from .. import events
from ..events import Event, PartStarted, ReasoningDelta, TextDelta, ToolCalled, ToolDelta
from ..messages import Part, ReasoningPart, TextPart, ToolCallPart
from ..providers.base import Metadata, PartEnded, ProviderEvent, Reasoning, Text, ToolCall

_Kind = Literal["text", "reasoning", "tool_call"]


class _Open:
    """A part that is being written."""

    def __init__(self, index: int, kind: _Kind) -> None:
        self.index = index
        self.kind: _Kind = kind
        self.pieces: list[str] = []
        self.metadata: dict[str, Any] = {}
        self.call_id = ""
        self.name = ""
        self.began = 0.0
        self.duration_ms: float | None = None

    def part(self) -> Part:
        text, metadata = "".join(self.pieces), self.metadata or None
        match self.kind:
            case "text":
                return TextPart(text=text, provider_metadata=metadata)
            case "reasoning":
                return ReasoningPart(text=text, duration_ms=self.duration_ms, provider_metadata=metadata)
            case "tool_call":
                return ToolCallPart(call_id=self.call_id, name=self.name, arguments=text, provider_metadata=metadata)


class Answer:
    """`earlier` are the parts that the message already had: a continuation goes on behind them. `clock` is in seconds."""

    def __init__(self, earlier: Sequence[Part] = (), clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._earlier = tuple(earlier)
        self._parts: list[_Open] = []
        self._current: _Open | None = None
        self._calls: dict[int, _Open] = {}

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything said so far, what the message had before included."""
        return (*self._earlier, *(part.part() for part in self._parts))

    @property
    def has_begun(self) -> bool:
        """Whether this run has said anything yet."""
        return bool(self._parts)

    def take(self, event: ProviderEvent) -> Iterator[Event]:
        """The run events that `event` means; none for what concerns only the bookkeeping."""
        match event:
            case Text(text=text) if text:
                yield from self._ensure("text")
                yield TextDelta(part=self._say(text), text=text)
            case Reasoning(text=text) if text:
                yield from self._ensure("reasoning")
                yield ReasoningDelta(part=self._say(text), text=text)
            case ToolCall():
                yield from self._call(event)
            case Metadata(part_type="tool_call"):
                if event.index in self._calls:
                    self._calls[event.index].metadata.update(event.values)
            case Metadata():
                yield from self._ensure(event.part_type)
                if self._current is not None:
                    self._current.metadata.update(event.values)
            case PartEnded():
                yield from self.close()
            case _:
                pass

    def close(self) -> Iterator[Event]:
        """Nothing more comes for the part that is being written."""
        part, self._current = self._current, None
        if part is not None and part.kind == "reasoning" and part.pieces:  # a thought nobody can read comes all at once
            part.duration_ms = round((self._clock() - part.began) * 1000, 1)
            yield events.PartEnded(part=part.index, duration_ms=part.duration_ms)

    def finish(self) -> Iterator[Event]:
        """The answer has ended: its last part, and the tool calls, now that they are written to the end."""
        yield from self.close()
        for call in self._calls.values():
            yield ToolCalled(part=call.index, call_id=call.call_id, name=call.name, arguments="".join(call.pieces))

    def _ensure(self, kind: _Kind) -> Iterator[Event]:
        if self._current is None or self._current.kind != kind:
            yield from self.close()
            self._current = self._begin(kind)
            yield PartStarted(part=self._current.index, part_type=kind)

    def _begin(self, kind: _Kind) -> _Open:
        part = _Open(len(self._earlier) + len(self._parts), kind)
        part.began = self._clock()
        self._parts.append(part)
        return part

    def _say(self, text: str) -> int:
        assert self._current is not None
        self._current.pieces.append(text)
        return self._current.index

    def _call(self, event: ToolCall) -> Iterator[Event]:
        call = self._calls.get(event.index)
        if call is None:
            yield from self.close()
            call = self._calls[event.index] = self._begin("tool_call")
            yield PartStarted(part=call.index, part_type="tool_call")
        call.call_id = call.call_id or event.call_id
        call.name = call.name or event.name
        if event.arguments or event.name:
            call.pieces.append(event.arguments)
            yield ToolDelta(part=call.index, call_id=call.call_id, name=call.name, arguments=event.arguments)
