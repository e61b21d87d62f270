"""What an answer cost, in money and time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmhub.config import ProviderConfig, Settings
from llmhub.errors import Interrupted
from llmhub.messages import Usage
from llmhub.providers.base import AnsweredBy, Finished, NoKeys, Price, Text, Used
from llmhub.providers.billing import cost_of
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.metered import Metered
from llmhub.providers.router import Router

from .asking import Saying, ask, question, until_failure, usage_in


class Table:
    def price(self, model: str, input_tokens: int | None = None) -> Price | None:
        return {"a/m": Price(input=2, output=10, cached_input=0.5), "b/m": Price(input=1, output=1)}.get(model)


def ticking() -> Callable[[], float]:
    """A clock that moves on by a second each time it is looked at."""
    now = iter(range(1000))
    return lambda: float(next(now))


TOKENS = Usage(input_tokens=1_000_000, cached_tokens=400_000, output_tokens=100_000, reasoning_tokens=50_000)


def test_what_a_provider_puts_into_its_cache_costs_what_it_says() -> None:
    price = Price(input=2, output=10, cached_input=0.5, cache_write=2.5)
    used = {"input_tokens": 1_000_000, "cached_tokens": 400_000, "output_tokens": 100_000}
    assert cost_of(price, **used, written_tokens=200_000) == round((0.4 * 2 + 0.4 * 0.5 + 0.2 * 2.5 + 0.1 * 10) * 1e9)
    assert cost_of(Price(input=2, output=10), **used, written_tokens=200_000) == cost_of(Price(input=2, output=10), **used)


async def test_cached_tokens_cost_less_and_reasoning_is_part_of_the_output() -> None:
    provider = Metered(Saying({"a/m": [Text("x"), Used(TOKENS), Finished("stop")]}), Table(), clock=ticking())
    usage = usage_in(await ask(provider, "a/m"))
    assert usage.cost_usd == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.1 * 10)
    assert usage.output_tokens == 100_000


async def test_times_are_taken_to_the_first_word_and_to_the_end() -> None:
    provider = Metered(Saying({"a/m": [Text("x"), Text("y"), Used(TOKENS), Finished("stop")]}), Table(), clock=ticking())
    usage = usage_in(await ask(provider, "a/m"))
    assert usage.first_token_ms == 1000
    assert usage.duration_ms == 2000


async def test_an_answer_without_a_report_of_tokens_has_its_times_all_the_same() -> None:
    events = await ask(Metered(Saying({"a/m": [Text("x"), Finished("stop")]}), Table(), clock=ticking()), "a/m")
    assert [type(event) for event in events] == [Text, Used, Finished]
    usage = usage_in(events)
    assert (usage.input_tokens, usage.cost_usd) == (None, None)
    assert usage.duration_ms == 2000


async def test_a_report_at_the_beginning_is_passed_on_before_the_answer_goes_on() -> None:
    provider = Metered(Saying({"a/m": [Used(Usage(input_tokens=5)), Text("x"), Used(TOKENS), Finished("stop")]}), Table())
    assert [type(event) for event in await ask(provider, "a/m")] == [Used, Text, Used, Finished]


async def test_nobody_knows_the_price_of_an_unknown_model() -> None:
    provider = Metered(Saying({"z/m": [Used(TOKENS), Finished("stop")]}), Table())
    assert usage_in(await ask(provider, "z/m")).cost_usd is None


async def test_what_the_provider_itself_reports_as_cost_stands() -> None:
    told = TOKENS.model_copy(update={"cost_usd": 0.25})
    provider = Metered(Saying({"a/m": [Used(told), Finished("stop")]}), Table())
    assert usage_in(await ask(provider, "a/m")).cost_usd == 0.25


async def test_the_price_is_that_of_the_model_that_answered() -> None:
    provider = Metered(Saying({"a/m": [AnsweredBy("b/m"), Text("x"), Used(TOKENS), Finished("stop")]}), Table())
    assert usage_in(await ask(provider, "a/m")).cost_usd == pytest.approx(1.1)


async def test_a_broken_answer_reports_what_it_cost_so_far() -> None:
    provider = Metered(Saying({"a/m": [Used(TOKENS), Text("x"), Interrupted("cut")]}), Table())
    said, _ = await until_failure(provider, question("a/m"), Interrupted)
    assert usage_in(said).cost_usd is not None
    assert usage_in(said).duration_ms is not None


async def test_prices_come_from_the_catalogue_and_never_from_a_namesake_elsewhere(catalogue: Catalogue) -> None:
    providers = {
        "mine": ProviderConfig(kind="openai", models=("gpt-4o",)),
        "lab": ProviderConfig(kind="openai", base_url="http://10.0.0.5:8000/v1", models=("gpt-4o",)),
    }
    router = Router(Settings(providers=providers), NoKeys(), catalogue)
    await router.models()
    assert router.price("mine/gpt-4o") == Price(input=2.5, output=10, cached_input=1.25)
    assert router.price("lab/gpt-4o") is None
    assert router.price("nobody/x") is None
    await router.aclose()


async def test_a_long_request_has_its_dearer_price(catalogue: Catalogue) -> None:
    router = Router(Settings(providers={"g": ProviderConfig(kind="gemini", models=("gemini-2.5-pro",))}), NoKeys(), catalogue)
    await router.models()
    short, long = (router.price("g/gemini-2.5-pro", size) for size in (1000, 300_000))
    assert short is not None and long is not None
    assert long.input == 2 * short.input
    await router.aclose()
