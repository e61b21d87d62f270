"""Every claim of docs/providers.md, tried on the wire that it is made of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from llmhub.config import ProviderConfig, Settings
from llmhub.messages import ImagePart, ToolCallPart
from llmhub.providers.base import NoKeys, Reasoning, Text
from llmhub.providers.build import adapter_for
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.features import FEATURES, WAYS, documented, lacks
from llmhub.providers.http import Http
from llmhub.providers.kinds import KINDS
from llmhub.providers.router import Router

from .asking import WEATHER, ask, message, parts_in, text_in, usage_in
from .conftest import provider_at
from .test_clouds import configs, named
from .wire_server import WireServer

pytestmark = [pytest.mark.filterwarnings("ignore::DeprecationWarning"), pytest.mark.usefixtures("litellms_garbage")]
DOCUMENT = Path(__file__).parents[2] / "docs" / "providers.md"
SCHEMA = {
    "type": "object",
    "properties": {"a_canary_field": {"type": "integer"}},
    "required": ["a_canary_field"],
    "additionalProperties": False,
}


@pytest.fixture
async def ways(wire: WireServer, catalogue: Catalogue) -> AsyncIterator[Router]:
    """A provider for each way, by its name."""
    clouds = {name: {**config, "base_url": wire.url} for name, config in configs(wire).items()}
    own = {name: provider_at(wire, name) for name in WAYS if name not in clouds}
    providers = own | {name: ProviderConfig.model_validate(config) for name, config in clouds.items()}
    router = Router(Settings(providers=providers), NoKeys(), catalogue)
    yield router
    await router.aclose()


async def has(router: Router, wire: WireServer, way: str, feature: str) -> bool:
    """Whether a feature works on a way, seen from both ends."""
    match feature:
        case "streaming":
            return sum(isinstance(event, Text) for event in await ask(router, named(way, "echo"), "one two three")) > 1
        case "tools":
            said = parts_in(await ask(router, named(way, "tools"), tools=(WEATHER,)))
            asked = json.dumps(wire.asked("tools")[-1].body)
            return any(isinstance(part, ToolCallPart) for part in said) and "get_weather" in asked
        case "images":
            picture = message("user", "What?", ImagePart(url="data:image/png;base64,iVBORw0KGgo="))
            return "of 8 bytes" in text_in(await ask(router, named(way, "vision"), picture))
        case "reasoning":
            events = await ask(router, named(way, "reasoner"), params={"reasoning_effort": "high", "max_tokens": 9000})
            return any(isinstance(event, Reasoning) for event in events)
        case "json_schema":
            await ask(router, named(way, "echo"), params={"json_schema": SCHEMA})
            return "a_canary_field" in json.dumps(wire.asked("echo")[-1].body)
        case "caching":
            return usage_in(await ask(router, named(way, "reasoner"))).cached_tokens == 100
        case _:
            usage = usage_in(await ask(router, named(way, "reasoner")))
            return (usage.input_tokens, usage.output_tokens) == (120, 50)


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("way", WAYS)
async def test_what_the_table_says_of_a_way_is_so(ways: Router, wire: WireServer, way: str, feature: Any) -> None:
    assert await has(ways, wire, way, feature) is (feature in WAYS[way][1])


async def test_a_model_claims_nothing_that_its_provider_lacks(catalogue: Catalogue) -> None:
    await catalogue.load()
    shown = {kind: adapter_for(kind, ProviderConfig(kind=kind), "k", catalogue, Http()) for kind in KINDS if lacks(kind)}
    assert "perplexity" in shown
    for kind, adapter in shown.items():
        can = {capability for model in catalogue.known(KINDS[kind]) for capability in adapter.info(model).capabilities}
        assert not can & {"vision" if feature == "images" else feature for feature in lacks(kind)}, kind


def test_the_tables_in_the_document_are_those_of_the_code() -> None:
    assert documented(DOCUMENT.read_text()) == DOCUMENT.read_text(), "run `python -m llmhub.providers.features`"


def test_every_kind_says_where_keys_are_made_if_it_needs_one() -> None:
    for kind in KINDS.values():
        assert not kind.needs_key or (kind.key_url and kind.env), kind.name
    wanted = "openai anthropic gemini vertex_ai bedrock azure ollama lmstudio groq huggingface openrouter mistral deepseek"
    wanted += " cohere xai together perplexity fireworks"
    assert set(wanted.split()) <= KINDS.keys()
