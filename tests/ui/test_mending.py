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
    run = first.get_by_test_id("llmhub-trial-run")
    colour = await run.evaluate("button => getComputedStyle(button).color")
    await expect(run.locator("svg path")).to_have_css("fill", colour)  # seen on the button's ground as its words are
    await run.click()
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

    # The kernel is restarted in the middle: it is said, and nothing more is run.
    wire.lines["Wait"] = proposal("import threading\nprint('waits', flush=True)\nthreading.Event().wait()")
    await panel.run("llmhub:change-notebook", request="Wait")
    third = panel.get("proposal").nth(2)
    await third.get_by_test_id("llmhub-proposal-apply").click()
    await third.get_by_test_id("llmhub-trial-below").check()
    await third.get_by_test_id("llmhub-trial-run").click()
    await expect(outputs.first).to_contain_text("waits")
    await panel.run("kernelmenu:restart")
    await panel.page.get_by_role("button", name="Confirm Kernel Restart").click()
    await expect(third.get_by_test_id("llmhub-trial-status")).to_have_text(
        "The kernel ended or was restarted meanwhile. Nothing more was run."
    )
    await expect(outputs).to_contain_text(["waits", "2.5"])  # the cell below was not run
    await expect(panel.page.get_by_role("button", name="| Idle")).to_be_visible()
