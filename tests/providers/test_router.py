"""From a model's full name to the provider that answers, and the list of everything there is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from llmhub.config import ProviderConfig, Settings
from llmhub.errors import ConfigError, KeyMissing, ModelNotFound, RateLimited, Unavailable
from llmhub.providers.base import NoKeys, Waiting
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.router import Router
from llmhub.providers.shelf import Shelf

from .asking import CANARY, ask, question, text_in, until_failure
from .conftest import provider_at
from .wire_server import WireServer


class SomeKeys(NoKeys):
    """Keys that can be changed, as the key ring's can."""

    def __init__(self, **keys: str) -> None:
        self.keys = keys

    async def get(self, provider: str) -> str | None:
        return self.keys.get(provider)


async def test_a_models_own_name_may_hold_slashes(router: Router, wire: WireServer) -> None:
    assert text_in(await ask(router, "openai/Qwen/Qwen3-32B", "hi")) == "hi"
    assert wire.requests[-1].body["model"] == "Qwen/Qwen3-32B"


async def test_a_provider_that_nobody_configured_is_said(router: Router) -> None:
    _, exc = await until_failure(router, question("opnai/echo"), ModelNotFound)
    assert "no provider is called 'opnai'" in exc.message


async def test_a_model_that_is_nearly_right_names_the_right_one(router: Router) -> None:
    await router.models()
    _, exc = await until_failure(router, question("nobody/ecko"), ModelNotFound)
    assert "openai/echo" in exc.details["nearest"]
    assert "Did you mean" in exc.hint


async def test_a_model_that_the_provider_refuses_names_the_nearest_of_its_own(wire: WireServer) -> None:
    config = provider_at(wire, "openai")
    router = Router(Settings(providers={"lab": config}), NoKeys())
    await router.models()
    wire_says_no = "lab/missing-ech"
    _, exc = await until_failure(router, question(wire_says_no), ModelNotFound)
    assert exc.message == "'lab' has no model 'missing-ech'."
    await router.aclose()


async def test_only_the_configured_models_are_offered_where_some_are(wire: WireServer) -> None:
    router = Router(Settings(providers={"lab": provider_at(wire, "openai", models=["echo", "vision"])}), NoKeys())
    assert [model.id for model in await router.models()] == ["lab/echo", "lab/vision", "demo/tour"]
    assert not wire.requests, "the endpoint was asked for what the configuration says"
    _, exc = await until_failure(router, question("lab/slow"), ModelNotFound)
    assert "offers no model 'slow'" in exc.message
    await router.aclose()


async def test_a_missing_key_says_where_to_put_one_and_where_they_are_made() -> None:
    router = Router(Settings(providers={"mine": ProviderConfig(kind="openai")}), NoKeys())
    _, exc = await until_failure(router, question("mine/gpt-4o"), KeyMissing)
    assert exc.message == "'mine' needs a key, and none is set."
    assert "OPENAI_API_KEY" in exc.hint
    assert "platform.openai.com" in exc.hint
    await router.aclose()


async def test_models_of_a_provider_without_a_key_are_listed_with_the_reason() -> None:
    router = Router(Settings(providers={"mine": ProviderConfig(kind="anthropic")}), NoKeys())
    mine = [model for model in await router.models() if model.provider == "mine"]
    assert len(mine) > 3
    assert not any(model.available for model in mine)
    assert {model.why_not for model in mine} == {"It needs a key for 'mine'."}
    await router.aclose()


async def test_a_provider_that_is_down_neither_breaks_nor_delays_the_list(wire: WireServer) -> None:
    providers = {
        "down": ProviderConfig(kind="ollama", base_url="http://127.0.0.1:9"),
        "broken": provider_at(wire, "openai", base_url=f"{wire.url}/html/v1"),
        "odd": ProviderConfig.model_validate({"kind": "no-such-kind", "models": ["x"]}),
        "lab": provider_at(wire, "openai"),
    }
    router = Router(Settings(providers=providers), NoKeys())
    models = await router.models()
    assert "lab/echo" in [model.id for model in models if model.available]
    odd = next(model for model in models if model.id == "odd/x")
    assert not odd.available
    assert "no kind of provider" in (odd.why_not or "")
    _, exc = await until_failure(router, question("odd/x"), ConfigError)
    assert exc.details["key"] == "providers.odd.kind"
    await router.aclose()


async def test_a_list_that_was_heard_before_stays_when_the_provider_goes_down(wire: WireServer) -> None:
    keys = SomeKeys(lab="sk-good")
    config = ProviderConfig(kind="openai", base_url=wire.base_url("openai"))
    router = Router(Settings(providers={"lab": config}), keys)
    assert next(model for model in await router.models() if model.id == "lab/echo").available
    await wire.__aexit__()
    after = next(model for model in await router.models(fresh=True) if model.id == "lab/echo")
    assert not after.available
    assert "refused" in (after.why_not or "")
    await router.aclose()
    await wire.__aenter__()


