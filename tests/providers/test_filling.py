"""Gaps in code, filled by those who have a way for it; all others are asked in words."""

from __future__ import annotations

import pytest

from llmhub.config import ModelConfig, Settings
from llmhub.providers.base import Gap, NoKeys
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.router import Router

from .asking import ask, finish_in, text_in, usage_in
from .conftest import provider_at
from .wire_server import WireServer

GAP = Gap("def area(r):\n    ", "\n\nprint(area(2))")


@pytest.mark.parametrize(
    ("model", "path", "suffix"),
    [
        ("ollama/says-return-r", "/api/generate", GAP.after),
        ("mistral/gated-codestral", "/v1/fim/completions", GAP.after),
        ("lab/says-return-r", "/v1/completions", GAP.after),
        ("lab/echo", "/v1/chat/completions", None),
        ("ollama/echo", "/api/chat", None),
        ("mistral/echo", "/v1/chat/completions", None),
    ],
)
async def test_a_gap_is_filled_where_the_model_can_and_asked_for_in_words_elsewhere(
    wire: WireServer, catalogue: Catalogue, model: str, path: str, suffix: str | None
) -> None:
    providers = {name: provider_at(wire, kind) for name, kind in (("ollama", "ollama"), ("lab", "openai"))}
    providers["mistral"] = provider_at(wire, "openai").model_copy(update={"kind": "mistral"})
    settings = Settings(providers=providers, models={"lab/says-*": ModelConfig(fill_in=True)})
    router = Router(settings, NoKeys(), catalogue)
    await wire.gate("gated-codestral").let_through(1, True)
    try:
        events = await ask(router, model, "in words", gap=GAP, params={"max_tokens": 64, "temperature": 0.1})
    finally:
        await router.aclose()
    sent = [record for record in wire.requests if record.model][-1]
    assert (sent.path, sent.body.get("suffix")) == (path, suffix)
    if suffix is not None:
        assert sent.body["prompt"] == GAP.before and "messages" not in sent.body
        assert text_in(events) == ("t0 " if "gated" in model else "return r")
        assert sent.body.get("max_tokens", sent.body.get("options", {}).get("num_predict")) == 64
    else:
        assert text_in(events) == "in words"
    assert finish_in(events) == "stop" and usage_in(events).input_tokens == 11


async def test_at_the_end_of_the_code_ollama_still_fills_and_nothing_missing_is_no_error(
    wire: WireServer, catalogue: Catalogue
) -> None:
    router = Router(Settings(providers={"ollama": provider_at(wire, "ollama")}), NoKeys(), catalogue)
    await wire.gate("gated").let_through(0, True)
    try:
        events = await ask(router, "ollama/gated", gap=Gap("x = 1", ""))
    finally:
        await router.aclose()
    assert [record.body["suffix"] for record in wire.asked("gated")] == ["\n"]
    assert text_in(events) == "" and finish_in(events) == "stop"
