"""A chat in a cell's output: the kernel's conversation, gone on with there, and kept in the notebook."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel

# JupyterLab's own commands for it ask whether to throw away what is not saved yet.
REOPEN = """async () => {
  const { context } = [...jupyterapp.shell.widgets('main')].find(widget => widget.context?.path === 'chat.ipynb');
  await context.save();
  await context.sessionContext.shutdown();
  await context.revert();
}"""


def notebook_of(*cells: str) -> str:
    """The text of a notebook with that code."""
    told = [
        {"cell_type": "code", "source": code, "outputs": [], "metadata": {}, "execution_count": None, "id": f"c{number}"}
        for number, code in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": told, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


async def test_a_chat_in_an_output_is_gone_on_with_there_and_kept(panel: Panel, lab: JupyterProcess, wire: WireServer):
    file = Path(lab.root or "") / "chat.ipynb"
    file.write_text(notebook_of("import llmhub\nllmhub.Chat(model='lab/echo')"))
    page = panel.page
    await panel.run("docmanager:open", path="chat.ipynb", factory="Notebook", kernel={"name": "python3"})
    await expect(page.get_by_role("button", name="Python 3 (ipykernel) | Idle")).to_be_visible()
    await panel.run("notebook:run-all-cells")
    written = page.get_by_test_id("llmhub-cell-input")
    await written.fill("Hello **you**")
    await written.press("Enter")
    answer = page.get_by_test_id("llmhub-cell-message").last
    await expect(answer).to_have_attribute("data-status", "complete")
    await expect(answer.locator("strong")).to_have_text("you")
    await expect(written).to_have_value("")
    still = page.locator(".llmhub-still")
    await expect(still.locator("article")).to_have_count(2)
    # The kernel tells the live view first; what the notebook keeps follows.
    await expect(still.locator("article").last.locator("p strong")).to_have_text("you")
    await expect(still).to_be_hidden()  # it stands above, live
    [conversation] = (await lab.call("GET", "conversations"))["items"]
    assert conversation["title"], "the panel has it in its list"

    await page.evaluate(REOPEN)
    await expect(still).to_be_visible()
    await expect(still.locator("p strong").first).to_have_text("you")
    await expect(page.get_by_text("Error displaying widget")).to_be_hidden()
    assert "sk-test-key" not in file.read_text()
