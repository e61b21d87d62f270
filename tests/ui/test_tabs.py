"""Two tabs of one person know of each other, and a draft waits where it was written."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .visitor import Visitor


@pytest_asyncio.fixture(loop_scope="package")
async def two(visitor: Visitor) -> tuple[Panel, Panel]:
    """Two tabs that show the same conversation."""
    first = await visitor.tab()
    await first.send("one", "lab/echo")
    await first.shows("one", status="complete")
    second = await visitor.tab()
    await second.shows("one", status="complete")
    return first, second


async def test_what_is_sent_in_one_tab_appears_in_the_other(two: tuple[Panel, Panel], wire: WireServer):
    first, second = two
    await first.send("two")
    await second.shows("two", status="complete")
    await expect(second.questions).to_have_count(2)
    await second.send("three")
    await first.shows("three", status="complete")
    await expect(first.questions).to_have_count(3)
    assert len(wire.asked("echo")) == 3


async def test_a_branch_made_in_one_tab_can_be_chosen_in_the_other(two: tuple[Panel, Panel]):
    first, second = two
    await first.choose("lab/markdown")
    await first.get("regenerate").click()
    await first.says_branch(first.answer, "2/2")
    await expect(first.answer).to_have_attribute("data-status", "complete")
    await second.says_branch(second.answer, "2/2")
    await second.get("branch-prev").click()
    await second.shows("one", status="complete")
    await first.says_branch(first.answer, "1/2")


async def test_a_new_conversation_and_a_new_title_appear_in_the_other_tabs_list(two: tuple[Panel, Panel]):
    first, second = two
    await second.get("list-toggle").click()
    await expect(second.get("conversation-item")).to_have_count(1)
    await first.get("new-chat").click()
    await first.send("Something new")
    await expect(second.get("conversation-item")).to_have_count(2)
    await expect(second.get("conversation-item").first).to_contain_text("Something new")
    await first.get("title").click()
    await first.get("title-input").fill("Another name")
    await first.get("title-input").press("Enter")
    await expect(second.get("conversation-item").first).to_contain_text("Another name")


async def test_a_conversation_deleted_in_one_tab_goes_quietly_from_the_other(two: tuple[Panel, Panel], lab: JupyterProcess):
    first, second = two
    await first.page.clock.install()
    await first.get("list-toggle").click()
    await first.get("conversation-item").hover()
    await first.get("conversation-delete").click()
    await expect(first.get("conversation-item")).to_have_count(0)
    await expect(first.get("undo")).to_be_visible()
    await second.shows("one", status="complete")  # as long as it can be undone
    await first.page.clock.fast_forward(10_000)

    await expect(second.answers).to_have_count(0)
    await expect(second.get("error")).to_have_count(0)
    await expect(second.get("title")).to_have_text("New chat")
    assert (await lab.call("GET", "conversations"))["items"] == []
    await second.send("And on it goes")
    await second.shows("And on it goes", status="complete")


async def test_a_deleted_conversation_can_be_had_back(two: tuple[Panel, Panel], lab: JupyterProcess):
    first, second = two
    await first.get("list-toggle").click()
    await first.get("conversation-item").hover()
    await first.get("conversation-delete").click()
    await first.get("undo").get_by_role("button").click()
    await first.get("conversation-item").get_by_role("button").first.click()
    await first.shows("one", status="complete")
    await second.shows("one", status="complete")
    assert len((await lab.call("GET", "conversations"))["items"]) == 1


async def test_a_draft_survives_a_reload_and_stays_with_its_conversation(panel: Panel):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.composer.fill("half a thought\nwith a second line")
    await panel.reload()
    await expect(panel.composer).to_have_value("half a thought\nwith a second line")
    await panel.get("new-chat").click()
    await expect(panel.composer).to_have_value("")
    await panel.get("list-toggle").click()
    await panel.get("conversation-item").get_by_role("button").first.click()
    await expect(panel.composer).to_have_value("half a thought\nwith a second line")