async def test_the_list_is_asked_once_and_kept(wire: WireServer) -> None:
    router = Router(Settings(providers={"lab": provider_at(wire, "openai")}), NoKeys())
    await asyncio.gather(*(router.models() for _ in range(5)))
    await router.models()
    assert len(wire.requests) == 1
    await router.models(fresh=True)
    assert len(wire.requests) == 2
    await router.aclose()


async def test_a_key_entered_later_is_used_from_then_on(wire: WireServer) -> None:
    keys = SomeKeys(lab="sk-bad-one")
    router = Router(Settings(providers={"lab": ProviderConfig(kind="openai", base_url=wire.base_url("openai"))}), keys)
    assert not any(model.available for model in await router.provider_models("lab"))
    keys.keys["lab"] = "sk-good-one"
    assert any(model.available for model in await router.provider_models("lab"))
    assert text_in(await ask(router, "lab/echo", "hello")) == "hello"
    assert wire.asked("echo")[-1].key == "sk-good-one"
    await router.aclose()


async def test_a_provider_added_while_it_runs_answers(router: Router, wire: WireServer) -> None:
    await until_failure(router, question("new/echo"), ModelNotFound)
    router.configure(Settings(providers={**dict(router.providers), "new": provider_at(wire, "openai")}))
    assert text_in(await ask(router, "new/echo", "hello")) == "hello"
    router.configure(Settings())
    await until_failure(router, question("new/echo"), ModelNotFound)


async def test_defaults_drops_and_headers_of_the_configuration_reach_the_wire(wire: WireServer) -> None:
    config = provider_at(
        wire,
        "openai",
        params={"temperature": 0.2, "top_k": 40},
        drop_params=["stop", "stream_options"],
        headers={"X-Project": "p1"},
    )
    router = Router(Settings(providers={"lab": config}), NoKeys())
    await ask(router, "lab/echo", params={"stop": ["x"]})
    await ask(router, "lab/echo", params={"temperature": 0.9})
    first, second = (record.body for record in wire.asked("echo"))
    assert (first["temperature"], first["top_k"], second["temperature"]) == (0.2, 40, 0.9)
    assert not {"stop", "stream_options"} & set(first)
    assert wire.asked("echo")[0].headers["x-project"] == "p1"
    await router.aclose()


async def test_an_address_without_its_version_is_completed(wire: WireServer) -> None:
    for kind, address in (
        ("openai", wire.url),
        ("anthropic", f"{wire.url}/v1"),
        ("gemini", wire.url),
        ("ollama", f"{wire.url}/v1"),
    ):
        router = Router(Settings(providers={"lab": provider_at(wire, kind, base_url=address)}), NoKeys())
        assert text_in(await ask(router, "lab/echo", kind)) == kind
        await router.aclose()


async def test_what_is_known_of_a_model_is_told(router: Router) -> None:
    info = await router.info("anthropic/claude-sonnet-4-5")
    assert info.context_window == 200_000
    assert {"vision", "tools", "reasoning"} <= set(info.capabilities)
    assert (await router.info("openai/never-heard-of")).context_window is None
    with pytest.raises(ModelNotFound):
        await router.info("nobody/x")


async def test_the_default_model_is_the_configured_one_else_one_that_can_be_used(wire: WireServer) -> None:
    settings = Settings(default_model="lab/vision", providers={"lab": provider_at(wire, "openai")})
    assert await Router(settings, NoKeys()).default_model() == "lab/vision"
    router = Router(Settings(providers={"lab": provider_at(wire, "openai")}), NoKeys())
    assert await router.default_model() == "lab/echo"
    await router.aclose()
    assert await Router(Settings(), NoKeys()).default_model() == "demo/tour"


async def test_a_kinds_usual_key_is_not_given_to_another_address(wire: WireServer, catalogue: Catalogue) -> None:
    router = Router(Settings(providers={"lab": ProviderConfig(kind="openai", base_url=wire.base_url("openai"))}), NoKeys())
    await ask(router, "lab/echo")
    assert "authorization" not in wire.asked("echo")[0].headers
    await router.aclose()


# ---- short waits


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini", "ollama"])
async def test_a_short_rate_limit_is_waited_for_and_said(router: Router, waited: list[float], kind: str) -> None:
    events = await ask(router, f"{kind}/rate-limited-1s", "patience")
    assert events[0] == Waiting("waiting 1 s: the provider's rate limit", "rate_limit", {"seconds": 1.0, "provider": kind})
    assert text_in(events) == "patience"
    assert waited == [1.0]


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini", "ollama"])
async def test_a_long_rate_limit_is_raised_and_says_when_it_ends(router: Router, waited: list[float], kind: str) -> None:
    _, exc = await until_failure(router, question(f"{kind}/rate-limited-1h"), RateLimited)
    assert exc.retry_after == exc.details["retry_after"] == 3600
    assert exc.details["retry_at"].endswith("Z")
    assert "Try again at " in exc.hint
    assert waited == []


