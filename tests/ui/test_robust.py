"""What goes wrong around the panel is said in a quiet line; nothing that was written is lost, and it goes on by itself."""

from __future__ import annotations

import asyncio
import errno
import json
import re
from typing import Any

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from llmhub.conversations.failures import in_words
from llmhub.errors import ReadOnly
from llmhub.hosts.http import error_body, status_of
from tests.providers.wire_server import WireServer
from tests.servers import TOKEN, JupyterProcess

from .line import Line
from .panel import Panel
from .talk import said
from .visitor import Arrive, Visitor

API = re.compile(r"/llmhub/api/")


async def test_an_expired_login_is_said_and_after_another_one_everything_goes_on(
    visitor: Visitor, panel: Panel, lab: JupyterProcess, wire: WireServer
):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.composer.fill("half a thought")
    await visitor.log_out(panel.page)
    await panel.composer.press("Enter")
    line = panel.get("connection")
    await expect(line).to_contain_text("You are logged out")
    await expect(panel.answer).to_contain_text("Waiting for you to log in")
    await expect(panel.get("error")).to_have_count(0)

    asked = [request for request in visitor.requests if API.search(request.url)]
    async with panel.page.context.expect_page() as opened:
        await panel.get("login").click()
    page = await opened.value
    await page.get_by_role("textbox").first.fill(TOKEN)
    async with page.expect_event("close"):  # one is back where one was
        await page.get_by_role("textbox").first.press("Enter")
    await panel.shows("half a thought", status="complete")
    await expect(line).to_have_count(0)
    assert len(wire.asked("echo")) == 2
    assert len([request for request in visitor.requests if API.search(request.url)]) - len(asked) < 60  # of both pages, no storm


