"""The demo: honest, pleasant, and different when asked again."""

from __future__ import annotations

import asyncio

from llmhub.config import Settings
from llmhub.messages import ImagePart, Message
from llmhub.providers import scripts
from llmhub.providers.base import NoKeys
from llmhub.providers.router import Router
from llmhub.providers.scripted import Scripted

from .asking import ask, finish_in, message, question, text_in, thoughts_in


async def said(text: str | Message) -> str:
    return text_in(await ask(Scripted(pace=0), "tour", text))


async def test_it_says_in_its_first_line_that_it_is_a_script_and_not_a_model() -> None:
    for script in scripts.ALL:
        assert script.text.split("\n")[0].startswith("**I am a script, not a model.**")


async def test_the_tour_shows_reasoning_mathematics_code_and_a_table() -> None:
    events = await ask(Scripted(pace=0), "tour", "Hello")
    text = text_in(events)
    assert thoughts_in(events)
    assert "$$" in text and "```python" in text and "|---|" in text
    assert "Regenerate" in text and "Edit" in text
    assert finish_in(events) == "stop"


async def test_regenerating_gives_another_version_and_in_the_end_the_first_again() -> None:
    demo, asked = Scripted(pace=0), message("user", "Hello")
    versions = [text_in(await ask(demo, "tour", asked)) for _ in range(4)]
    assert len(set(versions)) == 3
    assert versions[3] == versions[0]


async def test_it_reacts_to_a_few_words() -> None:
    assert "-b \\pm \\sqrt" in await said("show me some math, please")
    assert "common_words" in await said("write code")
    assert "Planet" in await said("a table")
    assert "| Say | and you see |" in await said("help")
    assert "### 7. The end" in await said("something long")


async def test_it_does_not_pretend_to_see_a_picture() -> None:
    assert "I cannot look at it" in await said(message("user", "What is this?", ImagePart(url="data:image/png;base64,AAAA")))


async def test_it_goes_on_exactly_where_it_was_cut_off() -> None:
    whole = await said("Hello")
    half = message("assistant", whole[:200])
    rest = text_in(await ask(Scripted(pace=0), "tour", "Hello", half, message("user", "Your answer above was cut off. Go on.")))
    assert whole[:200] + rest == whole


async def test_it_is_always_there_and_needs_nothing() -> None:
    router = Router(Settings(), NoKeys())
    (model,) = await router.models()
    assert (model.id, model.available, model.local) == ("demo/tour", True, True)
    assert "script" in model.label
    assert "script" in text_in(await ask(router, "demo/tour", params={"pace": 0}))
    await router.aclose()


async def test_stopping_it_leaves_nothing_behind() -> None:
    events = Scripted(pace=0).stream(question("tour", "long"))
    async for _ in events:
        break
    await events.aclose()  # type: ignore[attr-defined]
    assert len(asyncio.all_tasks()) == 1


async def test_its_pace_is_what_it_is_told() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    demo = Scripted(pace=0.001)
    words = len([event async for event in demo.stream(question("tour", "a table"))])
    assert loop.time() - start >= words * 0.0005
