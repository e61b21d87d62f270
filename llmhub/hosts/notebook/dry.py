"""`--dry-run`: what a question would send, and what that would cost, without sending anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ...client import Client
from ...conversations.transfer.harmless import harmless
from ...errors import LLMHubError, NotFound
from ...messages import ImagePart, Part, TextPart
from .asking import Asking
from .models import price_of

_ANSWER: Final = 1000
"""Tokens of an answer that a price is given for."""
_IMAGE: Final = 1000
"""Tokens that an image takes, about."""


def dry_run(client: Client, asking: Asking, conversation: str | None) -> str:
    """As Markdown. Raises `ModelNotFound` for a model that no provider has."""
    told = asking.told()
    parts: Sequence[Part] = [TextPart(text=told["question"])] if isinstance(told["question"], str) else told["question"]
    named = asking.model or client.default_model()
    context = _context(client, conversation, asking.model)
    text = "".join(part.text for part in parts if isinstance(part, TextPart)) + (told["instruction"] or "")
    system = str(asking.params.get("system") or "")
    size = len((text + system).encode(errors="replace"))
    tokens = round(size / float(context.get("bytes_per_token") or 4)) + _IMAGE * sum(isinstance(p, ImagePart) for p in parts)
    before = int(context.get("used") or 0)
    model = str(context.get("model") or named)
    lines = [
        "**Nothing was sent.**",
        "",
        f"- to `{model}`" + (f", with {_params(told['params'])}" if told["params"] else ""),
        f"- about {before + tokens:,} tokens: {before:,} of the conversation so far, {tokens:,} of this question",
        f"- {_price(client, model, before + tokens)}",
        *(f"- an image, {len(part.url or '') * 3 // 4:,} bytes" for part in parts if isinstance(part, ImagePart)),
        *(f"- the file {file}, {_size(file)}" for file in asking.files),
        "",
        _block(text),
    ]
    return harmless("\n".join(lines))


def _context(client: Client, conversation: str | None, model: str | None) -> dict[str, Any]:
    if conversation is not None:
        with suppress(NotFound):
            return client.context(conversation, model=model)
    return {}


def _params(params: dict[str, Any]) -> str:
    return ", ".join(f"`{name}` {json.dumps(value, ensure_ascii=False)[:80]}" for name, value in params.items())


def _price(client: Client, model: str, tokens: int) -> str:
    price = None
    with suppress(LLMHubError):
        price = price_of(client, model)
    if price is None:
        return "its price is not known"
    if not any(price.values()):
        return "free: the model runs on this machine"
    cost = (tokens * (price.get("input") or 0) + _ANSWER * (price.get("output") or 0)) / 1_000_000
    return f"about ${cost:.4f}, with an answer of {_ANSWER:,} tokens"


def _size(file: Any) -> str:
    try:
        return f"{Path(file).stat().st_size:,} bytes"
    except OSError:
        return "which is not there"


def _block(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
