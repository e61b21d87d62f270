"""What a model is asked: instructions and as much of the history as fits into its window, newest first in line.

The history is read from its end in pages, so that a turn costs the same in a conversation of ten messages and of ten thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final

from ..conversations.store import ConversationStore
from ..conversations.values import RunRecord
from ..ids import new_id
from ..messages import ImagePart, Message, Part, QuotePart, ReasoningPart, TextPart, text_of
from ..params import Params
from ..providers.base import LoadFile, ModelInfo, ModelRequest
from ..providers.exchange import Recorder

ASSUMED_WINDOW: Final = 128_000
"""Tokens, for a model whose window nobody knows."""
_PAGES: Final = (24, 96, 400)
"""Messages to read at a time: the first page is enough for most, and who has room for more wants few trips."""
_BYTES_PER_TOKEN: Final = 4
_IMAGE_TOKENS: Final = 1_500
_CONTINUE: Final = (
    "Your answer above was cut off. Go on exactly where it stops, even in the middle of a word or a code block; "
    "repeat nothing, and add no introduction."
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request, and whether the oldest messages had no room in it."""

    request: ModelRequest
    shortened: bool


async def build_request(
    store: ConversationStore,
    run: RunRecord,
    model: ModelInfo,
    load_file: LoadFile,
    *,
    instruction: str | None = None,
    recorder: Recorder | None = None,
) -> Prompt:
    """The request for `run`. A run that continues an answer asks for the rest of it; `instruction` is said after the question."""
    params = Params.model_validate(run.params)
    cut = await store.message(run.owner, run.message_id) if run.first_part else None
    goes_on = cut is not None and bool(text_of(cut))
    leaf = run.message_id if goes_on else run.user_message_id
    budget = _budget(model, params) - len((instruction or "").encode())
    history, shortened = await _history(store, run.owner, run.conversation_id, leaf, budget)
    _repeat_instructions(history)
    if instruction and not goes_on:
        _instruct(history, instruction)
    if cut is not None and goes_on:
        history.append(_ask_to_continue(cut))
    request = ModelRequest(
        model=run.model,
        messages=tuple(history),
        system=params.system,
        params=params.given(),
        load_file=load_file,
        recorder=recorder,
        user=run.owner,
        conversation_id=run.conversation_id,
    )
    return Prompt(request, shortened)


def _budget(model: ModelInfo, params: Params) -> int:
    window = model.context_window or ASSUMED_WINDOW
    answer = min(params.max_tokens or model.max_output_tokens or window // 4, window // 4)
    return (window - answer) * _BYTES_PER_TOKEN - len((params.system or "").encode())


async def _history(
    store: ConversationStore, owner: str, conversation_id: str, leaf: str | None, budget: int
) -> tuple[list[Message], bool]:
    """The newest messages of the path to `leaf` that fit into `budget` bytes, the last one always; and whether some did not fit."""
    chosen: list[Message] = []
    cursor: str | None = None
    for size in chain(_PAGES, repeat(_PAGES[-1])):
        page = await store.path(owner, conversation_id, leaf=leaf, limit=size, cursor=cursor, siblings=False)
        for message in reversed(page.items):
            budget -= _size(message.parts)
            if budget < 0 and chosen:
                return _from_question(chosen), True
            chosen.append(message)
        cursor = page.next
        if cursor is None:
            break
    return chosen[::-1], False


def _from_question(newest_first: list[Message]) -> list[Message]:
    """In order, beginning with a question: no wire accepts a history that begins with an answer."""
    while len(newest_first) > 1 and newest_first[-1].role != "user":
        newest_first.pop()
    return newest_first[::-1]


def _repeat_instructions(history: list[Message]) -> None:
    """What was said for one answer stands before it ever after, as a provider's cache knows it."""
    for index, answer in enumerate(history):
        if answer.instruction and answer.role == "assistant":
            _instruct(history, answer.instruction, before=index)


def _instruct(history: list[Message], instruction: str, *, before: int | None = None) -> None:
    """Put an instruction behind the last question, within it: no wire takes two messages of one role in a row."""
    place = next((index for index in reversed(range(len(history[:before]))) if history[index].role == "user"), None)
    if place is not None:
        question = history[place]
        history[place] = question.model_copy(update={"parts": (*question.parts, TextPart(text=f"\n\n{instruction}"))})


def _size(parts: Sequence[Part]) -> int:
    return sum(_part_size(part) for part in parts)


def _part_size(part: Part) -> int:
    match part:
        case TextPart() | ReasoningPart() | QuotePart():
            return len(part.text.encode(errors="replace"))
        case ImagePart():
            return _IMAGE_TOKENS * _BYTES_PER_TOKEN
        case _:
            return len(part.model_dump_json(exclude={"provider_metadata"}))


def _ask_to_continue(cut: Message) -> Message:
    return Message(
        id=new_id(),
        conversation_id=cut.conversation_id,
        parent_id=cut.id,
        role="user",
        status="complete",
        parts=(TextPart(text=_CONTINUE),),
        created_at=cut.created_at,
    )