async def test_a_rate_limit_that_ends_at_a_date_is_understood(router: Router) -> None:
    _, exc = await until_failure(router, question("openai/rate-limited-date"), RateLimited)
    assert 7100 < exc.retry_after <= 7200
    assert "another 2 h" in exc.message


async def test_a_server_that_stumbles_once_is_asked_again(router: Router, waited: list[float]) -> None:
    events = await ask(router, "openai/e503-once", "still here")
    assert text_in(events) == "still here"
    assert len(waited) == 1
    assert any(isinstance(event, Waiting) for event in events)


async def test_a_server_that_stays_down_is_asked_three_times(router: Router, wire: WireServer, waited: list[float]) -> None:
    await until_failure(router, question("openai/e500"), Unavailable)
    assert len(wire.asked("e500")) == 3
    assert len(waited) == 2
    assert 1 <= waited[0] <= 2 <= waited[1] <= 4


async def test_nothing_is_tried_again_once_something_was_said(router: Router, wire: WireServer, waited: list[float]) -> None:
    await until_failure(router, question("openai/error-midstream"), Exception)
    assert len(wire.asked("error-midstream")) == 1
    assert waited == []


async def test_an_account_without_credit_is_not_asked_again_but_another_model_may_answer(
    router: Router, wire: WireServer, waited: list[float]
) -> None:
    _, exc = await until_failure(router, question("openai/no-credit"), RateLimited)
    assert "no credit left" in exc.message
    assert len(wire.asked("no-credit")) == 1
    assert waited == []


async def test_settings_that_change_while_a_provider_is_asked_break_nothing(wire: WireServer) -> None:
    router = Router(Settings(), NoKeys())

    class Changing(NoKeys):
        async def get(self, provider: str) -> str | None:
            router.configure(Settings())
            return "k"

    settings = Settings(providers={"lab": ProviderConfig(kind="openai", base_url=wire.base_url("openai"))})
    router = Router(settings, Changing())
    assert text_in(await ask(router, "lab/echo", "still")) == "still"
    assert [model.id for model in await router.models()] == ["demo/tour"]
    await router.aclose()


async def test_a_new_router_shows_at_once_what_was_heard_before_and_asks_again_behind_it(wire: WireServer, tmp_path: Path) -> None:
    config = provider_at(wire, "openai")
    shelf = Shelf(tmp_path / "cache" / "models.json")
    router = Router(Settings(providers={"lab": config}), NoKeys(), shelf=shelf)
    heard = await router.provider_models("lab")
    await router.aclose()
    assert CANARY not in (tmp_path / "cache" / "models.json").read_text()
    assert (tmp_path / "cache" / "models.json").stat().st_mode & 0o077 == 0

    hanging = config.model_copy(update={"api_key": SecretStr("sk-hang")})
    router = Router(Settings(providers={"lab": hanging}), NoKeys(), shelf=Shelf(tmp_path / "cache" / "models.json"))
    assert await router.provider_models("lab") == heard
    await wire.until(lambda: wire.requests[-1].key == "sk-hang")
    await router.aclose()


async def test_a_cache_that_is_broken_or_cannot_be_written_costs_nothing(
    wire: WireServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "models.json").write_text('{"version": 1, "lists": {"x": [{}')
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "models.json", tmp_path / "file" / "models.json"):
        router = Router(Settings(providers={"lab": provider_at(wire, "openai")}), NoKeys(), shelf=Shelf(path))
        assert [model.id for model in await router.provider_models("lab") if model.available][:1] == ["lab/echo"]
        await router.aclose()
    assert "could not be kept" in caplog.text


async def test_a_provider_that_hangs_delays_no_other_and_is_announced_when_it_answers(wire: WireServer) -> None:
    changed = asyncio.Event()
    slow = provider_at(wire, "openai", api_key="sk-gate")
    settings = Settings(providers={"slow": slow, "lab": provider_at(wire, "openai")})
    router = Router(settings, NoKeys(), models_changed=changed.set)
    await router.provider_models("lab")  # a first time takes as long as the machine wants
    models = await router.models(patience=0.3)
    assert [model.id for model in models if model.available][:1] == ["lab/echo"]
    assert not any(model.provider == "slow" and model.available for model in models)
    wire.gate("models").release(1)
    await changed.wait()
    assert any(model.id == "slow/echo" and model.available for model in await router.models())
    changed.clear()
    await router.models()
    assert not changed.is_set()
    await router.aclose()
