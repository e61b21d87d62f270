"""Two people in one notebook, with jupyter-collaboration: what a model changes for one the other sees, and keeps their own."""

from __future__ import annotations

import asyncio
import json
import sys
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess
from tests.setup.conftest import new_machine

from .conftest import lab_in, ui_settings
from .panel import Panel
from .test_kernels import KERNEL
from .test_mending import proposal
from .test_proposal import cell
from .visitor import Arrive

TEXT = "first = 1\n\n\n\nlast = 1\n"
EDIT = "So:\n\n````file-edits\n<<<<<<< SEARCH\nlast = 1\n=======\nlast = 2\n>>>>>>> REPLACE\n````\n"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def together(models: WireServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[JupyterProcess]:
    """A JupyterLab with jupyter-collaboration: an environment of its own upon ours, as every other test is without it."""
    folder = tmp_path_factory.mktemp("together")
    machine = await asyncio.to_thread(new_machine, folder / "machine", "pip")
    ours = sysconfig.get_path("purelib")
    (machine.packages / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    await asyncio.to_thread(machine.pip, "install", "-q", "--no-compile", "jupyter-collaboration>=5,<6")
    server = lab_in(folder, ui_settings(models))
    server.python = machine.python
    shared = {"JUPYTER_PATH": "share/jupyter", "JUPYTER_CONFIG_PATH": "etc/jupyter", "JUPYTERLAB_DIR": "share/jupyter/lab"}
    # Else it keeps what was typed where it was started.
    store = {"SQLiteYStore": {"db_path": str(folder / "typed.db")}}
    (folder / "jupyter" / "config" / "jupyter_server_config.json").write_text(json.dumps(store))
    server.environment = {
        **(server.environment or {}),
        **{name: str(Path(sys.prefix) / place) for name, place in shared.items()},
    }
    async with server:
        yield server


async def open_both(people: tuple[Panel, Panel], path: str) -> tuple[Locator, Locator]:
    """The editors of its cells, as each of them sees them."""
    for panel in people:
        await panel.run("docmanager:open", path=path, factory="Notebook", kernel={"name": "python3"})
    mine, theirs = (panel.page.locator(".jp-NotebookPanel:visible .jp-Cell .cm-content") for panel in people)
    return mine, theirs


async def type_at_the_end_of_line(panel: Panel, editor: Locator, line: str, text: str) -> None:
    await editor.locator(".cm-line", has_text=line).click()
    await panel.page.keyboard.press("End")
    await panel.page.keyboard.type(text)


async def test_what_one_has_changed_and_run_the_other_sees_and_keeps_what_they_edited(
    together: JupyterProcess, wire: WireServer, arrive: Arrive
):
    notebook = {
        "cells": [cell("a", "rows = [1]\n\nshare = 1"), cell("b", "print(1)")],
        "metadata": {"kernelspec": KERNEL},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    home = Path(together.root or "")
    (home / "ours.ipynb").write_text(json.dumps(notebook))
    wire.lines["Share it"] = proposal("rows = [1]\n\nshare = 10 / 4\nprint(share)")
    one, other = [await (await arrive(together.url)).tab() for _ in range(2)]
    await one.choose("lab/echo")
    mine, theirs = await open_both((one, other), "ours.ipynb")
    await expect(mine).to_have_count(2)
    await expect(theirs).to_have_count(2)
    await one.run("llmhub:change-notebook", request="Share it")
    card = one.get("proposal").first
    await expect(card.get_by_test_id("llmhub-proposal-apply")).to_be_enabled()

    # The other edits the same cell and another one meanwhile, and again when it is applied.
    await type_at_the_end_of_line(other, theirs.first, "rows", "  # theirs")
    await type_at_the_end_of_line(other, theirs.last, "print", "  # theirs")
    await expect(mine.last).to_have_text("print(1)  # theirs")
    await card.get_by_test_id("llmhub-proposal-apply").click()
    await expect(theirs.first).to_contain_text("share = 10 / 4")
    await expect(theirs.first).to_contain_text("rows = [1]  # theirs")
    await card.get_by_test_id("llmhub-trial-run").click()
    await expect(card.get_by_test_id("llmhub-trial-status")).to_have_text("One cell ran without an error.")
    await expect(card.get_by_test_id("llmhub-trial")).to_contain_text("2.5")
    await expect(other.page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output")).to_have_text(["2.5"])
    await type_at_the_end_of_line(other, theirs.last, "print", ", too")
    await expect(mine.last).to_have_text("print(1)  # theirs, too")
    await card.get_by_test_id("llmhub-proposal-undo").click()
    await expect(theirs.first).to_contain_text("share = 1")
    await expect(theirs.first).not_to_contain_text("10 / 4")
    await expect(theirs.first).to_contain_text("rows = [1]  # theirs")
    await expect(theirs.last).to_have_text("print(1)  # theirs, too")

    # A file that only the other has open: what they just typed is not stored yet.
    (home / "ours.py").write_text(TEXT)
    wire.lines["Count on"] = EDIT
    await other.run("docmanager:open", path="ours.py", factory="Editor")
    editor = other.page.locator(".jp-FileEditor:visible .cm-content")
    await expect(editor).to_contain_text("last = 1")
    await one.run("llmhub:change-notebook", request="Count on", path="ours.py")
    card = one.get("proposal").last
    await expect(card).to_contain_text("ours.py")
    await expect(card.get_by_test_id("llmhub-proposal-apply")).to_be_enabled()
    await type_at_the_end_of_line(other, editor, "first", "  # theirs")
    await card.get_by_test_id("llmhub-proposal-apply").click()
    alert = card.get_by_role("alert")
    await expect(alert.or_(card.get_by_test_id("llmhub-proposal-undo"))).to_be_visible()
    if await alert.count():  # what was seen was not yet what they had typed
        await card.get_by_test_id("llmhub-proposal-apply").click()
    await expect(editor).to_contain_text("last = 2")
    await expect(editor).to_contain_text("first = 1  # theirs")
