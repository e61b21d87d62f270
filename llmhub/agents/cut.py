"""`Cut`: how much of a path is folded into a summary. Before a question; inside of an answer, behind a tool's result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..messages import Message, ToolCallPart, ToolResultPart
from ..providers.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Cut:
    """How many of the messages are folded, the oldest; and of the one after them its first `parts`, if so."""

    messages: int
    parts: int | None = None

    def folded(self, messages: Sequence[Message]) -> list[Message]:
        """What is folded."""
        folded = list(messages[: self.messages])
        if self.parts is not None:
            cut = messages[self.messages]
            folded.append(cut.model_copy(update={"parts": cut.parts[: self.parts]}))
        return folded


def place_to_cut(messages: Sequence[Message], keep: float, estimate: Estimate) -> Cut | None:
    """Before the question from which on the rest has at most `keep` tokens; before the last one in any case.

    Where the last turn alone is larger, and there is nothing before it, it is cut behind a tool's result: no call loses its own.
    """
    best: int | None = None
    size = 0
    for index in range(len(messages) - 1, 0, -1):
        size += estimate.parts(messages[index].parts)
        if best is not None and size > keep:
            break
        if messages[index].role == "user":
            best = index
    last = len(messages) - 1
    if (
        last > 0
        and messages[last].role == "assistant"
        and estimate.parts(messages[last].parts) > keep
        and (best is None or best < last)
    ):
        parts = _behind_a_result(messages[last], keep, estimate)
        if parts is not None:
            return Cut(last, parts)
    return None if best is None else Cut(best)


def last_turn(messages: Sequence[Message], keep: float, estimate: Estimate) -> Cut | None:
    """Before the last question, if it waits for an answer or has at most `keep` tokens with what follows; else behind all."""
    if not messages:
        return None
    start = max((index for index, message in enumerate(messages) if message.role == "user"), default=0)
    size = sum(estimate.parts(message.parts) for message in messages[start:])
    if start > 0 and (size <= keep or messages[-1].role == "user"):
        return Cut(start)
    return Cut(len(messages)) if messages[-1].role == "assistant" and size > keep else None


def _behind_a_result(message: Message, keep: float, estimate: Estimate) -> int | None:
    """How many of the message's parts come before the last place from which on at most `keep` tokens follow, no call being open."""
    open_calls: set[str] = set()
    rest = estimate.parts(message.parts)
    best: int | None = None
    for index, part in enumerate(message.parts):
        rest -= estimate.parts((part,))
        if isinstance(part, ToolCallPart):
            open_calls.add(part.call_id)
        elif isinstance(part, ToolResultPart):
            open_calls.discard(part.call_id)
            if not open_calls and index + 1 < len(message.parts):
                best = index + 1
                if rest <= keep:
                    break
    return best
