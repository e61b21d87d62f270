"""Writing a message: the queue, the menu, what goes along, several models."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import said
from .test_accessible import Inspector
from .visitor import Visitor

PASTE = """(field, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/plain', text);
  field.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
}"""


async def test_what_is_sent_meanwhile_waits_also_over_a_reload_and_is_sent_once(visitor: Visitor, panel: Panel, wire: WireServer):
    await panel.send("Go", "lab/gated")
    wire.gate().release(1)
    await panel.shows(said(1), status="running")
    for text in ("second", "third"):
        await panel.composer.fill(text)
        await panel.composer.press("Enter")
    await expect(panel.get("queued")).to_have_text(["second", "third"])
    await panel.get("queued-delete").last.click()
    await panel.reload()
    await expect(panel.get("queued")).to_have_text(["second"])
    other = await visitor.tab()
    await expect(other.get("queued")).to_have_text(["second"])

    wire.gate().release(0, finish=True)
    for tab in (panel, other):
        await expect(tab.questions).to_have_count(2)
        await expect(tab.get("queue")).to_have_count(0)
        await tab.shows(said(1), status="complete")
    assert len(wire.asked("gated")) == 2


async def test_a_message_that_waits_can_be_sent_now_and_a_stopped_answer_lets_it_wait(panel: Panel, wire: WireServer):
    await panel.send("Go", "lab/gated")
    wire.gate().release(2)
    await panel.shows(said(2), status="running")
    await panel.composer.fill("not so fast")
    await panel.composer.press("Enter")
    await panel.composer.press("Escape")
    await panel.get("stop").click()
    await panel.shows(said(2), status="stopped")
    await expect(panel.get("queue-why")).to_have_text("The answer was stopped, so this waits for you.")
    await expect(panel.questions).to_have_count(1)
    await panel.get("queued-now").click()
    await expect(panel.questions).to_have_count(2)
    await expect(panel.questions.last).to_contain_text("not so fast")
    await expect(panel.get("queue")).to_have_count(0)
    await panel.shows(said(2), status="running")
    await panel.composer.fill("right now")
    await panel.composer.press("Enter")
    await panel.get("queued-now").click()
    await expect(panel.answers.nth(1)).to_have_attribute("data-status", "stopped")
    await expect(panel.questions.last).to_contain_text("right now")


async def test_a_long_paste_and_files_outlive_a_reload_and_reach_the_model_as_text(
    lab: JupyterProcess, panel: Panel, wire: WireServer
):
    home = Path(lab.root)
    cell = {"cell_type": "code", "source": "1 + 1", "outputs": [], "metadata": {}, "execution_count": None, "id": "a"}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (home / "sums.ipynb").write_text(json.dumps(notebook))
    (home / "data.csv").write_text("a,b\n1,2\n")
    await panel.choose("lab/echo")
    await panel.composer.evaluate(PASTE, "A long line of a log.\n" * 200)
    await expect(panel.get("chip")).to_contain_text("Pasted text4.3 KB · ~1,100 tokens")

    await panel.composer.focus()
    await panel.page.keyboard.type("Compare @sums")
    await expect(panel.get("menu-option").first).to_contain_text("sums.ipynb")
    await panel.page.keyboard.press("Tab")
    await expect(panel.get("chip")).to_have_count(2)
    await expect(panel.composer).to_have_value("Compare sums.ipynb ")

    await panel.page.evaluate("jupyterapp.commands.execute('filebrowser:go-to-path', {path: 'data.csv', dontShowBrowser: false})")
    source = panel.page.locator(".jp-DirListing-item", has_text="data.csv")
    await source.hover()
    await panel.page.mouse.down()
    box = await panel.root.bounding_box()
    assert box is not None
    await panel.page.mouse.move(box["x"] + 60, box["y"] + 200, steps=6)
    await expect(panel.get("drop")).to_have_text("Attach 1 file")
    await panel.page.mouse.up()
    await expect(panel.get("chip")).to_have_count(3)
    await expect(panel.get("drop")).to_have_count(0)
    await panel.reload()
    await expect(panel.get("chip")).to_have_count(3)
    await expect(panel.get("chip").first).to_contain_text("Pasted text4.3 KB")
    await expect(panel.composer).to_have_value("Compare sums.ipynb ")
    await panel.composer.press("Enter")
    await expect(panel.answers).to_have_count(1)
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    asked = json.dumps(wire.asked("echo")[0].body, ensure_ascii=False)
    for words in ("A long line of a log.", "# %%", "1 + 1", "a,b", "Compare sums.ipynb"):
        assert words in asked
    await panel.questions.last.get_by_test_id("llmhub-file").last.click()
    await expect(panel.questions.last.get_by_test_id("llmhub-file-text")).to_have_text("a,b\n1,2")
    axe = Inspector(panel)
    await axe.look("a file unfolded")
    axe.is_content()


async def test_one_question_goes_to_several_models_and_their_answers_stand_side_by_side(panel: Panel, wire: WireServer):
    await panel.choose("lab/gated-a")
    await panel.page.keyboard.type("Which of you?")
    await panel.page.keyboard.press("Control+Enter")
    await expect(panel.get("several-search")).to_be_focused()
    await panel.page.keyboard.type("gated-b")
    await expect(panel.get("several-option")).to_have_count(1)
    await panel.page.keyboard.press("Space")
    await expect(panel.get("several-send")).to_have_text("Send to 2 models")
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("several")).to_have_count(0)
    tabs = panel.get("answer-tab")
    await expect(tabs).to_have_text(["gated-a", "gated-b"])
    wire.gate("gated-a").release(1)
    wire.gate("gated-b").release(2)
    await panel.shows(said(1), status="running")
    await tabs.first.press("ArrowRight")
    await expect(tabs.last).to_be_focused()
    await panel.shows(said(2), status="running")

    await panel.page.set_viewport_size({"width": 1500, "height": 800})
    await panel.resize(900)
    columns = panel.get("column")
    await expect(columns).to_have_count(2)
    boxes = [await columns.nth(at).bounding_box() for at in (0, 1)]
    assert boxes[0] and boxes[1] and abs(boxes[0]["y"] - boxes[1]["y"]) < 1, "not side by side"
    axe = Inspector(panel)
    await axe.look("answers side by side")
    await panel.reload()
    await panel.resize(900)  # JupyterLab may not have kept it yet
    await expect(columns.locator(".jp-llmhub-markdown")).to_have_text([said(1), said(2)])
    for name in ("gated-a", "gated-b"):
        wire.gate(name).release(1, finish=True)
    await expect(columns.locator(".jp-llmhub-markdown")).to_have_text([said(2), said(3)])
    await expect(panel.get("choose").last).to_be_enabled()
    await panel.get("choose").last.press("Enter")
    await panel.says_branch(panel.answer, "2/2")
    await panel.shows(said(3), status="complete")
    await expect(panel.composer).to_be_focused()
    await expect(panel.get("model-picker")).to_have_attribute("data-model", "lab/gated-b")
    await panel.resize(300)
    await panel.get("compare").click()
    await expect(tabs).to_have_count(2)
    await axe.look("answers under tabs")
    axe.is_content()
    assert [len(wire.asked(name)) for name in ("gated-a", "gated-b")] == [1, 1]


async def test_up_edits_the_last_message_and_commands_are_typed(panel: Panel, wire: WireServer):
    await panel.send("one", "lab/echo")
    await panel.shows("one", status="complete")
    await panel.composer.press("ArrowUp")
    await expect(panel.get("edit-input")).to_be_focused()
    await panel.page.keyboard.press("Escape")
    await expect(panel.get("edit-input")).to_have_count(0)
    await panel.composer.focus()
    await panel.page.keyboard.type("/title A better name")
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("title")).to_have_text("A better name")
    await panel.page.keyboard.type("/system Speak like a pirate.")
    await panel.page.keyboard.press("Enter")
    await expect(panel.get("instructed")).to_contain_text("Speak like a pirate.")
    await panel.page.keyboard.type("/exp")
    await expect(panel.get("menu-option").first).to_contain_text("/export")
    await panel.page.keyboard.press("Enter")  # a format may follow
    async with panel.page.expect_download() as started:
        await panel.page.keyboard.press("Enter")
    download = await started.value
    assert download.suggested_filename == "A better name.md"
    text = Path(await download.path()).read_text()
    assert text.startswith("# A better name\n\n## You · ")
    assert text.endswith("one\n")
    await panel.send("two")
    await panel.shows("two", status="complete")
    assert "Speak like a pirate." in json.dumps(wire.asked("echo")[-1].body)


async def test_the_menu_leaves_a_composition_alone(panel: Panel, wire: WireServer):
    await panel.choose("lab/echo")
    await panel.page.keyboard.type("見て @")
    await expect(panel.get("menu-option").first).to_be_visible()
    keyboard = await panel.page.context.new_cdp_session(panel.page)
    await keyboard.send("Input.imeSetComposition", {"text": "えこ", "selectionStart": 2, "selectionEnd": 2})
    for key in ("ArrowDown", "Enter", "Escape"):
        for kind in ("rawKeyDown", "keyUp"):
            await keyboard.send("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": 229})
    await keyboard.send("Input.insertText", {"text": "エコ"})
    await expect(panel.composer).to_have_value("見て @エコ")
    await expect(panel.get("answerer")).to_have_count(0)
    await expect(panel.get("menu-saying")).to_contain_text("エコ")
    await panel.page.keyboard.press("Enter")
    await panel.shows("見て @エコ", status="complete")
    assert len(wire.asked("echo")) == 1
