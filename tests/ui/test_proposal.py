"""A model proposes changes to the open notebook; nothing changes before they are accepted, and one undo takes them back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel

LOAD = "import pandas as pd\n\ndf = pd.read_csv('towns.csv')\n\ndf.describe()"
SHOW = "print('done')"
POLARS = LOAD.replace("pandas as pd", "polars as pl").replace("pd.", "pl.")
EDITS = [
    {"op": "replace", "cell": "load", "source": POLARS},
    {"op": "insert", "id": "new-1", "after": "load", "type": "code", "source": "df.head()"},
    {"op": "delete", "cell": "show"},
]
ANSWER = f"With polars:\n\n```notebook-edits\n{json.dumps(EDITS)}\n```\n"


def cell(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": [], "metadata": {}, "execution_count": None, "id": name}


async def test_proposed_changes_are_seen_accepted_in_part_and_taken_back(panel: Panel, lab: JupyterProcess, wire: WireServer):
    notebook = {"cells": [cell("load", LOAD), cell("show", SHOW)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (Path(lab.root or "") / "towns.ipynb").write_text(json.dumps(notebook))
    wire.lines["Use polars"] = ANSWER
    await panel.choose("lab/echo")
    await panel.run("docmanager:open", path="towns.ipynb", factory="Notebook", kernel={"name": ""})
    await expect(panel.page.locator(".jp-Dialog")).to_be_visible()  # which kernel? None.
    await panel.without_dialogs()
    cells = panel.page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-Cell .cm-content")
    await expect(cells).to_have_count(2)

    before = [re.sub(r"\n", "", source) for source in (LOAD, SHOW)]  # lines are elements of their own
    await expect(cells).to_have_text(before)
    await panel.run("llmhub:cell-menu")
    await panel.page.get_by_role("menuitem", name="Change…").click()
    await expect(panel.get("chip")).to_contain_text("towns.ipynb")
    await panel.composer.press_sequentially("Use polars")
    await panel.composer.press("Enter")
    card = panel.get("proposal")
    await expect(card.get_by_test_id("llmhub-proposal-cell")).to_have_count(3)
    sent = wire.asked("echo")[-1].body["messages"][-1]["content"]
    assert '"This cell" or "these cells" are: load' in sent and json.dumps(SHOW) in sent
    await expect(cells).to_have_text(before)  # nothing changes without consent

    # The import and the new cell are accepted; how the data is read and what is removed are not.
    await card.get_by_label("Part 2 of 2").uncheck()
    await card.get_by_label("Cell 2 is removed").uncheck()
    await card.get_by_test_id("llmhub-proposal-apply").click()
    await expect(cells).to_have_count(3)
    await expect(cells.first).to_contain_text("import polars as pl")
    await expect(cells.first).to_contain_text("df = pd.read_csv")
    await expect(cells.nth(1)).to_have_text("df.head()")
    await panel.run("notebook:undo-cell-action")
    await expect(cells).to_have_text(before)  # one undo takes all of it back

    # What is edited meanwhile is kept: what would overwrite it does not fit any more, the rest does.
    await cells.first.locator(".cm-line", has_text="import").click()
    await panel.page.keyboard.press("End")
    await panel.page.keyboard.type("  # mine")
    await expect(card).to_contain_text("these lines were edited meanwhile")
    await card.get_by_label("Cell 1 is changed").check()
    await card.get_by_label("Cell 2 is removed").check()
    await card.get_by_test_id("llmhub-proposal-apply").click()
    await expect(cells).to_have_count(2)
    await expect(cells.first).to_contain_text("import pandas as pd  # mine")
    await expect(cells.first).to_contain_text("df = pl.read_csv")
    await card.get_by_test_id("llmhub-proposal-undo").click()
    await expect(cells.last).to_have_text(SHOW)
    await expect(cells.first).to_contain_text("# mine")
