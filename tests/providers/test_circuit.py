"""A provider that fails again and again is left alone for a while, and slows nobody."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest

from llmhub.config import Settings
from llmhub.errors import KeyRejected, ProviderError, Unavailable
from llmhub.providers.base import AnsweredBy, NoKeys
from llmhub.providers.catalogue import Catalogue
from llmhub.providers.circuit import AFTER, LONGEST, REST
from llmhub.providers.fallback import Fallback
from llmhub.providers.http import Http
from llmhub.providers.router import Router

from .asking import ask, question, text_in, until_failure
from .conftest import provider_at
from .wire_server import WireServer


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def router(wire: WireServer, catalogue: Catalogue, tls: ssl.SSLContext, clock: Clock) -> AsyncIterator[Router]:
    async def no_wait(_: float) -> None: ...

    providers = {name: provider_at(wire, "openai", models=["echo", "e503", "e401", "gated"]) for name in ("lab", "other")}
    made = Router(Settings(providers=providers), NoKeys(), catalogue, http=Http(tls=tls), wait=no_wait, clock=clock)
    yield made
    await made.aclose()


async def fail(router: Router, times: int = AFTER, model: str = "lab/e503") -> list[ProviderError]:
    return [(await until_failure(router, question(model), ProviderError))[1] for _ in range(times)]


async def test_after_failures_in_a_row_it_is_not_asked_and_that_is_said(router: Router, wire: WireServer) -> None:
    await fail(router)
    asked = len(wire.requests)
    [exc] = await fail(router, 1, "lab/echo")
    assert len(wire.requests) == asked
    assert isinstance(exc, Unavailable)
    assert "'lab' failed 5 times in a row" in exc.message
    assert "asked again in 15 s" in exc.hint
    models = {model.id: model for model in await router.models()}
    assert (models["lab/echo"].available, models["other/echo"].available) == (False, True)
    assert "asked again in 15 s" in str(models["lab/echo"].why_not)
    assert text_in(await ask(router, "other/echo", "hi")) == "hi"  # another provider is not concerned


async def test_a_fallback_takes_over_at_once(router: Router, wire: WireServer) -> None:
    await fail(router)
    asked = len(wire.requests)
    events = await ask(Fallback(router, ["other/echo"]), "lab/e503", "who answers?")
    assert AnsweredBy("other/echo") in events
    assert len(wire.requests) == asked + 1


async def test_after_its_rest_one_question_finds_out_whether_it_is_well(router: Router, clock: Clock, wire: WireServer) -> None:
    await fail(router)
    clock.now += REST
    probing = asyncio.create_task(ask(router, "lab/gated", "hi"))
    await wire.until(lambda: bool(wire.asked("gated")))
    [exc] = await fail(router, 1, "lab/echo")  # meanwhile nobody else
    assert "at this moment" in exc.hint
    wire.gate().release(1, finish=True)
    await probing
    assert text_in(await ask(router, "lab/echo", "well again")) == "well again"


async def test_a_rest_is_longer_each_time_up_to_a_limit(router: Router, clock: Clock) -> None:
    await fail(router)
    rests: list[float] = []
    for _ in range(6):
        [exc] = await fail(router, 1)
        rests.append(exc.details["seconds"])
        clock.now += exc.details["seconds"]
        await fail(router, 1)
    assert rests == [REST, 2 * REST, 4 * REST, 8 * REST, LONGEST, LONGEST]


async def test_a_question_that_is_given_up_leaves_the_way_free_for_the_next(router: Router, clock: Clock, wire: WireServer) -> None:
    await fail(router)
    clock.now += REST
    probing = asyncio.create_task(ask(router, "lab/gated", "hi"))
    await wire.until(lambda: bool(wire.asked("gated")))
    probing.cancel()
    await asyncio.wait([probing])
    assert text_in(await ask(router, "lab/echo", "hi")) == "hi"


async def test_an_answer_in_between_begins_the_count_anew(router: Router) -> None:
    await fail(router, AFTER - 1)
    await ask(router, "lab/echo", "hi")
    await fail(router, AFTER - 1)
    assert text_in(await ask(router, "lab/echo", "hi")) == "hi"


async def test_a_refusal_shows_that_it_lives(router: Router) -> None:
    assert all(isinstance(exc, KeyRejected) for exc in await fail(router, 2 * AFTER, "lab/e401"))


async def test_who_tested_it_and_found_it_well_need_not_wait(router: Router) -> None:
    await fail(router)
    router.revive("lab")
    assert text_in(await ask(router, "lab/echo", "hi")) == "hi"
