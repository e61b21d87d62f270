"""What can be asked where the hands are: in a cell's toolbar and menu, over its output, below a traceback, of what is selected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .test_starts import FAILED

SHOWN: dict[str, Any] = {
    "cell_type": "code",
    "execution_count": 2,
    "id": "b",
    "metadata": {},
    "source": "total = 41\nprint(total + 1)",
    "outputs": [{"output_type": "stream", "name": "stdout", "text": "forty-two\n"}],
}


async def open_notebook(panel: Panel, lab: JupyterProcess, name: str) -> Locator:
    """A notebook with a cell that failed and one that printed, without a kernel; its cells."""
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [FAILED, SHOWN]}
    (Path(lab.root or "") / name).write_text(json.dumps(notebook))
    await panel.run("docmanager:open", path=name, factory="Notebook", kernel={"name": ""})
    cells = panel.page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-CodeCell")
    await expect(cells).to_have_count(2)
    await expect(panel.page.locator(".jp-Dialog")).to_be_visible()  # which kernel? None.
    await panel.without_dialogs()
    return cells


def asked(wire: WireServer) -> str:
    return wire.asked("echo")[-1].body["messages"][-1]["content"]


async def test_an_error_a_cell_an_output_and_a_selection_are_asked_about_where_they_stand(
    panel: Panel, lab: JupyterProcess, wire: WireServer
):
    await panel.choose("lab/echo")
    await panel.write("a draft that stays")
    cells = await open_notebook(panel, lab, "hands.ipynb")
    await cells.first.get_by_test_id("llmhub-fix-error").click()
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    assert asked(wire).startswith("Why does this fail, and how do I mend it?\n\n```python\nrate = 1 / 0\n```")
    assert "ZeroDivisionError: division by zero" in asked(wire)
    await expect(panel.composer).to_have_value("a draft that stays")

    await cells.last.locator(".jp-Cell-outputWrapper").hover()
    await cells.last.get_by_test_id("llmhub-explain-output").click()
    await expect(panel.answers).to_have_count(2)
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    assert asked(wire).startswith("Explain what this output shows.")
    assert "print(total + 1)" in asked(wire) and "forty-two" in asked(wire)

    await cells.last.locator(".cm-line").first.dblclick(position={"x": 10, "y": 5})
    await panel.page.keyboard.press("Control+Shift+Enter")
    await expect(panel.get("chip")).to_contain_text("hands.ipynb, cell 2")
    await expect(panel.composer).to_be_focused()
    await expect(panel.composer).to_have_value("a draft that stays")
    await panel.get("chip").get_by_role("button", name="Remove").click()

    await expect(cells.last.locator('.jp-cell-toolbar [data-command="llmhub:cell-menu"]')).to_have_count(1)
    await panel.run("llmhub:cell-menu")
    await panel.page.get_by_role("menuitem", name="Ask…").click()
    await expect(panel.get("chip")).to_contain_text("hands.ipynb, cell 2")
    await expect(panel.composer).to_be_focused()

    # Above code is the handle by which it goes where it is dropped.
    handle = panel.answer.locator(".jp-llmhub-code-head").first
    await expect(handle).to_have_attribute("data-drags", "true")
    await handle.scroll_into_view_if_needed()
    await handle.hover(position={"x": 20, "y": 10})
    await panel.page.mouse.down()
    await cells.last.locator(".cm-line").last.hover()
    await panel.page.mouse.up()
    await expect(cells).to_have_count(3)
    await expect(cells.nth(1).locator(".cm-content")).to_have_text("total = 41print(total + 1)")
    await expect(panel.get("drop")).to_have_count(0)
