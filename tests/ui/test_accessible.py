"""Whoever reads with a screen reader, types without a mouse or needs more contrast can use all of it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel
from .talk import said
from .test_bad_input import DROP, PNG
from .test_layout import is_in_order
from .visitor import Arrive, Visitor

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """root => axe.run(root, {resultTypes: ['violations', 'passes']}).then(({violations, passes}) => ({
  contrasts: [...violations, ...passes].filter(each => each.id === 'color-contrast')
    .flatMap(each => each.nodes.flatMap(node => node.any)).filter(check => check.data?.contrastRatio).length,
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
            # JupyterLab's body has no height and hides what overflows: axe takes all of the page for hidden.
            await page.evaluate("document.body.style.height = '100vh'")
        await page.evaluate(SETTLED)
        seen = await (root or self._panel.root).evaluate(RUN)
        assert seen["contrasts"] > 1, "axe has hardly looked"
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
    await panel.write("a long line of words\n" * 200)
    await panel.write("What I say next waits")
    await panel.composer.press("Enter")
    await expect(panel.get("queued")).to_have_count(1)
    await axe.look("streaming, with what waits")
    await panel.get("queued-delete").click()
    await expect(panel.get("queued")).to_have_count(0)
    await panel.get("stop").click()
    await expect(panel.get("continue")).to_be_visible()
    await axe.look("stopped")
    await panel.get("model-picker").click()
    await expect(panel.get("model-option").first).to_be_visible()
    await axe.look("the list of models")
    await panel.get("model-search").fill("mark")
    await axe.look("choosing a model")
    await panel.get("model-search").press("Escape")

    await panel.choose("lab/markdown")
    await panel.get("regenerate").click()
    await expect(panel.answer.locator("mjx-container")).to_be_visible()
    await panel.says_branch(panel.answer, "2/2")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await axe.look("branches, a table, mathematics, code")
    await panel.send("Think", "lab/reasoner")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await axe.look("reasoning")
    await panel.get("model-note").last.click()
    details = panel.page.get_by_test_id("llmhub-details")
    await axe.look("details", details)
    await details.get_by_test_id("llmhub-exchange-door").click()
    exchange = panel.page.get_by_test_id("llmhub-exchange")
    await expect(exchange).to_have_attribute("data-state", "shown")
    await axe.look("request and response", exchange)
    await panel.leave_dialog()
    await panel.questions.last.hover()
    await panel.questions.last.get_by_test_id("llmhub-edit").click()
    await expect(panel.get("edit-input")).to_be_focused()
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
    await expect(panel.get("title-input")).to_be_focused()
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


STOPS = """root => {  // what Tab should reach, in the order of the page
  const stops = 'a[href], button:enabled, input:enabled, textarea:enabled, select:enabled, summary, [tabindex="0"]';
  return [...root.querySelectorAll(stops)]
    .filter(each => each.tabIndex >= 0 && each.checkVisibility({visibilityProperty: true}))
    .map((each, index) => (each.dataset.stop = index));
}"""
FOCUS = """root => {  // what has the focus, and what is wrong with how it shows that; null when it is elsewhere
  const element = document.activeElement;
  if (!root.contains(element)) return null;
  const name = element.dataset.testid || element.getAttribute('aria-label') || element.textContent;
  const box = element.getBoundingClientRect(), faults = [];
  let opacity = 1, isRinged = false;
  for (let at = element; at !== root; at = at.parentElement) {
    const {outlineStyle, outlineWidth, outlineColor, opacity: own} = getComputedStyle(at);
    opacity *= own;
    isRinged ||= outlineStyle !== 'none' && parseFloat(outlineWidth) > 1 && !/^rgba.*, 0\\)$/.test(outlineColor);
  }
  if (!isRinged) faults.push(`${name} does not show that it has the focus`);
  if (opacity < 0.5) faults.push(`${name} cannot be seen`);
  if (box.bottom < 0 || box.top > innerHeight || box.width === 0) faults.push(`${name} is not in view`);
  const {left, top, bottom} = box;
  return {stop: Number(element.dataset.stop), name, faults, left, top, bottom};
}"""


async def walk(panel: Panel, what: str) -> None:
    """Tab through all of the panel: every control is reached in the order in which they are read, and is seen to be reached."""
    stops = await panel.root.evaluate(STOPS)
    await panel.root.locator('[data-stop="0"]').focus()
    await panel.page.keyboard.press("Shift+Tab")
    await panel.page.keyboard.press("Tab")
    reached: list[int] = []
    last = None
    while (at := await panel.root.evaluate(FOCUS)) is not None and at["stop"] not in reached:
        assert not at["faults"], (what, at["faults"])
        if last is not None:
            is_below = at["top"] >= last["bottom"] - 4
            assert is_below or at["left"] >= last["left"] or at["top"] >= last["top"], (
                what,
                f"{at['name']} comes after {last['name']}",
            )
        reached.append(at["stop"])
        last = at
        await panel.page.keyboard.press("Tab")
    assert reached == stops, what


@pytest.mark.parametrize("colours", ["none", "active"])
async def test_tab_reaches_everything_in_order_and_is_seen_where_it_is(
    lab: JupyterProcess, arrive: Arrive, wire: WireServer, colours: str
):
    visitor = await arrive(lab.url, forced_colors=colours, reduced_motion="reduce")
    panel = await visitor.tab()
    await panel.send("A question", "lab/gated")
    wire.gate().release(3)
    await panel.shows(said(3), status="running")
    moving = "root => root.getAnimations({subtree: true}).map(each => each.animationName ?? each.transitionProperty)"
    assert await panel.root.evaluate(moving) == []
    wire.gate().release(0, finish=True)
    await panel.shows(said(3), status="complete")
    await panel.choose("lab/markdown")
    await panel.get("regenerate").click()
    await expect(panel.answer.locator("mjx-container")).to_be_visible()
    await panel.says_branch(panel.answer, "2/2")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    await expect(panel.get("send")).to_be_visible()  # in place of what stops
    await walk(panel, "a conversation")
    await panel.get("model-picker").click()
    await panel.get("model-search").press("ArrowDown")
    ring = "element => getComputedStyle(element).outlineStyle"
    active = panel.root.locator('[data-testid="llmhub-model-option"][data-active]')
    assert (await active.evaluate(ring) == "solid") is (colours == "active")
    await panel.get("model-search").press("Escape")
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item")).to_be_visible()
    await walk(panel, "the list")
    assert (await panel.get("conversation-item").evaluate(ring) == "solid") is (colours == "active")
    await panel.get("providers").click()
    await panel.get("provider").first.get_by_role("button", expanded=False).click()
    await expect(panel.get("provider").first.get_by_test_id("llmhub-key-input")).to_be_visible()
    await walk(panel, "providers")


LISTEN = """root => {  // everything that live regions say from here on, also those that come later
  window.heard = [];
  const live = '[aria-live="polite"], [aria-live="assertive"], [role="status"], [role="alert"], [role="log"]';
  const hear = region => {
    const said = region?.textContent.trim();
    if (said && said !== heard.at(-1)) heard.push(said);
  };
  new MutationObserver(changes => {
    for (const {target, addedNodes} of changes) {
      hear((target.closest ? target : target.parentElement)?.closest(live));
      for (const node of addedNodes) {
        if (node.matches?.(live)) hear(node);
        node.querySelectorAll?.(live).forEach(hear);
      }
    }
  }).observe(root, {childList: true, characterData: true, subtree: true});
}"""


async def test_the_end_of_an_answer_is_announced_and_its_tokens_are_not(panel: Panel, wire: WireServer):
    await panel.root.evaluate(LISTEN)
    await panel.send("A question", "lab/gated")
    for turn in range(5):
        wire.gate().release(2)
        await panel.shows(said(2 * turn + 2), status="running")
    assert await panel.page.evaluate("heard") == []
    wire.gate().release(0, finish=True)
    await panel.page.wait_for_function("heard.length")
    assert await panel.page.evaluate("heard") == ["The answer is complete."]

    await panel.send("Another", "lab/gated-a")
    wire.gate("gated-a").release(2)
    await panel.shows(said(2), status="running")
    await panel.get("stop").click()
    await panel.page.wait_for_function("heard.length > 1")
    assert await panel.page.evaluate("heard") == ["The answer is complete.", "The answer has ended early."]

    # An error is said once, whatever its countdown does; read again after a reload, it is not said.
    await panel.page.clock.install()
    await panel.send("Once more", "lab/rate-limited-1h")
    await expect(panel.get("retry")).to_have_text("Retry in 60 min")
    await panel.page.clock.run_for(90_000)
    await expect(panel.get("retry")).to_have_text("Retry in 59 min")
    words = "The answer has ended early: The provider allows no more requests for now"
    heard = (await panel.page.evaluate("heard"))[2:]
    # A clock that is 90 seconds ahead may miss a sign of life that the server had no time to give.
    assert [said for said in heard if said != "Reconnecting…"] == [words]
    await panel.reload()
    await expect(panel.get("error")).to_contain_text("allows no more requests")
    assert await panel.root.get_by_role("alert").count() == 0


async def test_axe_finds_nothing_serious_in_what_opens_beside_the_thread(panel: Panel, wire: WireServer):
    """Menus, several models, a tab of the main area, and a list in which something runs and something is unread."""
    page = panel.page
    await panel.wear("JupyterLab Dark High Contrast")
    axe = Inspector(panel)
    await panel.send("First", "lab/gated-a")
    wire.gate("gated-a").release(2)
    await panel.shows(said(2), status="running")
    await panel.get("new-chat").click()
    await panel.send("Second", "lab/gated")
    wire.gate().release(2)
    await panel.shows(said(2), status="running")
    tab = await panel.open_tab()
    wire.gate("gated-a").release(0, finish=True)
    await tab.send("Third", "lab/echo")
    await tab.shows("Third", status="complete")
    await axe.look("a tab", tab.root)
    for button in ("more", "regenerate-menu"):
        await tab.get(button).last.click()
        menu = page.locator(".lm-Menu")
        await expect(menu).to_be_visible()
        await axe.look(f"the menu of {button}", menu)
        await page.keyboard.press("Escape")
        await expect(menu).to_have_count(0)
        await expect(tab.get(button).last).to_be_focused()
    await tab.composer.fill("All of you")
    await page.keyboard.press("Control+Enter")
    await expect(tab.get("several-search")).to_be_focused()
    await axe.look("several models", tab.root)
    await page.keyboard.press("Escape")
    await panel.get("list-toggle").click()
    await expect(panel.get("conversation-item")).to_have_count(3)
    await axe.look("a list with marks")
    wire.gate().release(0, finish=True)
    await panel.wear(THEMES[-1])
    axe.is_content()


async def test_at_200_percent_nothing_is_cut_off_and_there_is_room_to_read(lab: JupyterProcess, arrive: Arrive, wire: WireServer):
    visitor = await arrive(lab.url, viewport={"width": 640, "height": 400}, device_scale_factor=2)
    panel = await visitor.tab()
    await is_in_order(panel, "beginning")
    await panel.send("A question that is longer than one line of such a panel", "lab/markdown")
    await expect(panel.answer.locator("mjx-container")).to_be_visible()
    await is_in_order(panel, "a conversation")
    await expect(panel.composer).to_be_in_viewport(ratio=0.9)
    room = await panel.get("thread").bounding_box()
    assert room is not None and room["height"] >= 150
    await panel.get("model-picker").click()
    await expect(panel.get("model-search")).to_be_in_viewport(ratio=0.9)
    await expect(panel.get("models").locator("[data-active]")).to_be_in_viewport(ratio=0.9)
