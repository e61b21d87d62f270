"""Jupyter Notebook 7: the same panel, on the page of a notebook and beside the files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import TOKEN, JupyterProcess

from .again import becomes
from .conftest import lab_in, ui_settings
from .panel import Panel
from .test_cells import notebook_of
from .visitor import Arrive

NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def notebook_server(models: WireServer, tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("notebook")
    server = lab_in(folder, ui_settings(models), app="notebook")
    (folder / "home" / "work.ipynb").write_text(json.dumps(NOTEBOOK))
    async with server:
        yield server


async def test_a_newcomer_whose_browser_stores_nothing_sees_the_panel_too(
    notebook_server: JupyterProcess, wire: WireServer, arrive: Arrive
):
    visitor = await arrive(notebook_server.url)
    await visitor.context.add_init_script(FORBIDDEN)
    panel = Panel(await visitor.context.new_page())
    await panel.page.goto(f"{notebook_server.url}tree?token={TOKEN}", wait_until="commit")
    await panel.is_there()
    await panel.send("stored nowhere", "lab/echo")
    await panel.shows("stored nowhere", status="complete")


FORBIDDEN = """
for (const name of ['getItem', 'setItem', 'removeItem']) {
  const real = Storage.prototype[name];
  Storage.prototype[name] = function (key, ...rest) {
    if (String(key).startsWith('llmhub')) throw new DOMException('denied', 'SecurityError');
    return real.call(this, key, ...rest);
  };
}"""


async def test_the_panel_answers_beside_the_files_and_beside_a_notebook(
    notebook_server: JupyterProcess, wire: WireServer, arrive: Arrive
):
    visitor = await arrive(notebook_server.url)
    panel = Panel(await visitor.context.new_page())
    await panel.page.goto(f"{notebook_server.url}tree?token={TOKEN}", wait_until="commit")
    await panel.is_there()  # a newcomer sees it without a click
    await panel.send("beside the files", "lab/echo")
    await panel.shows("beside the files", status="complete")
    await expect(panel.get("open-tab")).to_have_count(0)  # there are no tabs here

    await panel.page.goto(f"{notebook_server.url}notebooks/work.ipynb", wait_until="commit")
    await expect(panel.page.locator(".jp-Dialog")).to_be_visible()  # which kernel? None.
    await panel.without_dialogs()
    await panel.page.get_by_role("menuitem", name="View").click()
    await panel.page.locator(".lm-Menu-item").filter(has_text=re.compile("^Open chat")).click()
    await panel.is_there()
    await panel.shows("beside the files", status="complete")
    await panel.send("beside a notebook")
    await panel.shows("beside a notebook", status="complete")
    await panel.composer.press("Control+k")
    await panel.page.keyboard.press("n")
    await expect(panel.answers).to_have_count(0)
    await panel.run("llmhub:open-tab", conversation=(await notebook_server.call("GET", "conversations"))["items"][0]["id"])
    await panel.shows("beside a notebook", status="complete")


KERNEL_IS_IDLE = "() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"


async def test_several_models_answer_side_by_side_in_an_output_and_one_is_gone_on_with(
    notebook_server: JupyterProcess, wire: WireServer, arrive: Arrive
):
    code = "import llmhub\nllmhub.Compare(['lab/echo', 'lab/markdown'])"
    (Path(notebook_server.root or "") / "compare.ipynb").write_text(notebook_of(code))
    visitor = await arrive(notebook_server.url)
    page = await visitor.context.new_page()
    await page.goto(f"{notebook_server.url}notebooks/compare.ipynb?token={TOKEN}", wait_until="commit")
    await page.wait_for_function(KERNEL_IS_IDLE, timeout=60_000)
    await Panel(page).run("notebook:run-all-cells")
    written = page.get_by_test_id("llmhub-cell-input")
    await written.fill("Which of **you**?")
    await written.press("Enter")
    columns = page.get_by_test_id("llmhub-column")
    await expect(columns.locator('[data-status="complete"]')).to_have_count(2)
    await expect(columns.first.locator("strong").last).to_have_text("you")
    await columns.last.get_by_test_id("llmhub-cell-choose").click()
    await expect(columns.last).to_have_attribute("data-shown", "true")
    conversation = (await notebook_server.call("GET", "conversations"))["items"][0]

    async def shown() -> tuple[str, int]:
        answer = (await notebook_server.call("GET", f"conversations/{conversation['id']}/messages"))["items"][-1]
        return answer["model"], len(answer["sibling_ids"])

    await becomes(shown, ("lab/markdown", 2))
