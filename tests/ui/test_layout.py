"""In the narrowest sidebar and in both themes nothing is cut off and nothing lies over anything else."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.providers.wire_server import WireServer

from .panel import Panel
from .talk import said
from .visitor import Visitor

NARROW = 250
"""The least that JupyterLab gives to a sidebar."""
FAULTS = """root => {
  const faults = [], panel = root.getBoundingClientRect();
  const seen = element => {  // the part of an element that is seen, or null
    if (!element.checkVisibility({visibilityProperty: true})) return null;
    let {left, top, right, bottom} = element.getBoundingClientRect();
    for (let at = element.parentElement; at && root.contains(at); at = at.parentElement) {
      if (getComputedStyle(at).overflow === 'visible') continue;
      const box = at.getBoundingClientRect();
      left = Math.max(left, box.left); right = Math.min(right, box.right);
      top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
    }
    return right - left > 1 && bottom - top > 1 ? {left, top, right, bottom} : null;
  };
  const name = element => element.dataset.testid || element.getAttribute('aria-label') || element.className || element.tagName;
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (element.closest('svg, mjx-container, .jp-llmhub-announcer') || !element.checkVisibility()) continue;
    const {overflowX, textOverflow, clipPath} = getComputedStyle(element);
    if (clipPath === 'inset(50%)') continue;  // words for screen readers: nobody sees them
    if (/hidden|clip/.test(overflowX) && textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1) {
      faults.push(`${name(element)} cuts off ${element.scrollWidth - element.clientWidth} px`);
    }
  }
  // A line of the list is a button as a whole; what else it has stands on it. The way to the end floats over what is scrolled.
  const controls = 'button:not(.jp-llmhub-item-open, .jp-llmhub-jump), input, select, textarea, a[href]';
  const boxes = [...root.querySelectorAll(controls)].map(each => [each, seen(each)]).filter(([, box]) => box);
  for (const [index, [one, a]] of boxes.entries()) {
    if (a.left < panel.left - 1 || a.right > panel.right + 1) faults.push(`${name(one)} leaves the panel`);
    for (const [other, b] of boxes.slice(index + 1)) {
      const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (width > 1 && height > 1 && !one.contains(other)) faults.push(`${name(one)} lies over ${name(other)}`);
    }
  }
  return faults;
}"""
SETTLED = """async root => {
  for (const end = performance.now() + 5000; ;) {
    const faults = (FAULTS)(root);
    if (!faults.length || performance.now() > end) return faults;
    await new Promise(requestAnimationFrame);
  }
}"""


async def is_in_order(panel: Panel, what: str) -> None:
    """Nothing is cut off, nothing lies over anything else, once what was resized is laid out."""
    faults = await panel.root.evaluate(SETTLED.replace("FAULTS", FAULTS))
    assert not faults, (what, faults)


# The last one leaves the theme as it was: JupyterLab remembers it.
THEMES = ("JupyterLab Dark", "JupyterLab Light")


@pytest.mark.parametrize("theme", THEMES)
async def test_every_state_of_a_conversation_fits_into_a_narrow_panel(panel: Panel, wire: WireServer, theme: str):
    await panel.wear(theme)
    await panel.resize(NARROW)
    await is_in_order(panel, "beginning")
    await panel.send("A question that is longer than one line of such a narrow panel", "lab/gated")
    wire.gate().release(30)
    await panel.shows(said(30), status="running")
    await is_in_order(panel, "streaming")
    await panel.get("stop").click()
    await expect(panel.get("continue")).to_be_visible()
    await is_in_order(panel, "stopped")

    await panel.choose("lab/markdown")
    await panel.get("regenerate").click()
    await expect(panel.answer.locator("mjx-container")).to_be_visible()
    await panel.says_branch(panel.answer, "2/2")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await is_in_order(panel, "branches, table, mathematics, code")
    await panel.questions.first.hover()
    await panel.questions.first.get_by_test_id("llmhub-edit").click()
    await expect(panel.get("edit-input")).to_be_focused()
    await is_in_order(panel, "editing")
    await panel.get("edit-input").press("Escape")

    await panel.send("Once more", "lab/rate-limited-1h")
    await expect(panel.get("retry")).to_be_visible()
    await is_in_order(panel, "an error")
    await panel.get("thread").hover()
    await panel.page.mouse.wheel(0, -300)
    jump = await panel.get("jump").bounding_box()  # over what is scrolled: there, it covers little, and at the side
    inner = await panel.root.bounding_box()
    assert jump is not None and inner is not None
    assert jump["width"] <= 32 and jump["x"] > inner["x"] + inner["width"] - 60
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item")).to_be_visible()
    await panel.get("conversation-item").hover()
    await is_in_order(panel, "the list")
    await panel.get("providers").click()
    await panel.get("provider").first.get_by_role("button", expanded=False).click()
    await expect(panel.get("provider").first.get_by_test_id("llmhub-key-input")).to_be_visible()
    await is_in_order(panel, "providers")


@pytest.mark.parametrize("theme", THEMES)
async def test_the_first_steps_fit_into_a_narrow_panel(newcomer: Visitor, wire: WireServer, theme: str):
    panel = await newcomer.tab()
    await panel.wear(theme)
    await panel.resize(NARROW)
    await is_in_order(panel, "welcome")
    await panel.get("discover").click()
    await expect(panel.get("server")).to_have_count(2)
    await is_in_order(panel, "local servers")
    await panel.get("provider-kind").select_option(label="Other (OpenAI-compatible)")
    await panel.get("base-url").fill(wire.base_url("openai"))
    await panel.get("key-input").fill("sk-bad-key")
    await panel.get("test-key").click()
    await expect(panel.get("checks").get_by_role("listitem").last).to_be_in_viewport()
    await is_in_order(panel, "checks")
