"""The models that a notebook can ask: as a table, and by names that come near."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from contextlib import suppress

from ...client import Client, Model
from ...errors import LLMHubError, ModelNotFound


def price_of(client: Client, model: str) -> Mapping[str, float | None] | None:
    """US dollars per million tokens. A model on this machine is free unless llmhub.yaml says otherwise; None: nobody knows."""
    known = next((each for each in client.models() if each.id == model), None)
    if known is None:
        return None
    if known.price and known.price.get("input") is not None:
        return known.price
    return {"input": 0.0, "output": 0.0} if known.local else None


def with_nearest(error: ModelNotFound, client: Client, asked: str) -> None:
    """Have the error say which models are called nearly so, unless it does."""
    if error.details.get("nearest"):
        return
    with suppress(LLMHubError):
        near = nearest(asked, [model.id for model in client.models() if model.available])
        if near:
            error.details["nearest"] = near
            error.hint = f"Did you mean {' or '.join(map(repr, near))}? {error.hint}".strip()


def check_model(client: Client, asked: str) -> None:
    """Raise `ModelNotFound`, with those that come nearest, where no provider can have a model of this name."""
    known = [model.id for model in client.models()]
    if asked not in known and not any(each.startswith(f"{asked.partition('/')[0]}/") for each in known):
        near = nearest(asked, known)
        hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "`%llm models` lists them."
        raise ModelNotFound(f"There is no model '{asked}'.", model=asked, hint=hint)


def nearest(asked: str, ids: list[str]) -> list[str]:
    """At most three ids that look like what was asked for, with or without the provider's name."""
    names = {name.lower(): id for id in reversed(ids) for name in (id.partition("/")[2] or id, id)}
    close = difflib.get_close_matches(asked.lower(), names, n=6, cutoff=0.6)
    return list(dict.fromkeys(names[name] for name in close))[:3]


def table(models: list[Model], words: list[str]) -> str:
    """Those that have all `words` in them, as Markdown."""
    wanted = [word.casefold() for word in words]
    shown = [
        model for model in models if model.available and all(word in f"{model.id} {model.label}".casefold() for word in wanted)
    ]
    if not shown:
        return "No model fits." if models else "No model is set up: the chat panel, or `llmhub config check`, tells more."
    rows = [f"| `{model.id}` | {_window(model)} | {_price(model)} | {', '.join(model.capabilities)} |" for model in shown]
    return "\n".join(("| model | context | $ per million tokens, in / out | |", "|:--|--:|:--|:--|", *rows))


def _window(model: Model) -> str:
    return f"{model.context_window:,}" if model.context_window else ""


def _price(model: Model) -> str:
    if model.local:
        return "local"
    if not model.price or model.price.get("input") is None:
        return ""
    return f"{model.price['input'] or 0:g} / {model.price.get('output') or 0:g}"
