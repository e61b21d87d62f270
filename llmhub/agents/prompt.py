"""What a model is asked: instructions, and of the conversation what `thread.py` finds room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..conversations.footing import Footing
from ..conversations.store import ConversationStore
from ..conversations.values import RunRecord
from ..ids import new_id
from ..messages import Message, TextPart, text_of
from ..params import Params
from ..providers.base import LoadFile, ModelInfo, ModelRequest
from ..providers.estimate import Estimate
from ..providers.exchange import Recorder
from .thread import Thread, read_thread

ASSUMED_WINDOW: Final = 128_000
"""Tokens, for a model whose window nobody knows."""
_CONTINUE: Final = (
    "Your answer above was cut off. Go on exactly where it stops, even in the middle of a word or a code block; "
    "repeat nothing, and add no introduction."
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request, and how it came about: the path up to `leaf`, for which there were `room` tokens."""

    request: ModelRequest
    thread: Thread
    leaf: str | None
    room: int


async def build_request(
    store: ConversationStore,
    run: RunRecord,
    model: ModelInfo,
    load_file: LoadFile,
    *,
    instruction: str | None = None,
    recorder: Recorder | None = None,
    footing: Footing | None = None,
) -> Prompt:
    """The request for `run`. A run that continues an answer asks for the rest of it; `instruction` is said after the question.

    `footing`: what was read when the run was begun, which is not read again.
    """
    said = footing.instructions if footing is not None else await store.instructions(run.owner, run.conversation_id)
    params = instructed(said, Params.model_validate(run.params))
    cut = await store.message(run.owner, run.message_id) if run.first_part else None
    goes_on = cut is not None and bool(text_of(cut))
    leaf = run.message_id if goes_on else run.user_message_id
    estimate = Estimate.of_model(model)
    budget = room_for(model, params) - estimate.text(instruction or "")
    thread = await read_thread(store, run.owner, run.conversation_id, leaf, budget, estimate, footing)
    history = thread.as_messages()
    _repeat_instructions(history)
    if instruction and not goes_on:
        _instruct(history, leaf, instruction)
    if cut is not None and goes_on:
        history.append(_ask_to_continue(cut))
    request = ModelRequest(
        model=run.model,
        messages=tuple(history),
        system=params.system,
        params=params.given(),
        load_file=load_file,
        file_sizes=thread.estimate.sizes,
        recorder=recorder,
        user=run.owner,
        conversation_id=run.conversation_id,
    )
    return Prompt(request, thread, leaf, budget)


def window_of(model: ModelInfo) -> int:
    """Tokens that a model reads and says together."""
    return model.context_window or ASSUMED_WINDOW


def instructed(said: Sequence[str], params: Params) -> Params:
    """The parameters with what the conversation's folders say put before its own instructions, the outermost folder first.

    What is said by most conversations comes first and stays the same, so that a provider's cache knows it.
    """
    return params.model_copy(update={"system": "\n\n".join((*said, *filter(None, (params.system,))))}) if said else params


def room_for_answer(model: ModelInfo, params: Params) -> int:
    """Tokens of the window that are kept free."""
    window = window_of(model)
    return min(params.max_tokens or model.max_output_tokens or window // 4, window // 4)


def room_for(model: ModelInfo, params: Params) -> int:
    """Tokens of the conversation that go along."""
    return window_of(model) - room_for_answer(model, params) - Estimate.of_model(model).text(params.system or "")


def _repeat_instructions(history: list[Message]) -> None:
    """What was said for one answer stands before it ever after, as a provider's cache knows it."""
    for answer in list(history):
        if answer.instruction and answer.role == "assistant":
            _instruct(history, answer.parent_id, answer.instruction)


def _instruct(history: list[Message], question_id: str | None, instruction: str) -> None:
    """Put an instruction behind a question, within it: no wire takes two messages of one role in a row."""
    for place, question in enumerate(history):
        if question.id == question_id:
            history[place] = question.model_copy(update={"parts": (*question.parts, TextPart(text=f"\n\n{instruction}"))})


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
