"""The chat as a part of JupyterLab: tabs, layout, commands."""

from __future__ import annotations

from playwright.async_api import Locator, expect

from tests.providers.wire_server import WireServer

from .panel import Panel
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

    await panel.page.reload()
    await panel.is_there()
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
