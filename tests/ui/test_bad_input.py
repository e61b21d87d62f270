"""Too much, or the wrong thing: it is refused in words, and nothing that was written is lost."""

from __future__ import annotations

import base64

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import last_answer, stored, text_of
from .visitor import Visitor

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
DROP = """(composer, {name, type, size, data}) => {
  const transfer = new DataTransfer();
  const bytes = data ? Uint8Array.from(atob(data), letter => letter.charCodeAt(0)) : new Uint8Array(size);
  transfer.items.add(new File([bytes], name, {type}));
  const drop = new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true});
  composer.dispatchEvent(drop);
  return drop.defaultPrevented;
}"""
PASTE = """(composer, {name, type, size}) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(size)], name, {type}));
  composer.dispatchEvent(new ClipboardEvent('paste', {clipboardData: transfer, bubbles: true, cancelable: true}));
}"""


async def test_an_image_of_80_mb_is_refused_in_words_and_the_draft_stays(visitor: Visitor, panel: Panel):
    await panel.choose("lab/echo")
    await panel.composer.fill("Look at this")
    huge = {"name": "huge.png", "type": "image/png", "size": 80 * 2**20}
    for number, how in enumerate((DROP, PASTE), 1):
        await panel.composer.evaluate(how, huge)
        refusal = panel.get("upload")
        await expect(refusal).to_have_count(number)
        await expect(refusal.last).to_have_attribute("data-state", "failed")
        await expect(refusal.last).to_contain_text("huge.png")
        await expect(refusal.last).to_contain_text("80 MB")
        await expect(refusal.last).to_contain_text("20 MB")
    await expect(panel.composer).to_have_value("Look at this")
    assert not [request for request in visitor.requests if request.url.endswith("/files")]

    for left in (1, 0):
        await refusal.first.get_by_role("button", name="Remove").click()
        await expect(refusal).to_have_count(left)
    await panel.composer.press("Enter")
    await panel.shows("Look at this", status="complete")


async def test_what_is_neither_image_nor_text_is_refused_in_words(panel: Panel):
    assert await panel.composer.evaluate(DROP, {"name": "notes.exe", "type": "application/x-msdownload", "size": 10})
    await expect(panel.get("upload")).to_contain_text("notes.exe is neither text nor a PNG, JPEG, GIF or WebP image")


async def test_an_image_goes_along_with_the_message(panel: Panel, wire: WireServer):
    await panel.choose("lab/vision")
    picture = {"name": "dot.png", "type": "image/png", "data": base64.b64encode(PNG).decode()}
    await panel.composer.evaluate(DROP, picture)
    await expect(panel.get("chip")).to_have_count(1)
    await panel.send("What is this?")
    await panel.shows(f"I see 1: image/png of {len(PNG)} bytes", status="complete")
    await expect(panel.questions.last.locator("img")).to_be_visible()
    await expect(panel.get("chip")).to_have_count(0)
    assert len(wire.asked("vision")) == 1


async def test_a_message_of_10_mb_is_refused_in_words_and_stays_in_the_composer(panel: Panel, wire: WireServer):
    await panel.choose("lab/tokens-3-at-0")
    await panel.write("word " * (2 * 2**20))
    await panel.composer.press("Enter")
    await expect(panel.get("error")).to_contain_text("at most")
    assert await panel.composer.evaluate("field => field.value.length") == 10 * 2**20
    assert wire.asked("tokens-3-at-0") == []
    await panel.composer.fill("shorter")
    await panel.composer.press("Enter")
    await panel.shows("w0 w1 w2", status="complete")
    await expect(panel.get("error")).to_have_count(0)


async def test_a_line_of_a_million_characters_goes_there_and_back(panel: Panel, lab: JupyterProcess):
    line = "0123456789" * 100_000
    await panel.choose("lab/echo")
    await panel.write(line)
    await panel.composer.press("Enter")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    assert text_of((await stored(lab, panel))[0]) == line
    assert await last_answer(lab, panel) == line
    # Its words flow in after its end.
    shown = await panel.answer.locator(".jp-llmhub-markdown").element_handle()
    await panel.page.wait_for_function("([shown, line]) => shown.textContent.trim() === line", arg=[shown, line])
    await panel.send("And now something short")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    # The line is beyond the model's window, so it is summarised; `echo` says all it was told.
    await expect(panel.answer.locator(".jp-llmhub-markdown")).to_contain_text("And now something short")
