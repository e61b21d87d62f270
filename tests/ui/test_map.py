"""A conversation as a map, and two of its branches side by side."""

from __future__ import annotations

from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, expect

from llmhub.ids import new_id
from tests.servers import JupyterProcess

from .again import becomes
from .panel import Panel, is_freed
from .test_accessible import Inspector

SKY = "The sky is blue today, and the grass is green."
OTHER_SKY = "The sky is grey this morning, and the grass is green."


class Talk:
    """A conversation written without a model; `await talk.say("why", None, "Why?")` names a message for later."""

    def __init__(self, lab: JupyterProcess, id: str) -> None:
        self.lab, self.id = lab, id
        self.ids: dict[str | None, str | None] = {None: None}

    async def say(self, name: str, parent: str | None, text: str, model: str | None = None) -> None:
        body: dict[str, Any] = {
            **dict(client_request_id=new_id(), parent_id=self.ids[parent], role="assistant" if model else "user"),
            **dict(parts=[{"type": "text", "text": text}], model=model),
        }
        self.ids[name] = (await self.lab.call("POST", f"conversations/{self.id}/messages", body))["id"]

    async def head(self) -> str:
        return (await self.lab.call("GET", f"conversations/{self.id}"))["head_id"]

    def on_map(self, panel: Panel, name: str) -> Locator:
        return panel.root.locator(f'[role="treeitem"][data-message="{self.ids[name]}"]')


@pytest_asyncio.fixture(loop_scope="package")
async def talk(lab: JupyterProcess, panel: Panel) -> Talk:
    """Two answers to one question; the first one was gone on with and is not what is shown."""
    talk = Talk(lab, (await lab.call("POST", "conversations", {"title": "Skies"}))["id"])
    await talk.say("q", None, "What about the sky?")
    await talk.say("blue", "q", SKY, "lab/echo")
    await talk.say("more", "blue", "And at night?")
    await talk.say("black", "more", "Black.", "lab/echo")
    await talk.say("grey", "q", OTHER_SKY, "lab/markdown")
    await panel.run("llmhub:open-conversation", conversation=talk.id)
    await panel.shows(OTHER_SKY)
    return talk


async def test_the_map_shows_every_branch_and_keys_lead_to_any_message(panel: Panel, talk: Talk):
    await panel.run("llmhub:show-map")
    view = panel.get("map-view")
    await expect(view).to_be_focused()
    await expect(panel.get("map-item")).to_have_count(5)
    grey, blue, black = (talk.on_map(panel, name) for name in ("grey", "blue", "black"))
    await expect(grey).to_have_attribute("aria-current", "true")
    await expect(grey).to_contain_text("The sky is grey")
    await expect(grey).to_have_attribute("data-path", "true")
    await expect(blue).not_to_have_attribute("data-path", "true")
    axe = Inspector(panel)
    await axe.look("the map")

    await view.press("ArrowLeft")
    await expect(blue).to_have_attribute("aria-selected", "true")
    await expect(view).to_have_attribute("aria-activedescendant", await blue.get_attribute("id") or "?")
    await view.press("ArrowDown")
    await view.press("ArrowDown")
    await expect(black).to_have_attribute("aria-selected", "true")
    await expect(panel.get("map-preview")).to_contain_text("Black.")
    await panel.get("map-search").fill("Night")
    await expect(panel.get("map-found")).to_have_text("1 of 5")
    await expect(black).to_have_attribute("data-dim", "true")
    await panel.get("map-search").press("Enter")
    await expect(talk.on_map(panel, "more")).to_have_attribute("aria-selected", "true")
    for _ in range(3):
        await panel.get("map-smaller").click()
    await expect(view).not_to_have_attribute("data-cards", "true")
    await axe.look("the map, from afar")
    await panel.get("map-actual").click()
    await expect(view).to_have_attribute("data-zoom", "1.000")
    await view.press("0")
    await view.press("1")
    await expect(view).to_have_attribute("data-zoom", "1.000")
    await view.press("ContextMenu")
    await panel.page.get_by_test_id("llmhub-map-delete").click()
    await expect(panel.get("map-item")).to_have_count(3)
    await panel.get("undelete").click()
    await expect(panel.get("map-item")).to_have_count(5)
    await expect(view).to_be_focused()
    await view.press("Enter")
    await expect(panel.questions.last).to_contain_text("And at night?")
    await panel.shows("Black.")
    assert await talk.head() == talk.ids["black"]
    axe.is_content()


