"""Code that is completed as it is typed, once somebody has switched it on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from tests.providers.wire_server import Record, WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .test_hands import open_notebook

# What is written, without the grey text that may follow it again at once.
IS_WRITTEN = "code => jupyterapp.shell.currentWidget.content.widgets.at(-1).model.sharedModel.getSource().trimEnd() === code"
SWITCH = "on => jupyterapp.commands.execute('llmhub:toggle-completion', {on})"


def asked(wire: WireServer, code: str) -> list[Record]:
    """The requests for code that ends so. Between two keys of a slow machine there may be others."""
    return [record for record in wire.asked("gated-b") if record.body["prompt"].endswith(code)]


@pytest_asyncio.fixture(loop_scope="package")
async def completing(panel: Panel) -> AsyncIterator[Panel]:
    """With completion on, which JupyterLab keeps for all pages."""
    await panel.page.evaluate(SWITCH, True)
    yield panel
    await panel.page.evaluate(SWITCH, False)


async def test_code_is_completed_in_a_notebook_until_somebody_types_on_and_tab_takes_it(
    completing: Panel, lab: JupyterProcess, wire: WireServer
):
    page, gate = completing.page, wire.gate("gated-b")
    cells = await open_notebook(completing, lab, "completed.ipynb")
    ghost = page.locator(".jp-GhostText:not(.jp-GhostText-lineSpacer, .jp-GhostText-letterSpacer)")
    await cells.last.locator(".cm-content").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("\ny = ")
    code = "rate = 1 / 0\n\ntotal = 41\nprint(total + 1)\ny = "
    await wire.until(lambda: bool(asked(wire, code)))
    first = asked(wire, code)[0]
    assert first.body["suffix"] == ""
    gate.release(1)
    await expect(ghost).to_contain_text("t0")
    gate.release(1)
    await expect(ghost).to_contain_text("t0 t1")

    await page.keyboard.type("4")
    await wire.until(lambda: first.ended == "left" and bool(asked(wire, f"{code}4")))
    gate.release(1, finish=True)
    await expect(ghost).to_contain_text("t0 t1 t2")
    await page.keyboard.press("Tab")
    await page.wait_for_function(IS_WRITTEN, arg=f"{code}4t0 t1 t2".removeprefix("rate = 1 / 0\n\n"))
    await expect(completing.questions).to_have_count(0)


async def test_in_a_console_code_is_completed_after_what_was_entered_and_an_error_can_be_asked_about(
    completing: Panel, lab: JupyterProcess, wire: WireServer
):
    page = completing.page
    await completing.choose("lab/echo")
    await completing.run("console:create", kernelPreference={"name": "python3"}, activate=True)
    console = page.locator(".jp-CodeConsole")
    prompt = console.locator(".jp-CodeConsole-promptCell .cm-content")
    await expect(console.locator(".jp-CodeConsole-banner")).to_contain_text("Python")  # the kernel is there
    await prompt.click()
    await page.keyboard.type("rate = 1 / 0")
    await page.keyboard.press("Shift+Enter")
    await expect(console.get_by_test_id("llmhub-fix-error")).to_be_visible()
    await prompt.click()
    await page.keyboard.type("y = ")
    await wire.until(lambda: bool(asked(wire, "rate = 1 / 0\n\ny = ")))
    await console.get_by_test_id("llmhub-fix-error").click()
    await expect(completing.answer).to_have_attribute("data-status", "complete")
    question = wire.asked("echo")[-1].body["messages"][-1]["content"]
    assert question.startswith("Why does this fail, and how do I mend it?\n\n```python\nrate = 1 / 0\n```")
    assert "ZeroDivisionError: division by zero" in question
