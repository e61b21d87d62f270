"""OpenAI's `POST embeddings`: what is asked, and vectors in its shape."""

from __future__ import annotations

import struct
from base64 import b64encode
from typing import Annotated, Any, Literal

from pydantic import Field

from ...providers.embedding import Embedded
from .body import AsList, ForeignBody, ModelName, Unused

_Text = Annotated[str, Field(min_length=1)]
_Tokens = Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(min_length=1)]


class EmbeddingsBody(ForeignBody):
    """Texts (or the numbers of their tokens) to be made into vectors."""

    model: ModelName
    input: Annotated[
        Annotated[tuple[_Text, ...], AsList, Field(min_length=1, max_length=2048)]
        | _Tokens
        | Annotated[tuple[_Tokens, ...], Field(min_length=1, max_length=2048)],
        Field(union_mode="left_to_right"),
    ]
    dimensions: Annotated[int, Field(ge=1, le=100_000)] | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: Unused = None

    def texts(self) -> tuple[str, ...] | tuple[tuple[int, ...], ...]:
        """A list, also where one list of tokens was sent."""
        first = self.input[0]
        return (self.input,) if isinstance(first, int) else self.input  # type: ignore[return-value]


def embeddings_list(body: EmbeddingsBody, found: Embedded) -> dict[str, Any]:
    """The vectors, in the order of the texts."""
    packed = body.encoding_format == "base64"
    rows = [
        {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else list(vector)}
        for index, vector in enumerate(found.vectors)
    ]
    tokens = found.input_tokens or 0
    return {"object": "list", "data": rows, "model": body.model, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}


def _packed(vector: tuple[float, ...]) -> str:
    """Floats of four bytes, the lowest byte first."""
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