async def test_a_press_leads_to_a_message_and_a_drag_moves_the_map(panel: Panel, talk: Talk):
    await panel.get("show-map").click()
    black = talk.on_map(panel, "black")
    before = await black.bounding_box()
    room = await panel.get("map-view").bounding_box()
    assert before and room
    await panel.page.mouse.move(room["x"] + 8, room["y"] + room["height"] - 8)
    await panel.page.mouse.down()
    await panel.page.mouse.move(room["x"] + 40, room["y"] + room["height"] - 60, steps=4)
    await panel.page.mouse.up()
    await panel.page.wait_for_function(
        "([item, y]) => item.getBoundingClientRect().y < y - 40", arg=[await black.element_handle(), before["y"]]
    )
    await expect(panel.get("map")).to_be_visible()
    await black.click()
    await panel.shows("Black.")
    assert await talk.head() == talk.ids["black"]


async def test_a_map_and_a_comparison_that_were_closed_are_freed(panel: Panel, talk: Talk):
    await panel.page.evaluate(REMEMBER)
    before = await panel.page.evaluate("listening()")
    for _ in range(2):
        await panel.run("llmhub:show-map")
        await expect(panel.get("map-item")).to_have_count(5)
        await panel.page.evaluate("seen.push(new WeakRef(document.querySelector('.jp-llmhub-map')))")
        await panel.get("map-close").click()
        await panel.answer.get_by_test_id("llmhub-branch-label").click()
        await panel.page.get_by_test_id("llmhub-compare-with").click()
        await expect(panel.get("compared")).to_have_count(3)
        await panel.page.evaluate("seen.push(new WeakRef(document.querySelector('.jp-llmhub-branches-view')))")
        await panel.get("branches-close").click()
        await panel.shows(OTHER_SKY)
    await panel.composer.click()
    await is_freed(panel.page, "seen.map(one => one.deref()?.className)")
    await becomes(lambda: panel.page.evaluate("listening()"), before)


REMEMBER = """() => {
  window.seen = [];
  const { session } = [...jupyterapp.shell.widgets('right')].find(widget => widget.session);
  window.listening = () => [session, session.chat, session.hub, session.hub.catalogue].map(one => one.listeners.size);
}"""


async def test_two_branches_are_compared_and_an_answer_is_brought_over(panel: Panel, talk: Talk):
    await panel.answer.get_by_test_id("llmhub-branch-label").click()
    await panel.page.get_by_test_id("llmhub-compare-with").click()
    compared = panel.get("compared")
    await expect(compared).to_have_count(3)
    await expect(compared.first.locator("del")).to_have_text("grey this morning")
    await expect(compared.first.locator("ins")).to_have_text("blue today")
    axe = Inspector(panel)
    await axe.look("two branches under tabs")
    await panel.get("branches-tab-right").click()
    await expect(panel.get("compared-cell").first).to_have_text(f"echo{SKY}")
    await axe.look("one of two branches")
    await panel.get("bring").last.click()
    await expect(panel.get("chip")).to_contain_text("Black.")
    await panel.shows(OTHER_SKY)
    assert await talk.head() == talk.ids["grey"]
    await panel.send("Is that so?", "lab/echo")
    await expect(panel.answers.last).to_contain_text("Is that so?")
    said = (await talk.lab.call("GET", f"conversations/{talk.id}/messages"))["items"][2]
    assert [part["message_id"] for part in said["parts"] if part["type"] == "quote"] == [talk.ids["black"]]
    axe.is_content()


async def test_an_answer_is_rated_with_a_reason_and_starred_and_forked(panel: Panel, talk: Talk):
    await panel.answer.hover()
    await panel.answer.get_by_test_id("llmhub-rate-bad").click()
    await panel.page.get_by_test_id("llmhub-why-style").click()
    await panel.page.get_by_test_id("llmhub-why-text").fill("Too grey")
    await panel.page.get_by_test_id("llmhub-why-done").click()
    await panel.answer.get_by_test_id("llmhub-more").click()
    await panel.page.get_by_test_id("llmhub-more-star").click()
    await panel.answer.get_by_test_id("llmhub-starred").click()
    await expect(panel.get("star-entry")).to_contain_text(OTHER_SKY)
    axe = Inspector(panel)
    await axe.look("starred messages")
    await panel.get("star-entry").click()
    await panel.shows(OTHER_SKY)

    async def ratings() -> list[Any]:
        return [(one["value"], one["reason"], one["text"]) for one in (await talk.lab.call("GET", "ratings"))["items"]]

    await becomes(ratings, [(-1, "style", "Too grey")])
    await panel.answer.get_by_test_id("llmhub-more").click()
    await panel.page.get_by_test_id("llmhub-more-fork").click()
    fork = panel.page.get_by_test_id("llmhub-fork")
    await axe.look("what a fork takes along", fork)
    await fork.get_by_test_id("llmhub-fork-path").click()
    await expect(panel.get("branch-label")).to_have_count(0)
    await panel.shows(OTHER_SKY)
    assert await panel.conversation_id() != talk.id
    axe.is_content()
