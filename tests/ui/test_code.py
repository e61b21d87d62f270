"""What can be done with the code, the tables and the pictures in an answer."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from playwright.async_api import Locator, Page, Route, expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .visitor import Visitor

CELL = {"cell_type": "code", "source": "first", "outputs": [], "metadata": {}, "execution_count": None, "id": "a"}
NOTEBOOK = {"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
LONG = "\n".join(f"print({number})" for number in range(60))
CODE = f"```python\nanswer = 42\n```\n\nA long one:\n\n```python\n{LONG}\n```\n"
TABLE = "| Town | People |\n|---|---|\n| Bern | 134,591 |\n| Chur | 38,400 |\n| Zug, ZG | 31,345 |\n"
# What a picture of one point is.
POINT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PICTURES = "![one](http://a.example/1.png) ![two](http://b.example/2.png)\n\n![three](http://a.example/3.png)\n"


async def answer(panel: Panel, wire: WireServer, text: str) -> Locator:
    """Have a model say this."""
    wire.lines["Please"] = text
    await panel.send("Please", "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    return panel.answer


async def clipboard(page: Page) -> str:
    return await page.evaluate("navigator.clipboard.readText()")


async def open_notebook(panel: Panel, lab: JupyterProcess, name: str) -> Locator:
    """A notebook with one cell and no kernel; its editors."""
    (Path(lab.root or "") / name).write_text(json.dumps(NOTEBOOK))
    await panel.run("docmanager:open", path=name, factory="Notebook")
    await expect(panel.page.locator(".jp-Dialog")).to_be_visible()  # which kernel? None.
    await panel.without_dialogs()
    cells = panel.page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-Cell .cm-content")
    await expect(cells).to_have_text(["first"])
    return cells


async def notebook_has_the_keys(panel: Panel) -> None:
    """What is done with code in a notebook leads there: a moment after the cells are there."""
    await expect(panel.page.locator(".jp-NotebookPanel:visible .jp-Notebook.jp-mod-commandMode:focus-within")).to_have_count(1)


async def test_code_is_copied_wrapped_unfolded_and_downloaded(visitor: Visitor, panel: Panel, wire: WireServer):
    await visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said = await answer(panel, wire, CODE)
    short, long = said.get_by_test_id("llmhub-code").first, said.get_by_test_id("llmhub-code").last
    await short.hover()
    await short.get_by_test_id("llmhub-code-copy").click()
    await expect(short.get_by_role("button", name="Copied")).to_be_visible()
    assert await clipboard(panel.page) == "answer = 42"

    wrap = long.get_by_test_id("llmhub-code-wrap")
    await wrap.click()
    await expect(wrap).to_have_attribute("aria-pressed", "true")
    await expect(long.locator("code")).to_have_css("white-space", "pre-wrap")
    await wrap.click()
    await expect(long.locator("code")).to_have_css("white-space", "pre")

    fold = long.get_by_test_id("llmhub-code-fold")
    await expect(fold).to_have_text("Show all 60 lines")
    await expect(fold).to_have_attribute("aria-expanded", "false")
    folded = await long.bounding_box()
    await fold.press("Enter")
    await expect(fold).to_have_text("Show less")
    unfolded = await long.bounding_box()
    assert folded is not None and unfolded is not None
    assert unfolded["height"] > folded["height"] * 1.5
    await fold.press("Enter")
    await expect(fold).to_have_text("Show all 60 lines")

    async with panel.page.expect_download() as downloading:
        await long.get_by_test_id("llmhub-code-download").click()
    download = await downloading.value
    assert download.suggested_filename == "code.py"
    assert (await download.path()).read_text() == LONG


async def test_code_goes_into_the_open_notebook_and_one_undo_takes_it_back(panel: Panel, lab: JupyterProcess, wire: WireServer):
    said = await answer(panel, wire, CODE)
    code = said.get_by_test_id("llmhub-code").first
    insert, replace = code.get_by_test_id("llmhub-code-insert-cell"), code.get_by_test_id("llmhub-code-replace-cell")
    for button, what in ((insert, "Insert as cell"), (replace, "Replace the active cell")):
        await expect(button).to_be_disabled()
        await expect(button).to_have_attribute("title", f"{what}: Open a notebook first")

    cells = await open_notebook(panel, lab, "code.ipynb")
    await insert.click()
    await expect(cells).to_have_text(["first", "answer = 42"])
    await notebook_has_the_keys(panel)
    await panel.page.keyboard.press("z")
    await expect(cells).to_have_text(["first"])

    await replace.click()
    await expect(cells).to_have_text(["answer = 42"])
    await notebook_has_the_keys(panel)
    await panel.page.keyboard.press("Enter")
    await panel.page.keyboard.press("Control+z")
    await expect(cells).to_have_text(["first"])

    await code.get_by_test_id("llmhub-code-new-notebook").click()
    await expect(cells).to_have_text(["answer = 42"])
    await code.get_by_test_id("llmhub-code-open-file").click()
    await expect(panel.page.locator(".jp-FileEditor:visible .cm-content")).to_have_text("answer = 42")
    await expect(panel.page.locator(".lm-DockPanel-tabBar .lm-mod-current", has_text="untitled.py")).to_be_visible()


async def test_a_table_is_sorted_by_keyboard_copied_and_read_into_the_notebook(
    visitor: Visitor, panel: Panel, lab: JupyterProcess, wire: WireServer
):
    await visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said = await answer(panel, wire, TABLE)
    towns = said.locator("tbody tr td:first-child")
    head = said.locator("th", has_text="People")
    await head.get_by_role("button").focus()
    for order, shown in (
        ("ascending", ["Zug, ZG", "Chur", "Bern"]),
        ("descending", ["Bern", "Chur", "Zug, ZG"]),
        (None, ["Bern", "Chur", "Zug, ZG"]),
        ("ascending", ["Zug, ZG", "Chur", "Bern"]),
    ):
        await panel.page.keyboard.press("Enter")
        await expect(towns).to_have_text(shown)
        if order is None:
            await expect(head).not_to_have_attribute("aria-sort", re.compile(""))
        else:
            await expect(head).to_have_attribute("aria-sort", order)

    await said.locator(".jp-llmhub-table").hover()
    await said.get_by_test_id("llmhub-table-copy").click()
    await expect(said.get_by_role("button", name="Copied")).to_be_visible()
    csv = 'Town,People\n"Zug, ZG","31,345"\nChur,"38,400"\nBern,"134,591"\n'
    assert await clipboard(panel.page) == csv

    frame = said.get_by_test_id("llmhub-table-dataframe")
    await expect(frame).to_be_disabled()
    await expect(frame).to_have_attribute("title", "Open a notebook first")
    cells = await open_notebook(panel, lab, "table.ipynb")
    await frame.click()
    await expect(cells).to_have_count(2)
    await expect(cells.last).to_contain_text("pd.read_csv")
    await expect(cells.last).to_contain_text('"Zug, ZG",31345')


async def test_pictures_from_elsewhere_come_only_from_the_host_that_was_clicked(visitor: Visitor, panel: Panel, wire: WireServer):
    asked: list[str] = []

    async def serve(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(body=POINT, content_type="image/png")

    await panel.page.route("http://*.example/**", serve)
    said = await answer(panel, wire, PICTURES)
    buttons = said.get_by_role("button", name="example")
    await expect(buttons).to_have_text([f"Load images from {host}.example" for host in "aba"])
    assert asked == []

    await buttons.first.click()
    pictures = said.locator("img")
    await expect(pictures).to_have_count(2)
    for name in ("one", "three"):
        picture = said.get_by_role("img", name=name)
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_js_property("naturalWidth", 1)
        await expect(picture).to_have_attribute("referrerpolicy", "no-referrer")
    await expect(buttons).to_have_text(["Load images from b.example"])
    assert sorted(asked) == ["http://a.example/1.png", "http://a.example/3.png"]
    assert sorted(visitor.strays) == sorted(asked)  # none of which has left: this test has answered them
    visitor.strays.clear()

    # Another conversation has not been asked.
    await panel.get("new-chat").click()
    said = await answer(panel, wire, PICTURES)
    await expect(said.get_by_role("button", name="example")).to_have_count(3)
    assert len(asked) == 2
