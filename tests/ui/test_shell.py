"""The chat as a part of JupyterLab: tabs, layout, commands."""

from __future__ import annotations

import json
import re

from playwright.async_api import Locator, Response, expect

from tests.providers.wire_server import WireServer

from .panel import Panel, is_freed
from .talk import said


def tab_of(panel: Panel, title: str) -> Locator:
    """The handle of the tab that is called so."""
    return panel.title_bar.filter(has=panel.page.locator(f'.lm-TabBar-tabLabel:text-is("{title}")'))


async def test_two_tabs_answer_at_once_and_are_restored_with_their_conversations(panel: Panel, wire: WireServer):
    first = await panel.open_tab()
    await first.send("first", "lab/gated-a")
    second = await panel.open_tab()
    await second.send("second", "lab/gated-b")
    wire.gate("gated-a").release(5)
    wire.gate("gated-b").release(5)
    await second.shows(said(5), status="running")
    one, two = await first.conversation_id(), await second.conversation_id()
    await expect(tab_of(panel, "first")).to_contain_class("jp-mod-answering")

    await panel.is_saved()
    await panel.reload()
    await expect(panel.title_bar).to_have_count(2)
    await tab_of(panel, "second").click()
    second = Panel(panel.page, panel.page.locator('[id^="llmhub-tab-"]:visible'))
    await second.shows(said(5), status="running")
    assert await second.conversation_id() == two
    wire.gate("gated-b").release(5, finish=True)
    await second.shows(said(10), status="complete")
    await tab_of(panel, "first").click()
    await second.shows(said(5), status="running")
    assert await second.conversation_id() == one


REMEMBER = """() => {
  const tab = [...jupyterapp.shell.widgets('main')].find(widget => widget.session);
  window.gone = {hub: tab.session.hub, tab};
}"""


async def test_a_conversation_is_the_same_in_the_side_panel_and_in_a_tab_and_closing_the_tab_leaves_nothing_behind(
    panel: Panel, wire: WireServer
):
    await panel.send("one", "lab/gated")
    wire.gate().release(3)
    await panel.shows(said(3), status="running")
    await panel.get("open-tab").click()
    tab = Panel(panel.page, panel.page.locator('[id^="llmhub-tab-"]'))
    await tab.shows(said(3), status="running")
    await expect(tab.get("open-tab")).to_have_count(0)
    wire.gate().release(2, finish=True)
    for each in (panel, tab):
        await each.shows(said(5), status="complete")
    await expect(panel.title_bar).not_to_contain_class("jp-mod-answering")

    await tab.send("two", "lab/echo")
    await panel.shows("two", status="complete")
    await tab.run("llmhub:rename", title="Another name")  # the tab was used last
    await expect(panel.title_bar).to_have_text("Another name")
    await expect(panel.get("title")).to_have_text("Another name")

    # The hub knows a closed tab no longer, and it is disposed of.
    await panel.page.evaluate(REMEMBER)
    await panel.run("application:close")
    await expect(panel.title_bar).to_have_count(0)
    await panel.composer.click()
    await panel.page.wait_for_function("gone.hub.sessions.length === 1 && gone.tab.isDisposed")
    await panel.send("three")
    await panel.shows("three", status="complete")


async def test_tabs_that_were_closed_are_freed_with_their_sessions_and_chats(panel: Panel, wire: WireServer):
    await panel.page.evaluate("window.tabs = []")
    for text in ("one", "two"):
        tab = await panel.open_tab()
        await tab.send(text, "lab/markdown")
        await expect(tab.answer).to_have_attribute("data-status", "complete")
        await panel.page.evaluate(OBSERVE)
        await panel.run("application:close")
        await expect(panel.title_bar).to_have_count(0)
    await panel.composer.click()  # JupyterLab remembers which widget had the focus
    await panel.send("four", "lab/echo")
    await panel.shows("four", status="complete")
    # Lumino keeps every key event that it has answered, and so the element in which a key was pressed.
    await panel.page.evaluate("jupyterapp.commands._holdKeyBindingPromises?.clear()")
    await is_freed(panel.page, "tabs.flat().map(one => one.deref()?.constructor.name)")


OBSERVE = """() => {
  const tab = [...jupyterapp.shell.widgets('main')].find(widget => widget.session);
  tabs.push([new WeakRef(tab), new WeakRef(tab.session), new WeakRef(tab.session.chat), new WeakRef(tab.node)]);
}"""


async def test_commands_are_about_the_panel_that_was_used_last_and_are_enabled_when_they_can_be_done(
    panel: Panel, wire: WireServer
):
    await offers(panel, "regenerate", no=True)
    await panel.send("one", "lab/gated")
    wire.gate().release(2)
    await panel.shows(said(2), status="running")
    await offers(panel, "stop")
    await panel.composer.press("Control+.")
    await expect(panel.get("stop")).to_have_count(0)
    await offers(panel, "continue")
    await offers(panel, "stop", no=True)

    await panel.choose("lab/echo")
    await panel.composer.press("Control+k")
    await panel.page.keyboard.press("r")
    await panel.says_branch(panel.answer, "2/2")
    await panel.shows("one", status="complete")
    await panel.composer.press("Control+k")
    await panel.page.keyboard.press("ArrowLeft")
    await panel.says_branch(panel.answer, "1/2")

    await panel.composer.press("F2")
    await expect(panel.get("title-input")).to_be_focused()
    await panel.page.keyboard.press("Escape")
    await panel.page.locator("#filebrowser").click()
    await panel.page.keyboard.press("Control+Shift+a")
    await expect(panel.composer).to_be_focused()

    tab = await panel.open_tab()
    await offers(panel, "regenerate", no=True)
    await panel.composer.click()
    await offers(panel, "regenerate")
    await tab.composer.click()
    await tab.run("llmhub:new-chat")
    await expect(panel.answers).to_have_count(1)


