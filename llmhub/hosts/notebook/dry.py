"""`--dry-run`: what a question would send, and what that would cost, without sending anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ...client import Client
from ...client.aio import ROOT
from ...conversations.transfer.blocks import fence
from ...conversations.transfer.harmless import harmless
from ...errors import LLMHubError, NotFound
from ...messages import ImagePart, Part, TextPart
from .asking import Asking
from .models import check_model, price_of
from .running import Place
from .tools import Toolbox

_ANSWER: Final = 1000
"""Tokens of an answer that a price is given for."""
_IMAGE: Final = 1000
"""Tokens that an image takes, about."""


def dry_run(client: Client, asking: Asking, place: Place | None, tools: Toolbox | None) -> str:
    """As Markdown. `place` None: below nothing. Raises `ModelNotFound` for a model that no provider has."""
    told = asking.told()
    parts: Sequence[Part] = [TextPart(text=told["question"])] if isinstance(told["question"], str) else told["question"]
    if asking.model is not None:
        check_model(client, asking.model)
    context = _context(client, place, asking.model)
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    text += f"\n\n{told['instruction']}" if told["instruction"] else ""
    params = dict(told["params"] or {})
    system = str(params.pop("system", None) or "")
    functions = [] if tools is None else tools.specs
    files = [(file, _words(file)) for file in asking.files]
    known = [text, system, *map(json.dumps, functions), *(words for _, words in files if words)]
    size = len("".join(known).encode(errors="replace"))
    tokens = max(1, round(size / float(context.get("bytes_per_token") or 4))) + _IMAGE * sum(
        isinstance(p, ImagePart) for p in parts
    )
    before = int(context.get("used") or 0)
    model = str(context.get("model") or asking.model or client.default_model())
    lines = [
        "**Nothing was sent.**",
        "",
        f"- to `{model}`" + (f", with {_params(params)}" if params else ""),
        f"- about {before + tokens:,} tokens: {before:,} of the conversation so far, {tokens:,} of this question",
        f"- {_price(client, model, before + tokens)}",
        *(f"- an image, {len(part.url or '') * 3 // 4:,} bytes" for part in parts if isinstance(part, ImagePart)),
        *(f"- the file {file}, {_size(file, is_text=words is not None)}" for file, words in files),
        *([f"- functions that may be called: {', '.join(_signature(each) for each in functions)}"] if functions else []),
        *(["", "Instructions:", "", fence(system, "text")] if system else []),
        "",
        fence(text, "text"),
    ]
    return harmless("\n".join(lines))


def _context(client: Client, place: Place | None, model: str | None) -> dict[str, Any]:
    if place is not None and place.parent_id != ROOT:
        with suppress(NotFound):
            return client.context(place.conversation_id, model=model, leaf=place.parent_id)
    return {}


def _words(file: Any) -> str | None:
    """A file's text; None where it is none."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _signature(spec: Mapping[str, Any]) -> str:
    """A function as the model sees it."""
    function: Mapping[str, Any] = spec["function"]
    return f"`{function['name']}({', '.join(function['parameters'].get('properties', ()))})`"


def _params(params: Mapping[str, Any]) -> str:
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


def _size(file: Any, *, is_text: bool) -> str:
    try:
        size = f"{Path(file).stat().st_size:,} bytes"
    except OSError:
        return "which is not there"
    return size if is_text else f"{size}, whose tokens are not counted here"
