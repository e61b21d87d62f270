"""`llmhub models [WORD ...]`: which models can be asked, what they can do and what they cost."""

from __future__ import annotations

import argparse

from ...client import Model
from .reach import add_server_option, as_json, note, printable, reach


def define(parser: argparse.ArgumentParser) -> None:
    """What it can be told."""
    parser.description = "List the models that can be asked: id, context window, price per million tokens in and out, abilities."
    parser.add_argument("words", nargs="*", metavar="WORD", help="only those whose id or name has all of these in it")
    parser.add_argument("--all", action="store_true", help="also those that cannot be asked now, and why")
    parser.add_argument("--json", action="store_true", help="as JSON, a list")
    add_server_option(parser)
    parser.set_defaults(run=_models)


def _models(told: argparse.Namespace) -> int:
    with reach(told) as client:
        models = client.models()
    words = [word.casefold() for word in told.words]
    shown = [
        model
        for model in models
        if (model.available or told.all) and all(word in f"{model.id} {model.label}".casefold() for word in words)
    ]
    if told.json:
        print(as_json([model.model_dump(mode="json") for model in shown], indent=1))
        return 0
    if not shown:
        note("No model fits." if models else "No model is set up: `llmhub config check`, or the panel, tells more.")
        return 1
    width = min(max(len(model.id) for model in shown), 60)
    for model in shown:
        print(printable(f"{model.id:<{width}}  {_window(model):>6}  {_price(model):>13}  {_rest(model)}").rstrip())
    return 0


def _window(model: Model) -> str:
    size = model.context_window
    if not size:
        return ""
    return f"{size / 1_000_000:g}M" if size % 100_000 == 0 and size >= 1_000_000 else f"{round(size / 1000)}k"


def _price(model: Model) -> str:
    if model.local:
        return "local"
    if not model.price or model.price.get("input") is None:
        return ""
    return f"${model.price['input'] or 0:g} / ${model.price.get('output') or 0:g}"


def _rest(model: Model) -> str:
    return ", ".join(model.capabilities) if model.available else f"({model.why_not or 'not available'})"