async def offers(panel: Panel, command: str, *, no: bool = False) -> None:
    """Wait until JupyterLab offers a command of ours, or no longer does."""
    is_enabled = f"jupyterapp.commands.isEnabled('llmhub:{command}')"
    await panel.page.wait_for_function(f"!{is_enabled}" if no else is_enabled)


async def test_the_status_bar_counts_running_answers_and_leads_to_them(panel: Panel, wire: WireServer):
    status = panel.page.get_by_test_id("llmhub-status")
    await expect(status).to_be_hidden()
    await panel.send("one", "lab/gated")
    wire.gate().release(2)
    await expect(status).to_have_text("1")
    await panel.get("new-chat").click()
    await expect(panel.answers).to_have_count(0)
    await status.click()
    await panel.shows(said(2), status="running")
    wire.gate().release(1, finish=True)
    await panel.shows(said(3), status="complete")
    await expect(status).not_to_have_attribute("data-running", "1")

    # A provider that tells what an answer cost. (Another test's answers may have cost something today.)
    for dollars in (1.25, 0.5):
        before = float((await status.text_content() or "").removeprefix("$") or 0)
        usage = {"prompt_tokens": 4, "completion_tokens": 2, "cost": dollars}
        answer = {"choices": [{"index": 0, "delta": {"content": "dear"}, "finish_reason": "stop"}], "usage": usage}
        await panel.send(f"data: {json.dumps(answer)}\n\ndata: [DONE]\n\n", "lab/replay")
        await panel.shows("dear", status="complete")
        await expect(status).to_have_text(f"${before + dollars:.2f}")
    await expect(status).to_have_attribute("title", re.compile(r"Today’s answers have cost \$[\d.]+\."))


async def test_the_launcher_opens_a_chat_and_the_list_opens_one_in_a_tab(panel: Panel):
    await panel.page.locator('.jp-LauncherCard[title*="Chat"], .jp-LauncherCard:has-text("Chat")').click()
    tab = Panel(panel.page, panel.page.locator('[id^="llmhub-tab-"]'))
    await tab.is_there()
    await tab.send("from the launcher", "lab/echo")
    await tab.shows("from the launcher", status="complete")
    await expect(panel.title_bar).to_have_text("from the launcher")
    await panel.get("list-toggle").click()
    await panel.get("conversation-item").click(button="right")
    await panel.page.locator('.lm-Menu-item[data-command="llmhub:open-listed-in-tab"]').click()
    await expect(panel.title_bar).to_have_count(1)  # it was there already


def is_saved_on_the_left(response: Response) -> bool:
    if "/workspaces/" not in response.url or response.request.method != "PUT":
        return False
    layout = json.loads(response.request.post_data or "{}")["data"].get("layout-restorer:data", {})
    return "llmhub-panel" in layout.get("left", {}).get("widgets", [])


async def test_the_panel_can_stand_on_the_left_and_stays_there_while_tabs_are_in_the_middle(panel: Panel):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.composer.fill("half a thought")
    await panel.page.locator('.jp-SideBar .lm-TabBar-tab[data-id="llmhub-panel"]').click(button="right")
    async with panel.page.expect_response(is_saved_on_the_left):
        await panel.page.locator('.lm-Menu-item[data-command="sidebar:switch"]').click()
    await expect(panel.page.locator('.jp-SideBar.jp-mod-left .lm-TabBar-tab[data-id="llmhub-panel"]')).to_be_visible()
    await panel.run("llmhub:open-panel")
    await panel.shows("one", status="complete")
    await expect(panel.composer).to_have_value("half a thought")
    await panel.send("two")
    await panel.shows("two", status="complete")

    tab = await panel.open_tab()  # that is in the main area all the same
    assert await tab.root.evaluate("root => root.closest('#jp-main-dock-panel') !== null")
    await panel.page.reload()
    await expect(panel.page.locator('.jp-SideBar.jp-mod-left .lm-TabBar-tab[data-id="llmhub-panel"]')).to_be_visible()
    await panel.jupyterlab_is_restored()
    await panel.run("llmhub:open-panel")
    await panel.shows("two", status="complete")
    await panel.page.locator('.jp-SideBar .lm-TabBar-tab[data-id="llmhub-panel"]').click(button="right")
    await panel.page.locator('.lm-Menu-item[data-command="sidebar:switch"]').click()
    await expect(panel.page.locator('.jp-SideBar.jp-mod-right .lm-TabBar-tab[data-id="llmhub-panel"]')).to_be_visible()


async def test_a_panel_that_was_closed_stays_closed(panel: Panel):
    def is_saved(response: Response) -> bool:
        return "/workspaces/" in response.url and '"collapsed":true,"visible":true,"widgets":["jp-prop' in (
            response.request.post_data or ""
        )

    async with panel.page.expect_response(is_saved):
        await panel.page.locator('.jp-SideBar.jp-mod-right [data-id="llmhub-panel"]').click()
    await panel.page.reload(wait_until="commit")
    await panel.jupyterlab_is_restored()
    await expect(panel.root).to_be_hidden()
    await panel.page.locator('.jp-SideBar.jp-mod-right [data-id="llmhub-panel"]').click()
    await panel.is_there()
