"""Prompt caching: what a wire says so that a provider reads again what it has read before, at a fraction of the price.

Most of it is what is *not* done: a conversation's beginning stays the same to the byte from turn to turn, and only grows. The rest
are marks (Anthropic, and others' Claude) and a key (OpenAI). `params.caching: false` leaves both out; what a provider caches by
itself cannot be switched off from here.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from .base import ModelRequest

MARK: Final = {"cache_control": {"type": "ephemeral"}}
"""Anthropic's: all up to here is kept for five minutes, from its last use on. Four of them may stand in a request."""
_ROLLING: Final = 2
"""Marked ends: this turn's, which is written, and the last turn's, which is read; a long turn of tools lies between them."""


def wants_caching(request: ModelRequest) -> bool:
    """Whether marks and keys are to be sent: unless somebody switched them off."""
    return request.params.get("caching") is not False


def cache_key(request: ModelRequest) -> str:
    """The same for requests that begin alike, as those of one conversation do, so that they reach the same machine.

    A digest: it says nothing of who asks, and holds nothing of what was said.
    """
    digest = sha256(request.model.encode(errors="replace"))
    digest.update((request.system or "").encode(errors="replace"))
    for message in request.messages[:1]:
        for part in message.parts:
            digest.update(part.model_dump_json(exclude={"provider_metadata"}).encode(errors="replace"))
    return f"llmhub-{digest.hexdigest()[:32]}"


def marked(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Chat messages with marks at the instructions and at the rolling ends. A mark stands in a content of blocks."""
    ends = [index for index, message in enumerate(messages) if message["role"] == "user"][-_ROLLING:]
    first = [0] if messages and messages[0]["role"] == "system" else []
    for index in (*first, *ends):
        content = messages[index].get("content")
        blocks: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else [*(content or ())]
        if blocks and blocks[-1] != {"type": "text", "text": ""}:
            blocks[-1] = {**blocks[-1], **MARK}
            messages[index] = {**messages[index], "content": blocks}
    return messages


def mark_ends(messages: list[dict[str, Any]]) -> None:
    """Put marks on the last blocks of the last user messages, in place. Their contents are lists of Anthropic's blocks."""
    users = [message for message in messages if message["role"] == "user"]
    for message in users[-_ROLLING:]:
        message["content"][-1] |= MARK
