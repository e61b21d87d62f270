"""What a model has changed is run in a real kernel, which is stopped, killed, or given a mend by itself."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .test_mending import proposal
from .test_proposal import cell

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
# Says which process it is, and then waits for what does not come.
WAITING = "import os, threading\nprint('I am', os.getpid(), flush=True)\nthreading.Event().wait()"


async def apply(panel: Panel, lab: JupyterProcess, wire: WireServer, *, source: str) -> Locator:
    """Have this put into the first cell of a notebook with a kernel, and see the second run with it when that is run."""
    notebook = {
        "cells": [cell("a", "share = 1"), cell("b", "print('went on')")],
        "metadata": {"kernelspec": KERNEL},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (Path(lab.root or "") / "real.ipynb").write_text(json.dumps(notebook))
    wire.lines["Change it"] = proposal(source)
    await panel.choose("lab/echo")
    await panel.run("docmanager:open", path="real.ipynb", factory="Notebook", kernel={"name": "python3"})
    await expect(panel.page.locator(".jp-NotebookPanel:visible .jp-Cell")).to_have_count(2)
    await panel.run("llmhub:change-notebook", request="Change it")
    card = panel.get("proposal").first
    await card.get_by_test_id("llmhub-proposal-apply").click()
    await card.get_by_test_id("llmhub-trial-below").check()
    return card


async def test_a_run_is_stopped_in_the_middle_of_a_cell_and_a_killed_kernel_ends_it_too(
    panel: Panel, lab: JupyterProcess, wire: WireServer
):
    card = await apply(panel, lab, wire, source=WAITING)
    outputs = panel.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output")
    status = card.get_by_test_id("llmhub-trial-status")
    await card.get_by_test_id("llmhub-trial-run").click()
    await expect(outputs.first).to_contain_text("I am")
    await expect(status).to_have_text("Running 1 of 2…")
    await card.get_by_test_id("llmhub-trial-stop").click()
    await expect(status).to_have_text("Stopped.")
    await expect(outputs.last).to_contain_text("KeyboardInterrupt")
    await expect(outputs.get_by_text("went on")).to_have_count(0)
    await expect(card.get_by_test_id("llmhub-trial-ask")).to_have_count(0)  # there is nothing to mend

    await card.get_by_test_id("llmhub-trial-run").click()
    await expect(outputs).to_have_count(1)  # what stood there before is gone
    await expect(outputs.first).to_contain_text("I am")
    said = await outputs.first.inner_text()
    os.kill(int(said.split()[-1]), signal.SIGKILL)
    await expect(status).to_have_text("The kernel ended or was restarted meanwhile. Nothing more was run.")
    await expect(card.get_by_test_id("llmhub-trial")).to_contain_text("Cell 1 did not come to its end")
    await expect(outputs.get_by_text("went on")).to_have_count(0)
    assert len(wire.asked("echo")) == 1, "neither is an error that a model could mend"


async def test_an_error_is_mended_and_run_by_itself_where_that_was_agreed_to(panel: Panel, lab: JupyterProcess, wire: WireServer):
    card = await apply(panel, lab, wire, source="people = 0\nshare = 10 / people")
    wire.lines["Running cell 1 failed: ZeroDivisionError: division by zero. Mend it."] = proposal("share = 10 / none")
    wire.lines["Running cell 1 failed: NameError: name 'none' is not defined. Mend it."] = proposal("share = 2.5")
    await card.get_by_test_id("llmhub-trial-run").click()
    await expect(card.get_by_test_id("llmhub-trial-status")).to_contain_text("ZeroDivisionError")
    await card.get_by_test_id("llmhub-trial-always").check()
    await card.get_by_test_id("llmhub-trial-run").click()
    cards = panel.get("proposal")
    await expect(cards).to_have_count(3)
    await expect(cards.nth(1).get_by_test_id("llmhub-trial-status")).to_contain_text("NameError")
    await expect(cards.nth(2).get_by_test_id("llmhub-trial-status")).to_have_text("2 cells ran without an error.")
    await expect(panel.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output")).to_have_text(["went on"])
