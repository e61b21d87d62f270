"""`Estimate`: how many tokens something has, where nobody counts them: by the bytes that a token usually has in a model's family.

There is no other count of our own: the gauge, compaction, the ledger and the doors all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from ..messages import (
    CitationPart,
    FilePart,
    ImagePart,
    OutputPart,
    Part,
    QuotePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from .base import ModelInfo, ModelRequest
from .history import INLINE, TEXTUAL, output_text

Family = Literal["openai", "anthropic", "gemini", "other"]
IMAGE_TOKENS: Final = 1_500
"""What a picture of ordinary size costs."""
_LINE: Final = 60
"""Bytes of the words that a model gets for a picture that it cannot see."""
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
    """By the tokeniser of one family, of what a model really gets: `history.py` says what is left out or put in words."""

    family: Family = "other"
    sees: bool = True
    """False: for each picture it gets a line of words."""
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    """Bytes of attached files, by id, as far as they are stored and known; of others their names alone count."""

    @classmethod
    def of(cls, model: str) -> Estimate:
        """For the model of that full id, of which nothing else is known."""
        return cls(family_of(model))

    @classmethod
    def of_model(cls, model: ModelInfo) -> Estimate:
        """For a model of which something is known."""
        return cls(family_of(model.alias_of or model.id), not model.sure or "vision" in model.capabilities)

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
        """Of parts of a message."""
        size, images = self._weight(parts)
        return self.bytes(size) + images * IMAGE_TOKENS

    def request(self, request: ModelRequest) -> int:
        """Of all that a model is asked."""
        sees = self.sees and (request.abilities is None or "vision" in request.abilities)
        reader = replace(self, sees=sees, sizes={**self.sizes, **request.file_sizes})
        size, images = reader._weight([part for message in request.messages for part in message.parts])
        size += text_size(request.system or "")
        size += sum(len(tool.name) + len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
        return self.bytes(size) + images * IMAGE_TOKENS

    def _weight(self, parts: Sequence[Part]) -> tuple[int, int]:
        """Bytes of text, and pictures."""
        size = images = 0
        for part in parts:
            match part:
                case TextPart() | QuotePart():
                    size += text_size(part.text)
                case ReasoningPart():
                    size += text_size(part.text) if part.provider_metadata else 0  # else no wire wants it back
                case ImagePart():
                    images, size = (images + 1, size) if self.sees else (images, size + _LINE)
                case ToolCallPart():
                    size += text_size(part.name) + text_size(part.arguments)
                case ToolResultPart():
                    inner, seen = self._weight(part.parts)
                    size, images = size + inner, images + seen
                case FilePart():
                    inner, seen = self._file(part)
                    size, images = size + inner, images + seen
                case OutputPart():
                    size += text_size(output_text(part))
                case CitationPart():
                    pass  # nor is it sent
        return size, images

    def _file(self, part: FilePart) -> tuple[int, int]:
        size = self.sizes.get(part.file_id)
        if size is None:
            return text_size(part.name), 0
        if TEXTUAL.match(part.media_type):
            return min(size, INLINE), 0
        if part.media_type.startswith("image/") and not self.sees:
            return _LINE, 0
        return 0, 1  # a picture of ordinary size, or a page or two


def text_size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
