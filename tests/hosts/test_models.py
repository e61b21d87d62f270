"""`models`, `aliases` and `fallbacks` of llmhub.yaml, in the list of models, in what is sent and in what it cost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from .api import Api

PRICE = {"input": 1_000_000.0, "output": 2_000_000.0}
"""A dollar per token sent, two per token answered."""
DOWN = "rate-limited-1h"
NONE = "lab/rate-limited-date"


@pytest.fixture
def host_settings(wire: WireServer) -> dict[str, Any]:
    return settings_for(
        wire,
        default_model="best",
        aliases={"fast": "lab/echo", "best": "fast", "gone": "nowhere/x"},
        models={
            "lab/*": {"group": "Our machines", "icon": "🧪", "params": {"temperature": 0.5, "top_p": 0.5}},
            "*/vision": {"hidden": True},
            "lab/echo": {
                "label": "The echo",
                "description": "Says what you say.",
                "context_window": 1234,
                "max_output_tokens": 99,
                "price": PRICE,
                "capabilities": ["tools", "vision"],
                "params": {"temperature": 0.1},
            },
            "lab/tokens-3-at-0": {"label": "Three", "price": PRICE},
            "fast": {"label": "Fast", "icon": "⚡"},
        },
        fallbacks={
            f"lab/{DOWN}": [f"gemini/{DOWN}", "fast"],
            "anthropic/rate-*": ["anthropic/echo"],
            NONE: [],
        },
        fallback_models=["ollama/echo"],
    )


@pytest.fixture
def secret(host_settings: dict[str, Any]) -> str:
    """A secret where only an administrator's care keeps one from standing."""
    host_settings["providers"]["dotted.name"] = {"kind": "openai", "models": [], "headers": {"X-Pass": "sk-canary"}}
    host_settings["models"]["lab/v1.5"] = {"params": {"temperature": 0.1, "extra": "sk-canary"}}
    return "sk-canary"


async def listed(api: Api) -> dict[str, dict[str, Any]]:
    return {model["id"]: model for model in (await api.ok("GET", "models"))["items"]}


async def answered(api: Api, model: str | None, conversation: str | None = None, **more: Any) -> dict[str, Any]:
    """Ask, wait, and give the stored answer."""
    conversation = conversation or await api.conversation()
    asked = {"model": model} if model else {}
    run = await api.ask(conversation, "one two", **asked, **more)
    await api.events(run["run_id"])
    return (await api.ok("GET", f"conversations/{conversation}/messages"))["items"][-1]


async def test_what_the_file_says_of_a_model_wins_over_what_is_known(api: Api):
    models = await listed(api)
    echo = models["lab/echo"]
    assert (echo["label"], echo["description"], echo["group"], echo["icon"]) == (
        "The echo", "Says what you say.", "Our machines", "🧪",
    )  # fmt: skip
    assert (echo["context_window"], echo["max_output_tokens"]) == (1234, 99)
    assert echo["capabilities"] == ["tools", "vision"]
    assert (echo["price"]["input"], echo["price"]["output"]) == (PRICE["input"], PRICE["output"])
    assert models["lab/slow"]["group"] == "Our machines" and models["lab/slow"]["label"] == "slow"
    assert models["anthropic/echo"]["group"] is None


async def test_a_hidden_model_is_not_listed_and_works(api: Api):
    assert not [model for model in await listed(api) if model.endswith("/vision")]
    assert (await answered(api, "lab/vision"))["status"] == "complete"


async def test_a_model_that_nobody_lists_is_offered_when_the_file_names_it_and_works_in_any_case(api: Api, wire: WireServer):
    models = await listed(api)
    assert models["lab/tokens-3-at-0"]["label"] == "Three" and models["lab/tokens-3-at-0"]["available"]
    assert "lab/tokens-2-at-0" not in models
    assert (await answered(api, "lab/tokens-2-at-0"))["status"] == "complete"
    assert wire.requests[-1].body["model"] == "tokens-2-at-0"


async def test_the_price_in_the_file_is_what_an_answer_costs(api: Api):
    usage = (await answered(api, "lab/tokens-3-at-0"))["usage"]
    assert usage["cost_usd"] == usage["input_tokens"] * 1 + usage["output_tokens"] * 2 > 0
    assert (await answered(api, "lab/letters"))["usage"]["cost_usd"] is None


