"""What was used and what it cost is seen on a page of its own; at the ceiling of spending a person is asked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from tests.servers import JupyterProcess

from .panel import Panel
from .test_accessible import Inspector


@pytest_asyncio.fixture(loop_scope="package")
async def ceiling(lab: JupyterProcess) -> AsyncIterator[float]:
    """A ceiling that the next answer of lab/dear reaches, and all those after it have reached."""
    spent = (await lab.call("GET", "usage"))["cost_usd"]
    ceiling = round(spent + 0.4, 6)
    await lab.call("PATCH", "usage/ceilings", {"usd_per_day": ceiling})
    yield ceiling
    await lab.call("PATCH", "usage/ceilings", {"usd_per_day": None, "usd_per_month": None})


async def test_the_page_says_what_each_model_cost_and_gives_it_as_a_table(panel: Panel):
    await panel.send("What is it?", "lab/dear")
    await panel.shows("What is it?", status="complete")
    await panel.get("usage").click()
    page = panel.page.locator("#llmhub-usage")
    dear = page.get_by_test_id("llmhub-usage-models").locator('tr[data-key="lab/dear"]')
    await expect(dear).to_be_visible()
    requests, *_, cost = await dear.locator("td").all_inner_texts()
    assert cost == f"${0.36 * int(requests):.2f}"
    await page.get_by_test_id("llmhub-usage-period").select_option("today")
    await page.get_by_text("As a table").click()
    await expect(page.get_by_test_id("llmhub-usage-days").locator("tbody tr")).to_have_count(1)
    async with panel.page.expect_download() as download:
        await page.get_by_test_id("llmhub-usage-csv").click()
    table = (await download.value).suggested_filename
    assert table == "llmhub-usage.csv"
    axe = Inspector(panel)
    await axe.look("usage", page)
    axe.is_content()


async def test_at_the_ceiling_a_person_decides_and_loses_nothing(panel: Panel, ceiling: float):
    for text in ("one", "two"):
        await panel.send(text, "lab/dear" if text == "one" else None)
        await panel.shows(text, status="complete")
    await expect(panel.get("near-ceiling")).to_be_visible()
    await panel.composer.fill("three")
    await panel.composer.press("Enter")
    card = panel.get("ceiling")
    await expect(card).to_contain_text(f"${ceiling:.2f}")
    await expect(card).to_be_focused()
    await expect(panel.composer).to_have_value("three")
    await panel.get("not-now").click()
    await expect(card).to_be_hidden()
    await expect(panel.composer).to_have_value("three")
    await panel.composer.press("Enter")
    await panel.get("send-anyway").click()
    await panel.shows("three", status="complete")
    await expect(card).to_be_hidden()
    await panel.get("near-ceiling").get_by_role("button", name="Dismiss").click()
    await panel.reload()
    await expect(panel.answers).to_have_count(3)
    await expect(panel.get("near-ceiling")).to_be_hidden()
