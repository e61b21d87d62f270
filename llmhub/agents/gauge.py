"""What the next request of a conversation would hold, counted without asking anybody: tokens by part, room kept free, its price.

Up to the last answer the count is the provider's own, where the same family of models gave it; what is newer, and everything where
nobody has reported, is estimated from the length of the text by the family's usual bytes per token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from ..conversations.store import ConversationStore
from ..conversations.values import Conversation
from ..messages import FilePart, ImagePart, Message, Value
from ..money import dollars
from ..params import Params
from ..providers.base import ModelInfo, Price
from ..providers.billing import cost_of
from ..providers.estimate import Estimate, Family
from .prompt import instructed, room_for, room_for_answer, window_of
from .thread import read_thread

Exactness = Literal["reported", "estimated"]

_SHORT_ANSWER: Final = 100
"""Tokens of an answer that is a sentence or two."""


class PriceRange(Value):
    """US dollars: with all that can be cached read from the cache and a short answer, to nothing cached and the longest answer."""

    low: float
    high: float


class ContextView(Value):
    """What the next request would hold, in tokens. What is being written comes on top of it.

    `exactness` "reported": up to the last answer the provider's own count. `bytes_per_token` is what estimates go by.
    """

    model: str
    family: Family
    exactness: Exactness
    bytes_per_token: float
    window: int
    is_window_known: bool
    instructions: int = 0
    memory: int = 0
    files: int = 0
    history: int = 0
    tools: int = 0
    used: int = 0
    reserve: int = 0
    is_shortened: bool = False
    is_summarised: bool = False
    cost_usd: PriceRange | None = None


async def gauge(
    store: ConversationStore, owner: str, conversation: Conversation, model: ModelInfo, *, leaf: str | None = None
) -> ContextView:
    """For a turn of `conversation` below `leaf` (default: its head), answered by `model`. Raises `NotFound`."""
    params = instructed(await store.instructions(owner, conversation.id), Params.model_validate(conversation.params))
    own = Estimate.of_model(model)
    thread = await read_thread(store, owner, conversation.id, leaf or conversation.head_id, room_for(model, params), own)
    estimate = thread.estimate
    messages = thread.as_messages()
    instructions = estimate.text(params.system or "")
    files, history = _counted(estimate, messages)
    anchor = thread.anchor()
    if anchor is not None:
        answer, reported = anchor
        new_files, new_history = _counted(estimate, messages[messages.index(answer) + 1 :])
        old_files = min(files - new_files, max(0, reported - instructions))
        files = old_files + new_files
        history = max(0, reported - instructions - old_files) + new_history
    used = instructions + files + history
    window = window_of(model)
    return ContextView(
        model=model.id,
        family=estimate.family,
        exactness="estimated" if anchor is None else "reported",
        bytes_per_token=estimate.bytes_per_token,
        window=window,
        is_window_known=model.context_window is not None,
        instructions=instructions,
        files=files,
        history=history,
        used=used,
        reserve=room_for_answer(model, params),
        is_shortened=thread.is_shortened,
        is_summarised=thread.summary is not None,
        cost_usd=None if model.price is None else _range(model.price, used, _longest(model, params, window - used)),
    )


# ---- steps


def _counted(estimate: Estimate, messages: Sequence[Message]) -> tuple[int, int]:
    """Tokens of what is attached, and of what is said."""
    parts = [part for message in messages for part in message.parts]
    attached = [part for part in parts if isinstance(part, ImagePart | FilePart)]
    said = [part for part in parts if not isinstance(part, ImagePart | FilePart)]
    return estimate.parts(attached), estimate.parts(said)


def _longest(model: ModelInfo, params: Params, free: int) -> int:
    most = params.max_tokens or model.max_output_tokens or room_for_answer(model, params)
    return max(_SHORT_ANSWER, min(most, free))


def _range(price: Price, used: int, longest: int) -> PriceRange:
    low = cost_of(price, input_tokens=used, cached_tokens=used, output_tokens=min(_SHORT_ANSWER, longest))
    high = cost_of(price, input_tokens=used, cached_tokens=0, output_tokens=longest)
    return PriceRange(low=dollars(low), high=dollars(high))
