"""What the next request of a conversation would hold, counted without asking anybody: tokens by part, room kept free, its price.

Up to the last answer the count is the provider's own, where the same family of models gave it; what is newer, and everything where
nobody has reported, is estimated from the length of the text by the family's usual bytes per token.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

from ..conversations.store import ConversationStore
from ..conversations.values import Conversation, StoredFile
from ..errors import LLMHubError
from ..messages import FilePart, ImagePart, Message, Part, ToolResultPart, Value
from ..money import dollars
from ..params import Params
from ..providers.base import ModelInfo, Price
from ..providers.billing import IMAGE_TOKENS, cost_of, text_size
from .prompt import ASSUMED_WINDOW, room_for, room_for_answer
from .thread import Thread, read_thread, size_of

Family = Literal["openai", "anthropic", "gemini", "other"]
Exactness = Literal["reported", "estimated"]

_BYTES: Final[dict[Family, float]] = {"openai": 4.2, "anthropic": 3.6, "gemini": 4.2, "other": 3.8}
"""Of English text and code, by the tokenisers that these families use; other scripts take up to a third more tokens."""
_SHORT_ANSWER: Final = 100
"""Tokens of an answer that is a sentence or two."""
_MOST_FILES: Final = 50
"""Files whose sizes are looked up; more than these nobody attaches to what fits into a window."""

FileOf = Callable[[str, str], Awaitable[StoredFile]]
"""(principal's id, file's id) → what is known of the file."""


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


def family_of(model: ModelInfo) -> Family:
    """Whose tokeniser a model has, by its name: an aggregator offers everybody's."""
    name = model.id.partition("/")[2].rpartition("/")[2].lower()
    if "claude" in name:
        return "anthropic"
    if "gemini" in name or "gemma" in name:
        return "gemini"
    if name.startswith(("gpt", "chatgpt", "o1", "o3", "o4")):
        return "openai"
    return "other"


async def gauge(
    store: ConversationStore, owner: str, conversation: Conversation, model: ModelInfo, file_of: FileOf, *, leaf: str | None = None
) -> ContextView:
    """For a turn of `conversation` below `leaf` (default: its head), answered by `model`. Raises `NotFound`."""
    params = Params.model_validate(conversation.params)
    thread = await read_thread(store, owner, conversation.id, leaf or conversation.head_id, room_for(model, params))
    messages = thread.as_messages()
    family = family_of(model)
    counted = _Count(family, await _sizes(owner, messages, file_of))
    instructions = counted.bytes(text_size(params.system or ""))
    files, history = counted.messages(messages)
    anchor = _anchor(thread, family)
    if anchor is not None:
        reported = _reported(anchor)
        new_files, new_history = counted.messages(messages[messages.index(anchor) + 1 :])
        old_files = min(files - new_files, max(0, reported - instructions))
        files = old_files + new_files
        history = max(0, reported - instructions - old_files) + new_history
    used = instructions + files + history
    window = model.context_window or ASSUMED_WINDOW
    return ContextView(
        model=model.id,
        family=family,
        exactness="estimated" if anchor is None else "reported",
        bytes_per_token=_BYTES[family],
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


def _anchor(thread: Thread, family: Family) -> Message | None:
    """The last answer whose provider counted what it read, if that was the same thread, by the same kind of tokeniser."""
    if thread.summary is not None or thread.is_shortened:
        return None  # what the provider counted then may not be what it would read now
    for message in reversed(thread.messages):
        used, model = message.usage, message.model or ""
        if used is not None and used.input_tokens is not None and used.output_tokens is not None:
            known = ModelInfo(id=model, label=model, provider="", kind="")
            return message if family_of(known) == family else None
    return None


def _reported(answer: Message) -> int:
    """What the provider read and said then. What it only thought does not go back to it."""
    used = answer.usage
    assert used is not None
    return (used.input_tokens or 0) + (used.output_tokens or 0) - (used.reasoning_tokens or 0)


async def _sizes(owner: str, messages: Sequence[Message], file_of: FileOf) -> dict[str, int]:
    """How long the attached texts are, in bytes; a file that is gone is none."""
    sizes: dict[str, int] = {}
    wanted = [part for message in messages for part in message.parts if isinstance(part, FilePart)]
    for part in wanted[-_MOST_FILES:]:
        try:
            file = await file_of(owner, part.file_id)
        except LLMHubError:
            continue
        sizes[part.file_id] = file.size if _is_text(file.media_type) else 0
    return sizes


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.partition(";")[0].endswith(("json", "xml", "yaml", "javascript"))


class _Count:
    """Counts by a family's bytes per token."""

    def __init__(self, family: Family, sizes: dict[str, int]) -> None:
        self._per_token = _BYTES[family]
        self._sizes = sizes

    def bytes(self, size: int) -> int:
        """So many bytes of text."""
        return round(size / self._per_token)

    def messages(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Tokens of what is attached, and of what is said."""
        files = size = 0
        for message in messages:
            for part in message.parts:
                if isinstance(part, ImagePart | FilePart):
                    files += self._attached(part)
                else:
                    size += self._said(part)
        return files, self.bytes(size)

    def _attached(self, part: ImagePart | FilePart) -> int:
        if isinstance(part, FilePart) and (size := self._sizes.get(part.file_id, 0)):
            return self.bytes(size)
        return IMAGE_TOKENS  # a picture of ordinary size, or a page or two

    def _said(self, part: Part) -> int:
        return sum(size_of([inner]) for inner in part.parts) if isinstance(part, ToolResultPart) else size_of([part])


def _longest(model: ModelInfo, params: Params, free: int) -> int:
    most = params.max_tokens or model.max_output_tokens or room_for_answer(model, params)
    return max(_SHORT_ANSWER, min(most, free))


def _range(price: Price, used: int, longest: int) -> PriceRange:
    low = cost_of(price, input_tokens=used, cached_tokens=used, output_tokens=min(_SHORT_ANSWER, longest))
    high = cost_of(price, input_tokens=used, cached_tokens=0, output_tokens=longest)
    return PriceRange(low=dollars(low), high=dollars(high))