async def test_parameters_of_the_model_win_over_the_patterns_and_those_of_the_request_over_both(api: Api, wire: WireServer):
    await answered(api, "lab/echo")
    assert (wire.requests[-1].body["temperature"], wire.requests[-1].body["top_p"]) == (0.1, 0.5)
    await answered(api, "lab/echo", params={"temperature": 0.9})
    assert (wire.requests[-1].body["temperature"], wire.requests[-1].body["top_p"]) == (0.9, 0.5)


async def test_an_alias_is_listed_first_with_the_model_that_it_stands_for(api: Api):
    models = await listed(api)
    assert list(models)[:3] == ["fast", "best", "gone"]
    fast, best, gone = models["fast"], models["best"], models["gone"]
    assert (fast["alias_of"], fast["label"], fast["icon"], fast["provider"]) == ("lab/echo", "Fast", "⚡", "lab")
    assert (fast["context_window"], fast["price"]["input"], fast["available"]) == (1234, PRICE["input"], True)
    assert (best["alias_of"], best["label"]) == ("lab/echo", "best")
    assert not gone["available"] and "no provider is called 'nowhere'" in gone["why_not"]
    assert models["lab/echo"]["alias_of"] is None


async def test_an_alias_can_be_used_wherever_a_models_id_can(api: Api, wire: WireServer):
    answer = await answered(api, "fast")
    assert (answer["status"], answer["model"]) == ("complete", "lab/echo")
    assert answer["usage"]["cost_usd"] > 0
    assert (await answered(api, None))["model"] == "lab/echo"  # default_model: best
    conversation = await api.conversation(model="fast")
    assert (await answered(api, None, conversation))["model"] == "lab/echo"
    assert (await api.ok("GET", f"conversations/{conversation}"))["model"] == "fast"
    assert {request.body["model"] for request in wire.requests if request.model} == {"echo"}


async def test_an_alias_that_is_nearly_right_names_the_right_one(api: Api):
    answer = await answered(api, "fasd")
    assert answer["error"]["code"] == "model_not_found"
    assert answer["error"]["details"]["nearest"] == ["fast"]


async def test_a_secret_among_free_parameters_is_never_shown_whatever_its_owner_is_called(secret: str, api: Api):
    config = await api.ok("GET", "config")
    assert config["settings"]["models.lab/v1.5.params.temperature"]["value"] == 0.1
    assert config["settings"]["providers.dotted.name.headers.X-Pass"]["value"] is None
    assert secret not in json.dumps(config)


@pytest.mark.parametrize(
    ("model", "taker"),
    [(f"lab/{DOWN}", "lab/echo"), (f"anthropic/{DOWN}", "anthropic/echo"), (f"gemini/{DOWN}", "ollama/echo"), (NONE, None)],
    ids=["its own chain, through an alias", "a pattern's", "the chain of all", "none at all"],
)
async def test_a_model_has_its_own_chain_of_fallbacks(api: Api, model: str, taker: str | None):
    answer = await answered(api, model)
    assert (answer["status"], answer["model"]) == (("complete", taker) if taker else ("failed", model))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"models": {"lab/x": {"capabilities": ["visoin"]}}}, "Did you mean 'vision'?"),
        ({"models": {"lab/x": {"price": {"input": -1, "output": 0}}}}, "`models.lab/x.price.input`"),
        ({"models": {"lab/x": {"contxt_window": 1}}}, "Did you mean `models.lab/x.context_window`?"),
        ({"aliases": {"a": "b", "b": "a"}}, "leads `a` back to itself"),
        ({"aliases": {"a": "b"}}, "neither a model's id"),
        ({"aliases": {"a/b": "lab/x"}}, "an alias is short and has no slash"),
    ],
)
async def test_what_cannot_be_is_said(settings: dict[str, Any], words: str):
    from llmhub import load_config
    from llmhub.errors import ConfigError

    with pytest.raises(ConfigError) as caught:
        load_config(host_settings=settings, search=[])
    assert words in caught.value.message
