"""What a model writes in Markdown, as a person sees it in a browser."""

from __future__ import annotations

from textwrap import indent

from playwright.async_api import expect

from .panel import Panel
from .visitor import Visitor

EVIL = "http://evil.example"
GOOD = "graph LR\n  A[Ask] --> B{Good?}\n  B -->|yes| C[Keep]"
BROKEN = "graph LR\n  A[Ask --> -->"
HOSTILE = f"graph LR\n  A[\"<img src='{EVIL}/d.png' onerror='window.pwned=1'>\"] --> B\n  style B fill:url({EVIL}/s.svg#x)"
CLICKABLE = '%%{init: {"securityLevel": "loose"}}%%\ngraph LR\n  X[Here] --> Y[There]\n  click X call alert()'


async def test_mermaid_is_drawn_as_an_inert_picture_and_what_cannot_be_is_shown_as_its_code(visitor: Visitor, panel: Panel):
    fences = [f"```mermaid\n{source}\n```" for source in (GOOD, BROKEN, HOSTILE, CLICKABLE)]
    fences[-1] = "- In a list:\n\n" + indent(fences[-1], "  ")
    await panel.send("\n\n".join(fences), "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    good, broken, hostile, listed = (panel.answer.get_by_test_id("llmhub-diagram").nth(at) for at in range(4))

    picture = good.get_by_role("img", name="Diagram")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.clientWidth > 100 && image.clientHeight > 20)")
    await expect(good.locator("code")).to_be_hidden()
    before = await picture.get_attribute("src")

    await expect(broken).to_contain_text("Not drawn: line ")
    await expect(broken.locator("code")).to_have_text(BROKEN)
    await expect(hostile).to_contain_text("could fetch something from elsewhere")
    await expect(hostile.locator("code")).to_have_text(HOSTILE)

    await listed.scroll_into_view_if_needed()
    await expect(listed.get_by_role("img", name="Diagram")).to_be_visible()
    await listed.get_by_test_id("llmhub-diagram-toggle").click()
    await expect(listed.locator("code")).to_have_text(CLICKABLE)
    await expect(listed.get_by_role("img", name="Diagram")).to_have_count(0)

    await panel.wear("JupyterLab Dark")
    await expect(picture).not_to_have_attribute("src", before or "")
    assert await panel.page.evaluate("window.pwned") is None
    assert not visitor.strays


async def test_what_can_be_done_with_code_is_in_a_menu_where_there_is_little_room(visitor: Visitor, panel: Panel):
    await panel.send("```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |", "lab/echo")
    await expect(panel.answer).to_have_attribute("data-status", "complete")
    tools = panel.answer.get_by_test_id("llmhub-code").get_by_role("toolbar")
    await expect(tools).to_be_visible()
    await expect(panel.answer.get_by_test_id("llmhub-table-copy")).to_have_count(1)
    # Also those that are orange and green elsewhere in JupyterLab.
    shapes = panel.answer.locator(".jp-llmhub-icon-button svg :is([fill], [fill] *):not(g, [fill='none'])")
    assert len(set(await shapes.evaluate_all("all => all.map(shape => getComputedStyle(shape).fill)"))) == 1

    await panel.resize(260)
    await tools.get_by_test_id("llmhub-code-more").click()
    menu = panel.page.get_by_role("menu").filter(has_text="Wrap lines")
    await expect(menu.get_by_role("menuitem")).to_have_count(6)
    for item in await menu.get_by_role("menuitem").all():
        await expect(item).to_be_in_viewport(ratio=1)
    box, button = await menu.bounding_box(), await tools.bounding_box()
    assert box and button and box["width"] < 400 and abs(box["y"] - button["y"] - button["height"]) < 20
    await menu.get_by_text("Wrap lines").click()
    await expect(panel.answer.get_by_test_id("llmhub-code")).to_have_attribute("data-wrapped", "true")
