"""The button "Test" says what works and what does not, also for what is not saved yet."""

from __future__ import annotations

from typing import Any

import pytest

from llmhub.config import ProviderConfig, Settings
from llmhub.errors import NotFound
from llmhub.providers.base import NoKeys
from llmhub.providers.probe import ProbeResult, probe
from llmhub.providers.router import Router

from .asking import WIRES
from .conftest import provider_at, speaking
from .wire_server import WireServer


def verdicts(result: ProbeResult) -> dict[str, bool | None]:
    return {check.name: check.ok for check in result.checks}


@pytest.mark.parametrize("kind", WIRES)
async def test_a_provider_that_works_is_reachable_keyed_listed_and_streams(router: Router, kind: str) -> None:
    result = await probe(router, kind)
    assert result.ok and result.error is None
    assert verdicts(result) == {"reachable": True, "key": True, "models": True, "streaming": True, "tools": None}
    assert f"{kind}/echo" in result.models
    assert result.latency_ms is not None and result.latency_ms > 0
    assert all(check.detail for check in result.checks)


@pytest.mark.parametrize("kind", WIRES)
async def test_a_model_that_calls_tools_is_found_to(router: Router, kind: str) -> None:
    assert verdicts(await probe(router, kind, model="tools"))["tools"] is True


@pytest.mark.parametrize("kind", WIRES)
async def test_a_wrong_key_is_told_apart_from_an_address_that_does_not_answer(router: Router, wire: WireServer, kind: str) -> None:
    result = await probe(router, kind, api_key="bad-key")
    assert not result.ok
    assert (verdicts(result)["reachable"], verdicts(result)["key"]) == (True, False)
    assert result.error is not None and result.error.code == "key_rejected"
    gone = await probe(router, "lab", speaking(kind, base_url="http://127.0.0.1:9/v1"), "k")
    assert verdicts(gone)["reachable"] is False
    assert gone.error is not None and gone.error.code == "unavailable"


async def test_a_web_page_is_reachable_but_no_provider(router: Router, wire: WireServer) -> None:
    result = await probe(router, "lab", ProviderConfig(kind="openai", base_url=f"{wire.url}/html/v1"), "k")
    assert (verdicts(result)["reachable"], verdicts(result)["models"]) == (True, False)
    assert result.error is not None and result.error.code == "bad_answer"


async def test_what_is_not_saved_yet_can_be_tried(router: Router, wire: WireServer) -> None:
    result = await probe(router, "brand-new", ProviderConfig(kind="openai", base_url=wire.base_url("openai")), "k")
    assert result.ok
    assert "brand-new/echo" in result.models
    assert "brand-new" not in router.providers


async def test_a_stored_key_goes_only_to_the_address_it_was_entered_for(wire: WireServer) -> None:
    class Stored(NoKeys):
        async def get(self, provider: str) -> str | None:
            return "sk-stored"

    router = Router(Settings(providers={"lab": ProviderConfig(kind="openai", base_url="http://127.0.0.1:9/v1")}), Stored())
    await probe(router, "lab", ProviderConfig(kind="openai", base_url=wire.base_url("openai")))
    assert wire.requests
    assert not any(record.key for record in wire.requests)
    await router.aclose()


async def test_a_missing_key_is_said_before_anything_is_sent() -> None:
    router = Router(Settings(), NoKeys())
    result = await probe(router, "openai", ProviderConfig(kind="openai"))
    assert verdicts(result)["key"] is False
    assert result.error is not None and result.error.code == "key_missing"
    await router.aclose()


async def test_a_kind_that_nobody_knows_is_a_finding_and_no_crash(router: Router) -> None:
    result = await probe(router, "lab", ProviderConfig(kind="opnai"))
    assert result.error is not None and result.error.code == "config_error"
    assert "'openai'" in result.error.hint


async def test_a_name_without_a_configuration_is_not_found(router: Router) -> None:
    with pytest.raises(NotFound):
        await probe(router, "nobody")


async def test_the_configured_models_are_the_ones_that_are_tried(wire: WireServer) -> None:
    router = Router(Settings(providers={"lab": provider_at(wire, "openai", models=["reasoner"])}), NoKeys())
    result = await probe(router, "lab")
    assert result.models == ("lab/reasoner",)
    assert [record.model for record in wire.requests if record.model] == ["reasoner", "reasoner"]
    await router.aclose()


async def test_the_demo_passes_its_own_test() -> None:
    router = Router(Settings(), NoKeys())
    assert (await probe(router, "demo")).ok
    await router.aclose()


async def test_a_limit_of_requests_proves_the_key_but_not_the_streaming(router: Router) -> None:
    result: Any = await probe(router, "openai", model="rate-limited-1h")
    assert verdicts(result)["streaming"] is None
    assert result.error.code == "rate_limited"


async def test_an_address_where_nothing_lives_is_not_taken_for_a_provider(router: Router, wire: WireServer) -> None:
    result = await probe(router, "lab", ProviderConfig(kind="openai", base_url=f"{wire.url}/nothing/v1"), "k")
    assert not result.ok
    assert result.error is not None and "address" in result.error.hint
