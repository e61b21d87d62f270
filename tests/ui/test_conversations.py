"""The list of conversations: found by title, grouped by day, changed in place, all of it by keyboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from llmhub.conversations.store import ConversationStore
from llmhub.conversations.values import NewMessage
from llmhub.identity import LOCAL
from llmhub.ids import new_id
from llmhub.messages import TextPart
from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .again import becomes
from .panel import Panel
from .talk import said
from .test_layout import is_in_order
from .visitor import Visitor


@pytest_asyncio.fixture(loop_scope="package")
async def three(lab: JupyterProcess, panel: Panel) -> Panel:
    """The list of three conversations, the newest first: Gamma rays, beta decay, Alpha particles."""
    for title in ("Alpha particles", "beta decay", "Gamma rays"):
        await lab.call("POST", "conversations", {"title": title})
    await panel.get("list-toggle").click()
    await titles_are(panel, "Gamma rays", "beta decay", "Alpha particles")
    await expect(panel.get("conversation-search")).to_be_focused()
    return panel


async def titles_are(panel: Panel, *titles: str) -> None:
    await expect(panel.get("conversation-item").locator(".jp-llmhub-item-title")).to_have_text(list(titles))


async def titles_at(lab: JupyterProcess) -> set[str]:
    """As the server has them: what a person changes is shown before."""
    return {one["title"] for one in (await lab.call("GET", "conversations"))["items"]}


async def is_on(panel: Panel, title: str) -> None:
    """The keyboard is on this line."""
    await expect(panel.get("conversation-item").filter(has_text=title).locator(".jp-llmhub-item-open")).to_be_focused()


async def test_titles_are_found_as_one_types_and_what_matches_is_marked(three: Panel):
    search = three.get("conversation-search")
    await expect(search).to_be_focused()
    await three.page.keyboard.type("A P")
    await titles_are(three, "Alpha particles")
    await expect(three.root.locator("mark")).to_have_text("a p")
    await search.fill("nothing of the kind")
    await expect(three.get("conversation-list")).to_contain_text("Nothing says “nothing of the kind”")
    await search.press("Escape")
    await expect(search).to_have_value("")
    await titles_are(three, "Gamma rays", "beta decay", "Alpha particles")
    await search.press("Escape")
    await expect(three.composer).to_be_focused()


async def test_a_found_conversation_follows_what_happens_to_it_elsewhere(three: Panel, lab: JupyterProcess):
    await three.get("conversation-search").fill("beta")
    await titles_are(three, "beta decay")
    one = (await lab.call("GET", "conversations?query=beta"))["items"][0]
    await lab.call("PATCH", f"conversations/{one['id']}", {"title": "Beta blockers"})
    await titles_are(three, "Beta blockers")
    await lab.call("DELETE", f"conversations/{one['id']}")
    await titles_are(three)


async def test_the_whole_list_is_used_by_keyboard(three: Panel, lab: JupyterProcess):
    press = three.page.keyboard.press
    await press("ArrowDown")
    await is_on(three, "Gamma rays")
    await press("End")
    await is_on(three, "Alpha particles")
    await press("ArrowUp")
    await is_on(three, "beta decay")

    await press("F2")
    await expect(three.get("title-input")).to_be_focused()
    await three.page.keyboard.type("Thrown away")
    await press("Escape")
    await is_on(three, "beta decay")
    await press("F2")
    await expect(three.get("title-input")).to_be_focused()
    await three.page.keyboard.type("Beta waves")
    await press("Enter")
    await is_on(three, "Beta waves")

    await press("Home")
    await press("Delete")
    await titles_are(three, "Beta waves", "Alpha particles")
    await is_on(three, "Beta waves")
    await three.get("undo").get_by_role("button").click()
    await titles_are(three, "Gamma rays", "Beta waves", "Alpha particles")
    await three.get("conversation-item").first.locator(".jp-llmhub-item-open").focus()

    await three.page.keyboard.type("al")  # what is typed goes into the search
    await expect(three.get("conversation-search")).to_have_value("al")
    await titles_are(three, "Alpha particles")
    await press("Enter")
    await expect(three.get("title")).to_have_text("Alpha particles")
    await expect(three.composer).to_be_focused()
    await becomes(lambda: titles_at(lab), {"Gamma rays", "Beta waves", "Alpha particles"})


async def test_a_title_is_changed_in_place_by_menu_by_pencil_and_by_double_click(three: Panel, lab: JupyterProcess):
    items, field, press = three.get("conversation-item"), three.get("title-input"), three.page.keyboard.press
    await items.nth(1).click(button="right")
    await three.page.locator(".lm-Menu-item").filter(has_text="Rename").click()
    await expect(items.nth(1).get_by_test_id("llmhub-title-input")).to_be_focused()
    await three.page.keyboard.type("By menu")
    await press("Enter")
    await titles_are(three, "Gamma rays", "By menu", "Alpha particles")
    await items.nth(1).hover()
    await items.nth(1).get_by_test_id("llmhub-conversation-rename").click()
    await expect(field).to_be_focused()
    await three.page.keyboard.type("By pencil")
    await press("Enter")
    await titles_are(three, "Gamma rays", "By pencil", "Alpha particles")

    # The first click opens it and the list is gone; the second one is still about the title.
    await items.nth(1).dblclick()
    await expect(three.get("conversation-list")).to_have_count(0)
    await expect(field).to_be_focused()
    await three.page.keyboard.type("By double click")
    await press("Enter")
    await expect(three.get("title")).to_have_text("By double click")
    await three.get("title").dblclick()
    await expect(field).to_be_focused()
    await press("Escape")
    await expect(three.get("title")).to_have_text("By double click")

    await three.get("list-toggle").click()
    await items.nth(2).click(button="right")
    await three.page.locator(".lm-Menu-item").filter(has_text="Delete").click()
    await titles_are(three, "Gamma rays", "By double click")
    await three.get("undo").get_by_role("button").click()
    await becomes(lambda: titles_at(lab), {"Gamma rays", "By double click", "Alpha particles"})


async def test_the_list_stands_beside_the_thread_where_there_is_room_and_that_is_remembered(three: Panel):
    page, items = three.page, three.get("conversation-item")
    await page.set_viewport_size({"width": 1600, "height": 800})
    await three.resize(900)
    await expect(items).to_have_count(3)  # it was there, and makes room for the thread
    await expect(three.composer).to_be_visible()
    await is_in_order(three, "beside")
    await items.nth(0).locator(".jp-llmhub-item-open").click()
    await expect(three.get("title")).to_have_text("Gamma rays")
    await expect(three.composer).to_be_focused()
    await expect(items.nth(0)).to_have_attribute("data-current", "true")
    await items.nth(1).dblclick()
    await expect(items.nth(1).get_by_test_id("llmhub-title-input")).to_be_focused()
    await page.keyboard.type("Renamed in place")
    await page.keyboard.press("Enter")
    await titles_are(three, "Gamma rays", "Renamed in place", "Alpha particles")
    await expect(three.get("title")).to_have_text("Renamed in place")

    await three.reload()
    await three.resize(900)
    await expect(items).to_have_count(3)
    await three.resize(480)
    await expect(items).to_have_count(0)  # no room: the thread is what matters
    await expect(three.composer).to_be_visible()
    await three.get("list-toggle").click()
    await expect(three.composer).to_have_count(0)
    await three.get("list-toggle").click()
    await three.resize(900)
    await expect(items).to_have_count(3)
    await three.composer.press("Control+k")
    await page.keyboard.press("h")
    await expect(items).to_have_count(0)
    await three.composer.press("Control+k")
    await page.keyboard.press("f")
    await expect(three.get("conversation-search")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(three.composer).to_be_focused()


async def test_a_conversation_that_another_program_wrote_appears_when_one_comes_back_to_the_window(
    panel: Panel, lab: JupyterProcess
):
    assert lab.environment is not None
    folder = Path(lab.environment["LLMHUB_DATA_DIR"])
    store = ConversationStore(folder / "llmhub.db", backups=folder / "backups")
    await store.create(LOCAL.id, title="Written elsewhere")
    await expect(panel.get("recent")).to_have_count(0)
    await panel.page.evaluate("window.dispatchEvent(new Event('focus'))")
    await expect(panel.get("recent")).to_have_text(re.compile("Written elsewhere"))
    await store.create(LOCAL.id, title="And another one")
    await panel.get("list-toggle").click()
    await titles_are(panel, "And another one", "Written elsewhere")

    # What it writes in the conversation that is shown, too.
    await panel.get("conversation-item").first.locator(".jp-llmhub-item-open").click()
    await expect(panel.get("title")).to_have_text("And another one")
    words = NewMessage(client_request_id=new_id(), parent_id=None, role="user", parts=(TextPart(text="Hello from the shell"),))
    await store.add_message(LOCAL.id, await panel.conversation_id(), words)
    await store.aclose()
    await panel.page.evaluate("window.dispatchEvent(new Event('focus'))")
    await expect(panel.questions).to_contain_text("Hello from the shell")


async def test_a_conversation_is_opened_beside_this_one_with_ctrl_enter_or_the_middle_button(three: Panel):
    await three.get("conversation-item").nth(1).locator(".jp-llmhub-item-open").press("ControlOrMeta+Enter")
    tab = three.page.get_by_role("tab", name="beta decay")
    await expect(tab).to_have_attribute("aria-selected", "true")
    await three.get("conversation-item").nth(2).locator(".jp-llmhub-item-open").click(button="middle")
    await expect(three.page.get_by_role("tab", name="Alpha particles")).to_have_attribute("aria-selected", "true")
    await expect(three.get("conversation-list")).to_be_visible()


async def test_days_have_headings_in_the_browsers_own_time_zone_and_midnight_passes(
    lab: JupyterProcess, arrive: Any, wire: WireServer
):
    visitor = await arrive(lab.url, timezone_id="Pacific/Auckland", locale="en-GB")
    page = (await visitor.tab()).page
    made = await lab.call("POST", "conversations", {"title": "An old one"})
    answered = {"items": [dated(made, f"c{at}", when) for at, when in enumerate(WHEN)], "next": None}
    await page.route("**/llmhub/api/conversations?*", lambda route: route.fulfill(json=answered))
    await page.clock.set_system_time("2026-03-14T10:59:30Z")  # half a minute before midnight in Auckland
    await page.clock.install(time="2026-03-14T10:59:30Z")
    panel = Panel(page)
    await panel.reload()
    await panel.get("list-toggle").click()
    days = panel.get("day")
    await expect(days).to_have_text(["Today", "Yesterday", "Previous 7 days", "Previous 30 days", "January", "December 2025"])
    await page.clock.fast_forward(90_000)
    await expect(days).to_have_text(["Yesterday", "Previous 7 days", "Previous 30 days", "January", "December 2025"])


WHEN = (
    *("2026-03-14T10:00:00Z", "2026-03-13T11:30:00Z"),  # both on the 14th in Auckland
    *("2026-03-13T10:30:00Z", "2026-03-08T00:00:00Z", "2026-02-20T00:00:00Z"),
    *("2026-01-10T00:00:00Z", "2025-12-01T00:00:00Z"),
)


def dated(conversation: dict[str, Any], id: str, when: str) -> dict[str, Any]:
    return {**conversation, "id": id, "title": id, "updated_at": when}


async def test_a_conversation_that_is_answered_elsewhere_is_marked_until_it_is_read(
    panel: Panel, lab: JupyterProcess, wire: WireServer
):
    await panel.send("Go", "lab/gated")
    wire.gate().release(1)
    await panel.shows(said(1), status="running")
    await panel.get("new-chat").click()
    await panel.get("list-toggle").click()
    line = panel.get("conversation-item")
    await expect(line.get_by_role("img", name="Answering")).to_be_visible()
    wire.gate().release(1, finish=True)
    await expect(line.get_by_role("img", name="Unread")).to_be_visible()
    async with panel.page.expect_response(lambda answer: '"unread":false' in (answer.request.post_data or "")):
        await line.get_by_role("button").first.click()
    await panel.shows(said(2), status="complete")
    await panel.get("list-toggle").click()
    await expect(line).to_be_visible()
    await expect(line.get_by_role("img")).to_have_count(0)
    assert not (await lab.call("GET", "conversations"))["items"][0]["unread"]


async def test_a_thousand_conversations_are_one_screen_of_elements(visitor: Visitor, lab: JupyterProcess):
    panel = await visitor.tab()
    made = await lab.call("POST", "conversations", {"title": "One"})
    items = [dated(made, f"c{at:04}", f"2026-01-01T{23 - at // 60:02}:{59 - at % 60:02}:00Z") for at in range(1000)]
    pages = {"items": items, "next": None}
    await panel.page.route("**/llmhub/api/conversations?*", lambda route: route.fulfill(json=pages))
    await panel.reload()
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item").first).to_contain_text("c0000")
    assert await panel.get("conversation-item").count() < 100
    await panel.get("conversation-search").press("ArrowDown")
    await is_on(panel, "c0000")
    await panel.page.keyboard.press("End")
    await is_on(panel, "c0999")
    await expect(panel.get("conversation-item").filter(has_text="c0999")).to_be_in_viewport()
    assert await panel.get("conversation-item").count() < 100
