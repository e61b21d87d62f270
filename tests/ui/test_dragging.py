"""What is dragged into the panel, or sent there from a notebook: the overlay says what will happen, and it does."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .test_bad_input import PNG

PLOT = {"output_type": "display_data", "data": {"image/png": base64.b64encode(PNG).decode()}, "metadata": {}}
WORDS = {"output_type": "stream", "name": "stdout", "text": "forty-two\n"}


async def drag(panel: Panel, source: Locator, says: str) -> None:
    """Drag into the panel, look at what is said there, and let go."""
    box = await panel.root.bounding_box()
    assert box is not None
    await source.hover()
    await panel.page.mouse.down()
    await panel.page.mouse.move(box["x"] + 60, box["y"] + 200, steps=8)
    await expect(panel.get("drop")).to_have_text(says)
    await panel.page.mouse.up()
    await expect(panel.get("drop")).to_have_count(0)


async def test_a_cell_and_its_outputs_come_from_a_notebook_by_dragging_and_by_its_menu(
    lab: JupyterProcess, panel: Panel, wire: WireServer
):
    cells = [
        {"cell_type": "code", "source": "print(42)", "outputs": [WORDS], "metadata": {}, "execution_count": 1, "id": "a"},
        {"cell_type": "code", "source": "plot()", "outputs": [PLOT], "metadata": {}, "execution_count": 2, "id": "b"},
    ]
    (Path(lab.root) / "drag.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    await panel.choose("lab/echo")
    await panel.run("docmanager:open", path="drag.ipynb", factory="Notebook")
    await expect(panel.page.locator(".jp-Dialog")).to_be_visible()  # which kernel? None.
    await panel.without_dialogs()
    notebook = panel.page.locator(".jp-NotebookPanel")
    cell = notebook.locator(".jp-CodeCell")
    await expect(cell).to_have_count(2)
    chip = panel.get("chip")

    await cell.first.locator(".jp-InputPrompt").click()
    await drag(panel, cell.first.locator(".jp-InputPrompt"), "Attach 1 cell as text")
    await expect(chip).to_have_count(1)
    await expect(chip.first).to_contain_text("drag.ipynb, cell 1.py")

    await drag(panel, cell.last.locator(".jp-OutputArea img"), "Attach the image")
    await expect(chip).to_have_count(2)
    await expect(chip.last).to_have_attribute("data-type", "image")

    await cell.first.locator(".jp-OutputArea-output").click(button="right")
    await panel.page.locator(".lm-Menu-item", has_text="Attach the output to the chat").click()
    await expect(chip).to_have_count(3)
    await expect(chip.last).to_contain_text("output.txt")
    await expect(panel.composer).to_be_focused()

    await panel.send("What is this?")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    asked = json.dumps(wire.asked("echo")[0].body)
    for words in ("print(42)", "forty-two"):
        assert words in asked
    files = panel.questions.last.get_by_test_id("llmhub-file")
    await files.last.click()
    await expect(panel.questions.last.get_by_test_id("llmhub-file-text")).to_have_text("forty-two")
    await panel.questions.last.get_by_test_id("llmhub-enlarge").press("Enter")
    await expect(panel.page.get_by_test_id("llmhub-lightbox")).to_be_visible()
    await panel.page.keyboard.press("Escape")
    await expect(panel.page.get_by_test_id("llmhub-lightbox")).to_have_count(0)
    await panel.page.evaluate("jupyterapp.serviceManager.sessions.shutdownAll()")