async def test_a_login_that_ends_at_a_proxy_is_a_logout_and_the_socket_rests(panel: Panel, lab: JupyterProcess):
    await panel.composer.fill("half a thought")
    sockets: list[WebSocketRoute] = []

    async def refuse(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        await socket.close()

    async def redirect(route: Route) -> None:
        await route.fulfill(status=302, headers={"Location": f"{lab.url}hub/login?next=x"})

    await panel.page.route(API, redirect)
    await panel.page.route_web_socket(API, refuse)
    await panel.page.clock.install()
    await panel.page.evaluate("window.dispatchEvent(new Event('online'))")
    await panel.get("list-toggle").click()
    await panel.get("conversation-search").fill("x")
    await panel.page.clock.run_for(500)
    await expect(panel.get("connection")).to_contain_text("You are logged out")
    tried = len(sockets)
    for _ in range(6):
        await panel.page.clock.run_for(20_000)
    assert len(sockets) - tried <= 1
    await panel.page.unroute(API)
    await panel.page.clock.run_for(25_000)
    await expect(panel.get("connection")).to_have_count(0)
    await panel.get("list-toggle").click()
    await expect(panel.composer).to_have_value("half a thought")


async def test_an_upgraded_server_is_said_once_and_the_panel_goes_on(arrive: Arrive, lab: JupyterProcess, wire: WireServer):
    async with Line(lab.port) as line:
        await sees_an_upgrade(await (await arrive(line.url)).tab(), line, lab)


async def sees_an_upgrade(panel: Panel, line: Line, lab: JupyterProcess) -> None:
    config = await lab.call("GET", "config")
    unknown = [{"run_id": "r", "seq": 1, "type": "of.tomorrow"}, {"hello": {"version": "99.0.0"}}, {"greeting": []}, 7]

    def talk(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if '"hello"' not in str(message):
                socket.send(message)

        server.on_message(pass_on)
        for frame in unknown:
            socket.send(json.dumps(frame))

    async def newer(route: Route) -> None:
        await route.fulfill(json={**config, "version": "99.0.0", "of_tomorrow": True})

    await expect(panel.get("update")).to_have_count(0)
    await panel.page.route(re.compile("/llmhub/api/config"), newer)
    await panel.page.route_web_socket(re.compile("/llmhub/api/stream"), talk)
    await reconnect(panel, line)
    await expect(panel.get("update")).to_contain_text("llmhub was updated to 99.0.0")
    await panel.send("still here", "lab/echo")
    await panel.shows("still here", status="complete")
    await panel.get("update").get_by_role("button", name="Dismiss").click()
    await expect(panel.get("update")).to_have_count(0)
    await reconnect(panel, line)
    await panel.send("and on", "lab/echo")
    await panel.shows("and on", status="complete")
    await expect(panel.get("update")).to_have_count(0)


async def reconnect(panel: Panel, line: Line) -> None:
    """Away, and back."""
    line.cut()
    await expect(panel.get("connection")).to_contain_text("Reconnecting")
    line.mend()
    await expect(panel.get("connection")).to_have_count(0)


async def test_what_is_written_in_a_conversation_that_is_deleted_elsewhere_stays(visitor: Visitor, lab: JupyterProcess):
    panel = await visitor.tab()
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.composer.fill("half a thought")
    await lab.call("DELETE", f"conversations/{await panel.conversation_id()}")
    await expect(panel.get("gone")).to_contain_text("“one” was deleted elsewhere.")
    await expect(panel.get("title")).to_have_text("New chat")
    await expect(panel.composer).to_have_value("half a thought")
    await expect(panel.get("error")).to_have_count(0)
    await panel.composer.press("Enter")
    await panel.shows("half a thought", status="complete")
    await panel.get("gone").get_by_role("button", name="Dismiss").click()
    await expect(panel.get("gone")).to_have_count(0)


async def test_a_deletion_is_taken_back_when_somebody_writes_on_elsewhere(visitor: Visitor, lab: JupyterProcess):
    first = await visitor.tab()
    await first.send("one", "lab/echo")
    await first.shows("one", status="complete")
    second = await visitor.tab()
    await second.shows("one", status="complete")
    await first.get("list-toggle").click()
    await first.get("conversation-item").hover()
    await first.get("conversation-delete").click()
    await expect(first.get("undo")).to_be_visible()
    await second.send("two")
    await expect(first.get("undo")).to_have_count(0)
    await expect(first.get("conversation-item")).to_have_count(1)
    await second.shows("two", status="complete")
    await first.get("list-toggle").click()
    await first.shows("two", status="complete")  # where it was


async def test_a_deletion_is_carried_out_when_the_page_is_closed_before_it_is_too_late_to_undo(
    visitor: Visitor, lab: JupyterProcess
):
    for title in ("kept", "deleted"):
        await lab.call("POST", "conversations", {"title": title})
    panel = await visitor.tab()
    await panel.get("list-toggle").click()
    await panel.get("conversation-item").first.hover()
    await panel.get("conversation-delete").first.click()
    await expect(panel.get("undo")).to_be_visible()
    assert len((await lab.call("GET", "conversations"))["items"]) == 2
    await panel.page.close(run_before_unload=True)
    other = await visitor.tab()
    await expect(other.get("recent").locator(".jp-llmhub-item-title")).to_have_text(["kept"])


async def test_two_windows_that_ask_at_once_show_the_same_in_the_end(visitor: Visitor, lab: JupyterProcess, wire: WireServer):
    first = await visitor.tab()
    await first.send("one", "lab/echo")
    await first.shows("one", status="complete")
    second = await visitor.tab()
    await second.shows("one", status="complete")
    await first.composer.fill("from the first")
    await second.composer.fill("from the second")
    await asyncio.gather(first.composer.press("Enter"), second.composer.press("Enter"))
    await wire.until(lambda: len(wire.asked("echo")) == 3)
    conversation = await first.conversation_id()
    await expect(first.answer).to_have_attribute("data-status", "complete")
    await expect(second.answer).to_have_attribute("data-status", "complete")
    tree = (await lab.call("GET", f"conversations/{conversation}/tree"))["items"]
    assert len(tree) == 6  # nobody's words are lost
    answer = first.answer.locator(".jp-llmhub-markdown")
    await expect(answer).to_have_text(re.compile("from the (first|second)"))  # its words flow in after its end
    await second.shows((await answer.inner_text()).strip(), status="complete")


BROKEN = """
for (const name of %s) {
  const real = Storage.prototype[name];
  Storage.prototype[name] = function (key, ...rest) {
    if (String(key).startsWith('llmhub:')) throw new DOMException('no room', 'QuotaExceededError');
    return real.call(this, key, ...rest);
  };
}"""


async def test_a_full_storage_is_said_once_and_drafts_live_on(visitor: Visitor, wire: WireServer):
    await visitor.context.add_init_script(BROKEN % ["setItem"])
    panel = await visitor.tab()
    await expect(panel.get("storage")).to_have_count(0)
    await panel.composer.fill("half a thought")
    await expect(panel.get("storage")).to_contain_text("will not survive a reload")
    await panel.get("storage").get_by_role("button", name="Dismiss").click()
    await panel.get("list-toggle").click()
    await panel.get("list-toggle").click()
    await expect(panel.composer).to_have_value("half a thought")
    await expect(panel.get("storage")).to_have_count(0)
    await panel.send("asked", "lab/echo")
    await panel.shows("asked", status="complete")


async def test_a_forbidden_storage_stops_nothing(visitor: Visitor, wire: WireServer):
    await visitor.context.add_init_script(BROKEN % ["getItem", "setItem", "removeItem"])
    panel = await visitor.tab()
    await panel.send("asked", "lab/echo")
    await panel.shows("asked", status="complete")


async def test_a_clock_that_jumps_stalls_nothing_and_no_time_is_negative(arrive: Arrive, lab: JupyterProcess, wire: WireServer):
    panel = await (await arrive(lab.url)).tab()
    await panel.page.add_init_script("window.shift = 0; const real = Date.now; Date.now = () => real() + window.shift;")
    await panel.reload()
    await panel.send("Go", "lab/gated")
    wire.gate().release(2)
    await panel.shows(said(2), status="running")
    for hours in (-30, +30, 0):
        await panel.page.evaluate("hours => { window.shift = hours * 3600000; }", hours)
        wire.gate().release(1)
    await panel.shows(said(5), status="running")
    await panel.page.evaluate("window.dispatchEvent(new Event('online'))")
    wire.gate().release(1, finish=True)
    await panel.shows(said(6), status="complete")
    assert not re.search(r"-\d", await panel.answer.inner_text())
    await panel.get("list-toggle").click()
    await expect(panel.get("day")).to_have_text(["Today"])


async def test_a_database_that_cannot_be_written_is_said_and_the_words_stay(panel: Panel, wire: WireServer):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")

    async def refuse(route: Route) -> None:
        """As the server answers where the file system is read-only."""
        if route.request.method == "GET":
            await route.fallback()
            return
        with pytest.raises(ReadOnly) as refused, in_words("/data/llmhub.db"):
            raise OSError(errno.EROFS, "read-only")
        await route.fulfill(
            status=status_of(refused.value), body=error_body(refused.value).decode(), content_type="application/json"
        )

    await panel.page.route(API, refuse)
    await panel.composer.fill("precious words")
    await panel.composer.press("Enter")
    await expect(panel.get("error")).to_contain_text("Conversations cannot be written")
    await expect(panel.get("error")).to_contain_text("/data/llmhub.db")
    await expect(panel.composer).to_have_value("precious words")
    await expect(panel.answers).to_have_count(1)
    await panel.get("title").click()
    await expect(panel.get("title-input")).to_be_focused()
    await panel.page.keyboard.type("Another title")
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("refusal")).to_contain_text("“one” could not be renamed: Conversations cannot be written. Check who")
    await expect(panel.get("title")).to_have_text("one")

    await panel.page.unroute(API)
    await panel.get("refusal").get_by_role("button", name="Dismiss").click()
    await expect(panel.get("refusal")).to_have_count(0)
    await panel.composer.press("Enter")
    await panel.shows("precious words", status="complete")
    await expect(panel.get("error")).to_have_count(0)


async def test_a_full_disk_is_said_and_the_words_stay(panel: Panel, wire: WireServer):
    full: dict[str, Any] = {
        "code": "store_full",
        "message": "The disk that holds llmhub's data is full.",
        "hint": "Free some space, then try again.",
        "details": {},
    }

    async def refuse(route: Route) -> None:
        await route.fulfill(status=507, json={"error": full})

    await panel.choose("lab/echo")
    runs = re.compile("/llmhub/api/conversations(/[^/]+/runs)?$")
    await panel.page.route(runs, refuse)
    await panel.composer.fill("precious words")
    await panel.composer.press("Enter")
    await expect(panel.get("error")).to_contain_text("The disk is full")
    await expect(panel.get("error")).to_contain_text("Make room")
    await expect(panel.composer).to_have_value("precious words")
    await panel.page.unroute(runs)
    await panel.composer.press("Enter")
    await panel.shows("precious words", status="complete")
    await expect(panel.get("error")).to_have_count(0)
