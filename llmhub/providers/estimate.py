"""`Estimate`: how many tokens something has, where nobody counts them: by the bytes that a token usually has in a model's family.

There is no other count of our own: the gauge, compaction, the ledger and the doors all ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..messages import FilePart, ImagePart, Part, QuotePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from .base import ModelRequest

Family = Literal["openai", "anthropic", "gemini", "other"]
IMAGE_TOKENS: Final = 1_500
"""What a picture of ordinary size costs."""
_BYTES: Final[dict[Family, float]] = {"openai": 4.2, "anthropic": 3.6, "gemini": 4.2, "other": 3.8}
"""Of English text and code, by the tokenisers that these families use; other scripts take up to a third more tokens."""


def family_of(model: str) -> Family:
    """Whose tokeniser a model has, by its full id: an aggregator offers everybody's."""
    name = model.partition("/")[2].rpartition("/")[2].lower()
    if "claude" in name:
        return "anthropic"
    if "gemini" in name or "gemma" in name:
        return "gemini"
    if name.startswith(("gpt", "chatgpt", "o1", "o3", "o4")):
        return "openai"
    return "other"


@dataclass(frozen=True, slots=True)
class Estimate:
    """By the tokeniser of one family."""

    family: Family = "other"

    @classmethod
    def of(cls, model: str) -> Estimate:
        """For the model of that full id."""
        return cls(family_of(model))

    @property
    def bytes_per_token(self) -> float:
        """What it goes by."""
        return _BYTES[self.family]

    def bytes(self, size: int) -> int:
        """Of so many bytes of text; what there is at all has one."""
        return max(1, round(size / self.bytes_per_token)) if size else 0

    def text(self, text: str) -> int:
        """Of a text."""
        return self.bytes(text_size(text))

    def parts(self, parts: Sequence[Part]) -> int:
        """Of parts of a message. An attached file counts by its name alone."""
        size, images = _weight(parts)
        return self.bytes(size) + images * IMAGE_TOKENS

    def request(self, request: ModelRequest) -> int:
        """Of all that a model is asked."""
        size, images = _weight([part for message in request.messages for part in message.parts])
        size += text_size(request.system or "")
        size += sum(len(tool.name) + len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
        return self.bytes(size) + images * IMAGE_TOKENS


def text_size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))


def _weight(parts: Sequence[Part]) -> tuple[int, int]:
    """Bytes of text, and pictures."""
    size = images = 0
    for part in parts:
        match part:
            case TextPart() | ReasoningPart() | QuotePart():
                size += text_size(part.text)
            case ImagePart():
                images += 1
            case ToolCallPart():
                size += text_size(part.name) + text_size(part.arguments)
            case ToolResultPart():
                inner, seen = _weight(part.parts)
                size, images = size + inner, images + seen
            case FilePart():
                size += text_size(part.name)
            case _:
                size += len(part.model_dump_json(exclude={"provider_metadata"}))
    return size, images
