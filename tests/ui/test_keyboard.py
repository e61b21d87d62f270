"""Everything can be done with a keyboard, also with one that composes."""

from __future__ import annotations

from playwright.async_api import CDPSession, expect

from tests.providers.wire_server import WireServer

from .panel import Panel
from .talk import said


async def test_enter_sends_and_shift_enter_breaks_the_line(panel: Panel, wire: WireServer):
    await panel.choose("lab/echo")
    await expect(panel.composer).to_be_focused()
    await panel.page.keyboard.type("first line")
    await panel.page.keyboard.press("Shift+Enter")
    await panel.page.keyboard.type("second line")
    await expect(panel.composer).to_have_value("first line\nsecond line")
    await panel.page.keyboard.press("Enter")
    await panel.shows("first line second line", status="complete")
    await expect(panel.composer).to_be_focused()
    await panel.page.keyboard.type("and on")
    await panel.page.keyboard.press("Enter")
    await panel.shows("and on", status="complete")
    assert len(wire.asked("echo")) == 2


async def test_enter_sends_nothing_while_there_is_nothing_to_send_and_queues_while_an_answer_is_being_written(
    panel: Panel, wire: WireServer
):
    await panel.choose("lab/gated")
    await panel.composer.press("Enter")
    await panel.composer.fill("  \n ")
    await panel.composer.press("Enter")
    await expect(panel.questions).to_have_count(0)
    await panel.send("Go")
    wire.gate().release(1)
    await panel.shows(said(1), status="running")
    await panel.page.keyboard.type("the next thought")
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("queued")).to_have_text("the next thought")
    await expect(panel.composer).to_have_value("")
    wire.gate().release(1, finish=True)
    await expect(panel.answers).to_have_count(2)
    await panel.shows(said(2), status="complete")
    await expect(panel.questions.last).to_contain_text("the next thought")
    await expect(panel.get("queue")).to_have_count(0)
    assert len(wire.asked("gated")) == 2


async def test_the_enter_that_ends_a_composition_does_not_send(panel: Panel, wire: WireServer):
    await panel.choose("lab/echo")
    keyboard = await panel.page.context.new_cdp_session(panel.page)
    await keyboard.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    await press_in_composition(keyboard, "Enter")
    await keyboard.send("Input.insertText", {"text": "日本"})
    await expect(panel.composer).to_have_value("日本")
    await expect(panel.questions).to_have_count(0)
    await panel.page.keyboard.press("Enter")
    await panel.shows("日本", status="complete")
    assert len(wire.asked("echo")) == 1


async def press_in_composition(keyboard: CDPSession, key: str) -> None:
    """A key as browsers report it while an input method works on it."""
    for kind in ("rawKeyDown", "keyUp"):
        await keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": 229})


async def test_tab_reaches_stop_and_what_can_be_done_with_an_answer(panel: Panel, wire: WireServer):
    await panel.send("Go", "lab/gated")
    wire.gate().release(1)
    await panel.shows(said(1), status="running")
    await tab_to(panel, "llmhub-stop", "Tab")
    await panel.page.keyboard.press("Enter")
    await panel.shows(said(1), status="stopped")

    await panel.composer.focus()
    await tab_to(panel, "llmhub-copy", "Shift+Tab")  # the toolbar is one stop
    await tab_to(panel, "llmhub-regenerate", "ArrowRight")
    await expect(panel.get("regenerate")).to_be_visible()
    await panel.page.keyboard.press("Enter")
    await panel.says_branch(panel.answer, "2/2")
    wire.gate().release(0, finish=True)
    await panel.shows(said(1), status="complete")
    await panel.composer.focus()
    await tab_to(panel, "llmhub-branch-prev", "Shift+Tab")
    await panel.page.keyboard.press("Space")
    await panel.says_branch(panel.answer, "1/2")


async def tab_to(panel: Panel, test_id: str, key: str) -> None:
    """Press `key` until this has the focus, at most a dozen times; it must be seen there."""
    for _ in range(12):
        await panel.page.keyboard.press(key)
        if await panel.page.evaluate("document.activeElement?.dataset?.testid ?? ''") == test_id:
            return
    raise AssertionError(f"{key} does not reach {test_id}")


async def test_the_model_is_picked_by_keyboard(panel: Panel):
    await panel.get("model-picker").focus()
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("model-search")).to_be_focused()
    await panel.page.keyboard.type("gated-b")
    await expect(panel.get("model-option")).to_have_count(1)
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("model-picker")).to_have_attribute("data-model", "lab/gated-b")
    await expect(panel.composer).to_be_focused()
    await panel.get("model-picker").focus()
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("model-search")).to_be_focused()
    await panel.page.keyboard.press("Escape")
    await expect(panel.get("models")).to_have_count(0)
    await expect(panel.get("model-picker")).to_be_focused()


async def test_the_panel_is_reached_from_anywhere_by_its_shortcut(panel: Panel):
    await panel.page.locator(".jp-Launcher").focus()
    await panel.page.keyboard.press("Control+Shift+A")
    await expect(panel.composer).to_be_focused()
