"""JupyterLab in German: so are the panel, the palette, the menus and the settings."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .conftest import lab_in, ui_settings
from .panel import Panel
from .visitor import Arrive

LANGUAGE = {"@jupyterlab/translation-extension:plugin": {"locale": "de_DE"}}


@pytest_asyncio.fixture(loop_scope="package")
async def german_lab(models: WireServer, tmp_path_factory):
    async with lab_in(tmp_path_factory.mktemp("german"), ui_settings(models), user=LANGUAGE) as server:
        yield server


async def test_panel_palette_launcher_and_settings_speak_german(german_lab: JupyterProcess, wire: WireServer, arrive: Arrive):
    panel: Panel = await (await arrive(german_lab.url)).tab()
    await expect(panel.get("new-chat")).to_have_attribute("aria-label", "Neuer Chat")
    await expect(panel.root).to_contain_text("Woran arbeiten Sie?")
    await panel.send("Grüße", "lab/echo")
    await panel.shows("Grüße", status="complete")
    await expect(panel.answer.get_by_role("button", name="Kopieren").first).to_be_visible()

    await panel.run("apputils:activate-command-palette")
    await panel.page.locator(".lm-CommandPalette-input").fill("Letzte Antwort kop")
    await expect(panel.page.locator(".lm-CommandPalette-itemLabel").first).to_have_text("Letzte Antwort kopieren")
    await panel.page.keyboard.press("Escape")

    await panel.run("settingeditor:open", query="llmhub")
    settings = panel.page.locator(".jp-SettingsPanel, .jp-SettingEditor")
    await expect(settings.first).to_contain_text("Mit Enter senden")
    await expect(settings.first).to_contain_text("In der Statusleiste anzeigen")

    await panel.run("llmhub:open-settings")
    ours = panel.page.locator("#llmhub-settings")
    await expect(ours).to_contain_text("Modell neuer Chats")
    await expect(ours.get_by_test_id("llmhub-origin").first).to_contain_text("aus der Konfiguration von Jupyter")
