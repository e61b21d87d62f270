"""What a model has changed is run when a person says so; an error goes back to it, until the cells run."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .test_proposal import cell

FAILED = "Running cell 1 failed: ZeroDivisionError: division by zero. Mend it."


def proposal(source: str) -> str:
    return f"So:\n\n```notebook-edits\n{json.dumps([{'op': 'replace', 'cell': 'a', 'source': source}])}\n```\n"


async def test_what_was_changed_is_run_and_its_error_goes_back_until_it_runs(panel: Panel, lab: JupyterProcess, wire: WireServer):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [cell("a", "share = 1"), cell("b", "print(share)")]
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (Path(lab.root or "") / "shares.ipynb").write_text(json.dumps(notebook))
    wire.lines["Share it"] = proposal("people = 0\nshare = 10 / people")
    wire.lines[FAILED] = proposal("people = 4\nshare = 10 / people")
    await panel.choose("lab/echo")
    await panel.run("docmanager:open", path="shares.ipynb", factory="Notebook", kernel={"name": "python3"})
    await expect(panel.page.locator(".jp-NotebookPanel:visible .jp-Cell")).to_have_count(2)
    await panel.run("llmhub:change-notebook", request="Share it")
    first = panel.get("proposal").first
    await first.get_by_test_id("llmhub-proposal-apply").click()
    outputs = panel.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output")
    await first.get_by_test_id("llmhub-trial-below").check()
    await expect(outputs).to_have_count(0)  # nothing runs without consent
    await first.get_by_test_id("llmhub-trial-run").click()
    status = first.get_by_test_id("llmhub-trial-status")
    await expect(status).to_have_text("Cell 1 failed: ZeroDivisionError: division by zero.")
    await expect(outputs).to_contain_text(["ZeroDivisionError"])
    assert len(wire.asked("echo")) == 1, "nothing is sent without consent"
    await expect(first.get_by_test_id("llmhub-trial-report")).to_contain_text("people (int): 0")
    await first.get_by_test_id("llmhub-trial-ask").click()

    second = panel.get("proposal").nth(1)
    await expect(second).to_contain_text("Round 1 of 3")
    sent = wire.asked("echo")[-1].body["messages"][-1]["content"]
    assert "share = 10 / people" in sent and "line 2" in sent and "people (int): 0" in sent
    await second.get_by_test_id("llmhub-proposal-apply").click()
    await expect(second.get_by_test_id("llmhub-trial-status")).to_have_text("2 cells ran without an error.")
    await expect(second.get_by_test_id("llmhub-trial")).to_contain_text("2.5")
    await expect(outputs).to_have_text(["2.5"])  # in the notebook itself
