"""The thread stays at its end while an answer grows, until somebody looks further up; and it is long without being slow."""

from __future__ import annotations

from playwright.async_api import expect

from tests.providers.wire_server import WireServer

from .panel import Panel
from .talk import said

LONG = "\n".join(f"line {number}" for number in range(60))


async def distance(panel: Panel) -> float:
    """Pixels between what is seen and the end."""
    return await panel.get("thread").evaluate("view => view.scrollHeight - view.scrollTop - view.clientHeight")


async def test_a_long_question_is_followed_to_its_answer(panel: Panel, wire: WireServer):
    await panel.choose("lab/gated")
    for turn in range(3):
        await panel.send(f"{LONG}\nturn {turn}")
        wire.gate().release(1)
        await panel.shows(said(turn + 1), status="running")
        await expect(panel.answer.locator(".jp-llmhub-markdown")).to_be_in_viewport()
        await expect(panel.get("jump")).to_have_count(0)
        await panel.get("stop").click()
        await panel.shows(said(turn + 1), status="stopped")


async def test_who_scrolls_up_stays_there_until_they_jump_to_the_end(panel: Panel, wire: WireServer):
    await panel.send(LONG, "lab/gated")
    wire.gate().release(400)
    await panel.shows(said(400), status="running")
    assert await distance(panel) < 2

    await panel.get("thread").hover()
    await panel.page.mouse.wheel(0, -300)
    await expect(panel.get("jump")).to_be_visible()
    place = await panel.get("thread").evaluate("view => view.scrollTop")
    wire.gate().release(400)
    await panel.shows(said(800), status="running")
    assert abs(await panel.get("thread").evaluate("view => view.scrollTop") - place) < 2

    await panel.get("jump").click()
    await expect(panel.get("jump")).to_have_count(0)
    wire.gate().release(400, finish=True)
    await panel.shows(said(1200), status="complete")
    assert await distance(panel) < 2


async def test_the_keyboard_scrolls_too(panel: Panel):
    await panel.send(LONG, "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await panel.get("thread").focus()
    await panel.page.keyboard.press("Home")
    await expect(panel.get("jump")).to_be_visible()
    await panel.page.keyboard.press("End")
    await expect(panel.get("jump")).to_have_count(0)
