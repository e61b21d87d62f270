"""An empty chat offers what lies around it: the notebook, its last error, the file, and what was asked lately."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel

FAILED: dict[str, Any] = {
    "cell_type": "code",
    "execution_count": 1,
    "id": "a",
    "metadata": {},
    "source": "rate = 1 / 0",
    "outputs": [
        {
            "output_type": "error",
            "ename": "ZeroDivisionError",
            "evalue": "division by zero",
            "traceback": ["\x1b[31mZeroDivisionError\x1b[0m: division by zero"],
        }
    ],
}


def write(lab: JupyterProcess, name: str, text: str) -> None:
    assert lab.root is not None
    (lab.root / name).write_text(text)


async def open_file(panel: Panel, path: str) -> None:
    command = "async path => { await jupyterapp.commands.execute('docmanager:open', {path, kernel: {name: ''}}); }"
    await panel.page.evaluate(command, path)


async def test_the_open_notebook_and_its_error_are_somewhere_to_start(panel: Panel, lab: JupyterProcess, wire: WireServer):
    write(lab, "rates.ipynb", json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [FAILED]}))
    write(lab, "rates.py", "RATE = 0.25\n")
    await panel.choose("lab/echo")
    starts = panel.get("start")
    await expect(starts).to_have_count(3)
    await open_file(panel, "rates.ipynb")
    await expect(panel.page.locator(".jp-Dialog")).to_contain_text("Kernel")  # none is wanted
    await panel.without_dialogs()
    await expect(starts.first).to_contain_text("Explain the error in rates.ipynb")
    await expect(starts.first).to_contain_text("ZeroDivisionError: division by zero")
    await starts.first.click()
    await expect(panel.composer).to_be_focused()
    await expect(panel.composer).to_have_value(
        "Why does this fail, and how do I mend it?\n\n```python\nrate = 1 / 0\n```\n\n"
        "```\nZeroDivisionError: division by zero\n```\n"
    )

    await panel.composer.fill("")
    await panel.root.get_by_role("button", name="Explain rates.ipynb").click()
    await expect(panel.get("chip")).to_contain_text("rates.ipynb")
    await panel.get("chip").get_by_role("button", name="Remove").click()
    await open_file(panel, "rates.py")
    await panel.root.get_by_role("button", name="Explain rates.py").click()
    await expect(panel.get("chip")).to_contain_text("rates.py")
    await expect(panel.composer).to_have_value("Explain this file: what is in it, and what is it for?")
    await panel.composer.press("Enter")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    assert "RATE = 0.25" in json.dumps(wire.asked("echo")[-1].body)


async def test_what_was_asked_lately_is_one_click_away(panel: Panel, lab: JupyterProcess):
    for title in ("First", "Second", "Third", "Fourth", "Fifth"):
        await lab.call("POST", "conversations", {"title": title})
    recent = panel.get("recent")
    await expect(recent.locator(".jp-llmhub-item-title")).to_have_text(["Fifth", "Fourth", "Third", "Second"])
    await recent.nth(1).click()
    await expect(panel.get("title")).to_have_text("Fourth")
