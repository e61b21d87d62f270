"""Older turns folded into a summary: the mark at its place, opened, edited and undone; and pinned messages."""

from __future__ import annotations

import os

from playwright.async_api import expect

from tests.providers.wire_server import WireServer

from .panel import Panel


async def shoot(panel: Panel, name: str) -> None:
    """For looking at it: `SHOTS=folder`."""
    if folder := os.environ.get("SHOTS"):
        await panel.page.screenshot(path=f"{folder}/{name}.png")


async def test_earlier_turns_are_summarised_by_hand_and_the_summary_is_edited_and_undone(panel: Panel, wire: WireServer):
    for number in ("one", "two", "three"):
        await panel.send(number, "lab/echo")
        await panel.shows(number, status="complete")
    await panel.answers.first.hover()
    await panel.answers.first.get_by_test_id("llmhub-more").click()
    await panel.page.get_by_test_id("llmhub-more-pin").click()
    await expect(panel.answers.first.get_by_test_id("llmhub-pinned")).to_be_visible()

    await panel.choose("lab/markdown")
    await panel.write("/compact Only the numbers.")
    await panel.composer.press("Enter")
    mark = panel.answers.nth(1).get_by_test_id("llmhub-summary")
    await expect(mark).to_contain_text("4 earlier messages are summarised")
    assert "Only the numbers." in wire.asked("markdown")[0].body["messages"][-1]["content"]
    await mark.get_by_test_id("llmhub-summary-toggle").click()
    await expect(mark).to_contain_text("A heading")
    if os.environ.get("SHOTS"):
        await panel.page.set_viewport_size({"width": 1700, "height": 900})
        for width in (250, 480, 900):
            await panel.resize(width)
            await shoot(panel, f"summary-{width}")
    await mark.get_by_test_id("llmhub-summary-begin-edit").click()
    await mark.get_by_test_id("llmhub-summary-edit").fill("They counted.")
    await mark.get_by_test_id("llmhub-summary-save").click()
    await expect(mark).to_contain_text("They counted.")
    await panel.send("four", "lab/echo")
    await panel.shows("four", status="complete")
    summary, pinned, three, *_ = (message["content"] for message in wire.asked("echo")[-1].body["messages"])
    assert "They counted." in summary
    assert (pinned, three) == ("one", "three")

    await mark.get_by_test_id("llmhub-summary-undo").click()
    await expect(mark).to_have_attribute("data-active", "false")
    await shoot(panel, "summary-undone")
    await panel.reload()
    await expect(panel.answers.nth(1).get_by_test_id("llmhub-summary")).to_have_attribute("data-active", "false")
    await panel.send("five")
    await panel.shows("five", status="complete")
    assert wire.asked("echo")[-1].body["messages"][0]["content"] == "one"


async def test_a_summary_that_is_being_made_is_said_and_can_be_stopped(panel: Panel, wire: WireServer):
    for number in ("one", "two"):
        await panel.send(number, "lab/echo")
        await panel.shows(number, status="complete")
    await panel.choose("lab/gated")
    await panel.write("/compact")
    await panel.composer.press("Enter")
    await expect(panel.get("summary-making")).to_be_visible()
    await wire.until(lambda: len(wire.asked("gated")) == 1)
    await shoot(panel, "summary-making")
    await panel.get("summary-stop").click()
    await expect(panel.get("summary-making")).to_have_count(0)
    await expect(panel.get("summary")).to_have_count(0)
    await wire.until(lambda: [r.ended for r in wire.asked("gated")] == ["left"])
