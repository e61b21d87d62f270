"""A run belongs to the server: whatever happens to the page, there is one answer, one bill, no gap and no repeat."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .line import Line
from .panel import Panel
from .talk import last_answer, said
from .visitor import Arrive, Visitor


@pytest_asyncio.fixture(loop_scope="package")
async def line(lab: JupyterProcess) -> AsyncIterator[Line]:
    async with Line(lab.port) as line:
        yield line


async def has_one_answer(lab: JupyterProcess, panel: Panel, wire: WireServer, tokens: int) -> None:
    """Let the answer end with one token more; it is whole here and on the server, and was asked for once."""
    wire.gate().release(1, finish=True)
    await panel.shows(said(tokens + 1), status="complete")
    await expect(panel.answers).to_have_count(1)
    await expect(panel.questions).to_have_count(1)
    assert await last_answer(lab, panel) == said(tokens + 1)
    assert len(wire.asked("gated")) == 1


async def begin(panel: Panel, wire: WireServer, tokens: int = 3) -> None:
    """An answer that has said so many tokens and goes on."""
    await panel.send("Go", "lab/gated")
    wire.gate().release(tokens)
    await panel.shows(said(tokens), status="running")


async def test_a_reload_in_mid_answer_goes_on_where_it_was(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await begin(panel, wire)
    await panel.reload()
    await panel.shows(said(3), status="running")
    wire.gate().release(2)
    await panel.shows(said(5), status="running")
    await has_one_answer(lab, panel, wire, 5)


async def test_a_tab_that_was_closed_is_replaced_by_another(visitor: Visitor, lab: JupyterProcess, wire: WireServer):
    first = await visitor.tab()
    await begin(first, wire)
    await first.page.close()
    wire.gate().release(2)
    second = await visitor.tab()
    await second.shows(said(5), status="running")
    await has_one_answer(lab, second, wire, 5)


async def test_an_answer_that_ended_while_nobody_looked_is_there(visitor: Visitor, lab: JupyterProcess, wire: WireServer):
    first = await visitor.tab()
    await begin(first, wire)
    await first.page.close()
    wire.gate().release(2, finish=True)
    await wire.until(lambda: [r.ended for r in wire.asked("gated")] == ["done"])
    second = await visitor.tab()
    await second.shows(said(5), status="complete")
    assert await last_answer(lab, second) == said(5)
    assert len(wire.asked("gated")) == 1


async def test_two_tabs_show_the_same_answer_as_it_comes(visitor: Visitor, lab: JupyterProcess, wire: WireServer):
    first = await visitor.tab()
    await begin(first, wire)
    second = await visitor.tab()
    await second.shows(said(3), status="running")
    wire.gate().release(2)
    await first.shows(said(5), status="running")
    await second.shows(said(5), status="running")
    await has_one_answer(lab, second, wire, 5)
    await first.shows(said(6), status="complete")


async def test_another_browser_joins_the_answer_and_may_stop_it(arrive: Arrive, lab: JupyterProcess, wire: WireServer):
    first = await (await arrive(lab.url)).tab()
    await begin(first, wire)
    second = await (await arrive(lab.url)).tab()
    await second.shows(said(3), status="running")
    wire.gate().release(1)
    await second.shows(said(4), status="running")
    await second.get("stop").click()
    await first.shows(said(4), status="stopped")
    await second.shows(said(4), status="stopped")
    assert await last_answer(lab, first) == said(4)
    assert len(wire.asked("gated")) == 1


async def test_a_dropped_network_is_said_and_made_good(arrive: Arrive, line: Line, lab: JupyterProcess, wire: WireServer):
    panel = await (await arrive(line.url)).tab()
    await begin(panel, wire)
    line.cut()
    await expect(panel.get("connection")).to_contain_text("Reconnecting")
    wire.gate().release(2)
    await panel.shows(said(3), status="running")
    line.mend()
    await panel.shows(said(5), status="running")
    await expect(panel.get("connection")).to_have_count(0)
    await has_one_answer(lab, panel, wire, 5)


async def test_an_answer_that_ended_while_the_network_was_away_is_fetched(
    arrive: Arrive, line: Line, lab: JupyterProcess, wire: WireServer
):
    panel = await (await arrive(line.url)).tab()
    await begin(panel, wire)
    line.cut()
    wire.gate().release(2, finish=True)
    await wire.until(lambda: [r.ended for r in wire.asked("gated")] == ["done"])
    line.mend()
    await panel.shows(said(5), status="complete")
    assert await last_answer(lab, panel) == said(5)
    assert len(wire.asked("gated")) == 1


async def test_a_browser_that_is_offline_comes_back_by_itself(
    visitor: Visitor, panel: Panel, lab: JupyterProcess, wire: WireServer
):
    await begin(panel, wire)
    await visitor.context.set_offline(True)
    wire.gate().release(2)
    await visitor.context.set_offline(False)
    await panel.shows(said(5), status="running")
    await has_one_answer(lab, panel, wire, 5)


async def test_what_is_sent_without_a_network_is_sent_once_when_it_is_back(
    arrive: Arrive, line: Line, lab: JupyterProcess, wire: WireServer
):
    panel = await (await arrive(line.url)).tab()
    await panel.choose("lab/gated")
    line.cut()
    await panel.send("Go")
    await expect(panel.answer).to_contain_text("Waiting for the Jupyter server")
    line.mend()
    wire.gate().release(3)
    await panel.shows(said(3), status="running")
    await has_one_answer(lab, panel, wire, 3)


async def test_a_connection_that_died_without_a_word_is_noticed(arrive: Arrive, line: Line, lab: JupyterProcess, wire: WireServer):
    panel = await (await arrive(line.url)).tab()
    await panel.page.clock.install()
    await panel.reload()
    await begin(panel, wire)
    line.hush()
    wire.gate().release(2)
    for _ in range(5):  # a minute, in steps that do not look like sleep
        await panel.page.clock.fast_forward(12_000)
    await panel.shows(said(5), status="running")
    await has_one_answer(lab, panel, wire, 5)


async def test_a_laptop_that_slept_shows_what_was_said_meanwhile(arrive: Arrive, line: Line, lab: JupyterProcess, wire: WireServer):
    panel = await (await arrive(line.url)).tab()
    await panel.page.clock.install()
    await panel.reload()
    await begin(panel, wire)
    line.hush()  # routers forget connections of those who sleep
    wire.gate().release(2)
    await panel.page.clock.fast_forward(3_600_000)
    await panel.shows(said(5), status="running")
    await has_one_answer(lab, panel, wire, 5)


async def test_a_page_that_was_frozen_catches_up(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await begin(panel, wire)
    await set_lifecycle(panel.page, "frozen")
    wire.gate().release(2)
    await set_lifecycle(panel.page, "active")
    await panel.shows(said(5), status="running")
    await has_one_answer(lab, panel, wire, 5)


async def set_lifecycle(page: Page, state: str) -> None:
    """What Chromium does with tabs that nobody looks at."""
    session = await page.context.new_cdp_session(page)
    await session.send("Page.enable")
    await session.send("Page.setWebLifecycleState", {"state": state})
    await session.detach()
