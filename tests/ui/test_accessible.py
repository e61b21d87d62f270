"""Whoever reads with a screen reader, types without a mouse or needs more contrast can use all of it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.providers.wire_server import WireServer

from .panel import Panel
from .talk import said
from .test_bad_input import DROP, PNG
from .visitor import Visitor

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """root => axe.run(root, {resultTypes: ['violations']}).then(({violations, passes}) => ({
  passed: passes.length,
  found: violations.filter(each => ['serious', 'critical'].includes(each.impact))
    .flatMap(each => each.nodes.map(node => `${each.id}: ${node.target.join(' ')}: ${node.any.concat(node.all, node.none)
      .map(check => check.message).join('; ')}`)),
}))"""
# The last one leaves the theme as it was: JupyterLab remembers it.
THEMES = ("JupyterLab Dark High Contrast", "JupyterLab Dark", "JupyterLab Light")


class Inspector:
    """Looks at one state of the panel after the other; what it found is told at the end, all of it."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._found: dict[str, list[str]] = {}

    async def look(self, state: str, root: Locator | None = None) -> None:
        """What axe calls serious or critical, in what is shown now."""
        page = self._panel.page
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text())
        await page.evaluate(SETTLED)
        seen = await (root or self._panel.root).evaluate(RUN)
        assert seen["passed"] > 10, "axe has hardly looked"
        if seen["found"]:
            self._found[state] = seen["found"]

    def is_content(self) -> None:
        assert not self._found, json.dumps(self._found, indent=1)


SETTLED = """async () => {  // colours in the middle of a transition are nobody's
  for (let left = true; left;) {
    left = document.getAnimations().filter(each => each instanceof CSSTransition && each.playState === 'running');
    await Promise.all(left.map(each => each.finished.catch(() => undefined)));
    left = left.length;
  }
}"""


@pytest.mark.parametrize("theme", THEMES)
async def test_axe_finds_nothing_serious_in_a_conversation(panel: Panel, wire: WireServer, theme: str):
    await panel.wear(theme)
    axe = Inspector(panel)
    await axe.look("nothing said yet")
    await panel.choose("lab/gated")
    picture = {"name": "dot.png", "type": "image/png", "data": base64.b64encode(PNG).decode()}
    await panel.composer.evaluate(DROP, picture)
    await expect(panel.get("chip")).to_have_count(1)
    await axe.look("a picture in the composer")
    await panel.send("A question that is longer than one line of such a panel, with a picture")
    wire.gate().release(30)
    await panel.shows(said(30), status="running")
    await axe.look("streaming")
    await panel.get("stop").click()
    await expect(panel.get("continue")).to_be_visible()
    await axe.look("stopped")
    await panel.get("model-picker").click()
    await panel.get("model-search").fill("mark")
    await axe.look("choosing a model")
    await panel.get("model-search").press("Escape")

    await panel.choose("lab/markdown")
    await panel.get("regenerate").click()
    await expect(panel.answer.locator("mjx-container")).to_be_visible()
    await panel.says_branch(panel.answer, "2/2")
    await axe.look("branches, a table, mathematics, code")
    await panel.send("Think", "lab/reasoner")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await axe.look("reasoning")
    await panel.questions.last.hover()
    await panel.questions.last.get_by_test_id("llmhub-edit").click()
    await axe.look("editing")
    await panel.get("edit-input").press("Escape")
    await panel.send("Once more", "lab/rate-limited-1h")
    await expect(panel.get("retry")).to_be_visible()
    await axe.look("an error")

    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item")).to_be_visible()
    await axe.look("the list")
    await panel.get("conversation-item").hover()
    await panel.get("conversation-rename").click()
    await axe.look("renaming")
    await panel.page.keyboard.press("Escape")
    await panel.get("conversation-item").hover()
    await panel.get("conversation-delete").click()
    await expect(panel.get("conversation-item")).to_have_count(0)
    await axe.look("an empty list, and undo")
    await panel.get("providers").click()
    await panel.get("provider").first.get_by_role("button", expanded=False).click()
    await expect(panel.get("provider").first.get_by_test_id("llmhub-key-input")).to_be_visible()
    await axe.look("providers")
    axe.is_content()


@pytest.mark.parametrize("theme", THEMES)
async def test_axe_finds_nothing_serious_in_the_first_steps(newcomer: Visitor, wire: WireServer, theme: str):
    panel = await newcomer.tab()
    await panel.wear(theme)
    axe = Inspector(panel)
    await axe.look("welcome")
    await panel.get("discover").click()
    await expect(panel.get("server")).to_have_count(2)
    await axe.look("local servers")
    await panel.get("provider-kind").select_option(label="Other (OpenAI-compatible)")
    await panel.get("base-url").fill(wire.base_url("openai"))
    await panel.get("key-input").fill("sk-bad-key")
    await panel.get("test-key").click()
    await expect(panel.get("checks").get_by_role("listitem").last).to_be_in_viewport()
    await axe.look("checks")
    axe.is_content()
