"""Variables of a live kernel and open notebooks go along with a message, after it was seen what leaves the machine."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel

CODE = "import pandas as pd\ndf = pd.DataFrame({'email': ['a@b.example', 'c@d.example'], 'paid': [1, 90]})\nlen(df)"


async def test_a_variable_goes_along_after_it_was_seen_and_without_the_columns_that_stay(
    panel: Panel, lab: JupyterProcess, wire: WireServer
):
    cell = {"cell_type": "code", "source": CODE, "outputs": [], "metadata": {}, "execution_count": None, "id": "a"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (Path(lab.root or "") / "live.ipynb").write_text(json.dumps(notebook))
    await panel.choose("lab/echo")
    await panel.run("docmanager:open", path="live.ipynb", factory="Notebook", kernel={"name": "python3"})
    page = panel.page
    await expect(page.get_by_role("button", name="Python 3 (ipykernel) | Idle")).to_be_visible()
    await panel.run("notebook:run-all-cells")
    await expect(page.locator(".jp-OutputArea-output:visible").last).to_have_text("2")

    await panel.composer.press_sequentially("What is in @df")
    option = panel.get("menu-option").filter(has_text="pandas.DataFrame")
    await expect(option).to_contain_text("2 × 2")
    await panel.composer.press("Enter")
    text = panel.get("live-text")
    await expect(text).to_contain_text("a@b.example,1")
    await panel.get("live").get_by_label("email").uncheck()
    await expect(text).not_to_contain_text("example")
    await panel.get("live-attach").click()
    await expect(panel.get("chip")).to_contain_text("df.txt")
    await panel.composer.press("Enter")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    sent = json.dumps(wire.asked("echo")[-1].body)
    assert "What is in df" in sent and "paid (int64): min 1, max 90" in sent and "email" not in sent and "@" not in sent

    # What is not saved goes along too, and the kernel's history knows nothing of it.
    await page.locator(".jp-Notebook:visible .cm-content").first.fill("In[-2:]  # not saved")
    await panel.run("notebook:run-cell")
    await expect(page.locator(".jp-OutputArea-output:visible").last).to_contain_text("import pandas")
    await panel.run("llmhub:attach-nearby", what="notebook")
    await panel.get("chip-open").click()
    await expect(panel.get("paste-text")).to_have_value("# %%\nIn[-2:]  # not saved\n# Output:\n" + await output(panel))


async def test_the_paperclip_offers_by_keyboard_what_can_go_along_and_says_what_cannot(panel: Panel, lab: JupyterProcess):
    out = {"output_type": "stream", "name": "stdout", "text": "42\n"}
    cell = {"cell_type": "code", "source": "print(42)", "outputs": [out], "metadata": {}, "execution_count": 1, "id": "a"}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (Path(lab.root or "") / "saved.ipynb").write_text(json.dumps(notebook))
    await panel.run("docmanager:open", path="saved.ipynb", factory="Notebook", kernel={"name": ""})
    await expect(panel.page.locator(".jp-OutputArea-output:visible")).to_have_text("42")
    await expect(panel.page.locator(".jp-Dialog")).to_be_visible()  # which kernel? None.
    await panel.without_dialogs()
    await panel.get("attach").focus()
    await panel.page.keyboard.press("Enter")
    menu = panel.get("attach-menu")
    impossible = menu.get_by_role("option", disabled=True)
    await expect(impossible.filter(has_text="Last error")).to_contain_text("No cell has failed")
    await expect(menu).to_contain_text("Variables can be attached while a kernel is running.")
    await panel.page.keyboard.type("output of")
    await panel.page.keyboard.press("Enter")
    await expect(menu).to_have_count(0)
    await expect(panel.composer).to_be_focused()
    await panel.get("chip-open").click()
    await expect(panel.get("paste-text")).to_have_value("```python\nprint(42)\n```\n\n```\n42\n```\n")
    async with panel.page.expect_file_chooser():
        await panel.get("attach").click()
        await panel.page.keyboard.press("Enter")


async def output(panel: Panel) -> str:
    shown = await panel.page.locator(".jp-OutputArea-output:visible").last.inner_text()
    return "".join(f"# {line}\n" for line in shown.strip().split("\n"))
