"""The settings page: what holds, where it came from, what one may change; and a broken llmhub.yaml, said where one looks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .conftest import lab_in, ui_settings
from .panel import Panel
from .test_accessible import THEMES, Inspector
from .test_layout import is_in_order
from .visitor import Arrive

FILE = """default_model: lab/echo
locked:
  - features
  - kernel_access
limits: {file_bytes: 1000000}
"""
BROKEN = FILE.replace("1000000", "much")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings") / "llmhub.yaml"


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def server(models: WireServer, file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[JupyterProcess]:
    file.write_text(FILE)
    settings = ui_settings(models)
    settings.pop("default_model", None)
    lab = lab_in(tmp_path_factory.mktemp("lab"), settings)
    assert lab.environment is not None
    lab.environment = {**lab.environment, "LLMHUB_CONFIG": str(file)}
    async with lab:
        yield lab


@pytest.fixture(autouse=True)
def as_it_should_be(file: Path) -> Iterator[None]:
    """The file is whole again after each test, also after one that failed."""
    yield
    file.write_text(FILE)


async def opened(panel: Panel) -> Panel:
    await panel.run("llmhub:open-settings")
    return Panel(panel.page, panel.page.locator("#llmhub-settings"))


async def test_what_holds_is_shown_changed_and_given_up_by_keyboard_and_a_broken_file_is_said(
    server: JupyterProcess, file: Path, wire: WireServer, arrive: Arrive
):
    panel = await (await arrive(server.url)).tab()
    tab = await opened(panel)
    keyboard = panel.page.keyboard
    model = tab.get("setting-default_model")
    origin = tab.root.locator('[data-key="default_model"]').get_by_test_id("llmhub-origin")
    await expect(model).to_have_value("lab/echo")
    await expect(origin).to_have_text(f"lab/echo (from {file}, line 1)")
    await expect(tab.get("setting-kernel_access")).to_be_disabled()
    await expect(tab.root.locator('[data-key="kernel_access"]')).to_contain_text(f"from {file}, line 4")

    await model.focus()
    await keyboard.press("Control+A")
    await keyboard.type("lab/gated")
    await keyboard.press("Enter")
    await expect(origin).to_have_text(f"Yours. Without it: lab/echo (from {file}, line 1)")
    assert (await server.call("GET", "config"))["default_model"] == "lab/gated"
    # Another tab's news may come first: the way back opens when what was written has been stored.
    await expect(tab.root.locator('[data-key="default_model"]').get_by_test_id("llmhub-reset")).to_be_enabled()
    await keyboard.press("Tab")
    await keyboard.press("Enter")  # the button beside it: Reset
    await expect(model).to_have_value("lab/echo")

    file.write_text(BROKEN)
    notice = tab.get("config-notice")
    await expect(notice).to_contain_text(f"{file} cannot be used as it stands (line 5). What held before goes on.")
    await expect(panel.get("config-note")).to_contain_text("(line 5)")
    await expect(model).to_have_value("lab/echo")
    file.write_text(FILE)
    await expect(notice).to_have_count(0)
    await expect(panel.get("config-note")).to_have_count(0)

    await tab.get("everything").focus()
    await keyboard.press("Enter")
    await tab.get("everything-filter").focus()
    await keyboard.type("bytes 1000000")
    await expect(tab.get("everything-count")).to_have_text(re.compile(r"^One of \d+ settings$"))
    await expect(tab.root.locator(".jp-llmhub-everything dt")).to_have_text(["limits.file_bytes"])
    await keyboard.press("Escape")
    await expect(tab.get("everything-count")).to_have_text("")

    # What is switched off is offered no more at once, and its keys say so.
    await expect(panel.get("attach")).to_be_visible()
    file.write_text(f"{FILE}features: {{attachments: false, compare: false}}\n")
    await expect(panel.get("attach")).to_have_count(0)
    await panel.composer.press("Control+Alt+Enter")
    await expect(panel.get("note")).to_contain_text("switched off on this server")
    await expect(panel.get("several")).to_have_count(0)
    file.write_text(FILE)
    await expect(panel.get("attach")).to_be_visible()
    await tab.get("settings-providers").click()
    await expect(panel.get("providers-view")).to_be_visible()


async def test_the_page_fits_every_width_and_theme(server: JupyterProcess, file: Path, wire: WireServer, arrive: Arrive):
    panel = await (await arrive(server.url)).tab()
    tab = await opened(panel)
    await server.call("PATCH", "settings", {"default_model": "lab/gated"})
    file.write_text(BROKEN)
    await expect(tab.get("config-notice")).to_be_visible()
    await tab.get("everything").click()
    inspector = Inspector(tab)
    await panel.run("application:toggle-right-area")
    for width in (250, 480, 900):
        await tab.root.evaluate("(node, width) => { node.style.maxWidth = width + 'px' }", width)
        await is_in_order(tab, str(width))
    for theme in THEMES:
        await panel.wear(theme)
        await inspector.look(theme, tab.root)
    inspector.is_content()
