"""The server stops or dies in mid-answer and comes back: what was said is there, the panel finds back by itself, one can go on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .conftest import clear, lab_in, ui_settings
from .panel import Panel
from .talk import last_answer, said
from .visitor import Arrive

# Otherwise its dialog about that comes back over the page with each of its own requests that fails, at any moment.
WITHOUT_ITS_DIALOGS = "jupyterapp.serviceManager.connectionFailure.emit = () => undefined"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def mortal_lab(models: WireServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[JupyterProcess]:
    async with lab_in(tmp_path_factory.mktemp("mortal"), ui_settings(models)) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="package")
async def panel(mortal_lab: JupyterProcess, wire: WireServer, arrive: Arrive) -> AsyncIterator[Panel]:
    panel = await (await arrive(mortal_lab.url)).tab()
    await panel.page.evaluate(WITHOUT_ITS_DIALOGS)
    yield panel
    await clear(mortal_lab)


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_after_a_restart_the_answer_is_interrupted_and_can_be_continued(
    panel: Panel, mortal_lab: JupyterProcess, wire: WireServer, how: str
):
    await panel.send("Go", "lab/gated")
    wire.gate().release(3)
    await panel.shows(said(3), status="running")
    await getattr(mortal_lab, how)()
    await expect(panel.get("connection")).to_contain_text("Reconnecting")
    await mortal_lab.start()

    await panel.shows(said(3), status="interrupted")
    await expect(panel.get("connection")).to_have_count(0)
    await panel.without_dialogs()
    await panel.get("continue").click()
    wire.gate().release(1, finish=True)
    await panel.shows(said(3, 4), status="complete")
    await expect(panel.answers).to_have_count(1)
    assert await last_answer(mortal_lab, panel) == said(3, 4)
    assert len(wire.asked("gated")) == 2


async def test_what_is_sent_while_the_server_restarts_is_answered_once(panel: Panel, mortal_lab: JupyterProcess, wire: WireServer):
    await panel.choose("lab/echo")
    await mortal_lab.kill()
    await panel.send("Are you there?")
    await expect(panel.answer).to_contain_text("Waiting for the Jupyter server")
    await mortal_lab.start()
    await panel.shows("Are you there?", status="complete")
    await expect(panel.questions).to_have_count(1)
    assert len(wire.asked("echo")) == 1


async def test_who_gives_up_waiting_for_the_server_has_the_draft_back(panel: Panel, mortal_lab: JupyterProcess, wire: WireServer):
    await panel.choose("lab/echo")
    await mortal_lab.kill()
    await panel.send("Are you there?")
    await expect(panel.answer).to_contain_text("Waiting for the Jupyter server")
    await panel.without_dialogs()
    await panel.get("stop").click()
    await expect(panel.composer).to_have_value("Are you there?")
    await expect(panel.questions).to_have_count(0)
    await mortal_lab.start()
    await expect(panel.get("connection")).to_have_count(0)
    await panel.without_dialogs()
    await panel.composer.press("Enter")
    await panel.shows("Are you there?", status="complete")
    assert len(wire.asked("echo")) == 1
