"""Another model takes over, but only while nothing has been said."""

from __future__ import annotations

import pytest

from llmhub.errors import Interrupted, KeyRejected, ModelNotFound, ProviderError, RateLimited, TimedOut, Unavailable
from llmhub.providers.base import AnsweredBy, Finished, Reasoning, Text, ToolCall, Waiting
from llmhub.providers.fallback import Fallback
from llmhub.providers.router import Router

from .asking import Saying, ask, question, text_in, until_failure

DOWN = Unavailable("'a' is down.", provider="a", model="m", hint="Wait.")


@pytest.mark.parametrize("error", [DOWN, RateLimited("slow down"), TimedOut("too long"), Interrupted("cut before a word")])
async def test_the_next_model_answers_when_the_first_cannot(error: ProviderError) -> None:
    inner = Saying({"a/m": [error], "b/m": [Text("hello"), Finished("stop")]})
    events = await ask(Fallback(inner, ["b/m"]), "a/m")
    assert events == [
        Waiting("'a/m' cannot answer now; asking 'b/m'", "falling_back", {"model": "a/m", "next": "b/m"}),
        AnsweredBy("b/m"),
        Text("hello"),
        Finished("stop"),
    ]


@pytest.mark.parametrize("word", [Text("half"), Reasoning("hm"), ToolCall(0, "c", "tool")])
async def test_nobody_takes_over_once_something_has_been_said(word: Text) -> None:
    inner = Saying({"a/m": [word, DOWN], "b/m": [Text("hello"), Finished("stop")]})
    said, exc = await until_failure(Fallback(inner, ["b/m"]), question("a/m"), Unavailable)
    assert (said, exc) == ([word], DOWN)
    assert inner.asked == ["a/m"]


async def test_nobody_takes_over_what_another_model_would_be_refused_too() -> None:
    inner = Saying({"a/m": [KeyRejected("no")], "b/m": [Text("hello"), Finished("stop")]})
    await until_failure(Fallback(inner, ["b/m"]), question("a/m"), KeyRejected)


async def test_a_fallback_that_cannot_be_used_is_passed_over() -> None:
    inner = Saying({"a/m": [DOWN], "b/m": [ModelNotFound("no such model")], "c/m": [Text("hi"), Finished("stop")]})
    events = await ask(Fallback(inner, ["b/m", "c/m"]), "a/m")
    assert text_in(events) == "hi"
    assert AnsweredBy("b/m") not in events
    assert AnsweredBy("c/m") in events


async def test_when_all_fail_the_first_error_is_told_with_the_others_names() -> None:
    inner = Saying({"a/m": [Unavailable("first", hint="Wait.")], "b/m": [Unavailable("second")]})
    _, exc = await until_failure(Fallback(inner, ["a/m", "b/m"]), question("a/m"), Unavailable)
    assert exc.message == "first"
    assert exc.details["also_tried"] == ["b/m"]
    assert "b/m" in exc.hint
    assert inner.asked == ["a/m", "b/m"]


async def test_over_the_wire_another_provider_takes_over_from_one_that_is_down(router: Router) -> None:
    events = await ask(Fallback(router, ["anthropic/echo"]), "openai/e529", "who answers?")
    assert text_in(events) == "who answers?"
    assert AnsweredBy("anthropic/echo") in events


async def test_over_the_wire_a_cut_answer_is_not_begun_again(router: Router) -> None:
    said, _ = await until_failure(Fallback(router, ["anthropic/echo"]), question("openai/cut-midstream"), Interrupted)
    assert text_in(said) == "Two tokens "
