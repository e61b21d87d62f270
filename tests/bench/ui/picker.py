"""A list of 4,000 models: opening it, and finding one by typing."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from ..figures import Figure, percentile
from .stand import Stand

if TYPE_CHECKING:
    from playwright.async_api import Route

MODELS = 4000
PROVIDERS = 20
TIMES = 7
KEYS = ["model 12", "39", "provider-7 3", "no such model"]


async def measure(here: Stand) -> list[Figure]:
    """What the server says of one model, said of 4,000: the panel's part is measured."""
    async with here.page() as page:
        await page.page.route("**/llmhub/api/models*", _many)
        picker, search = page.panel.get("model-picker"), page.panel.get("model-search")
        opened: list[float] = []
        for _ in range(TIMES):
            await page.is_quiet()
            await page.page.evaluate(
                "addEventListener('click', event => { bench.marks.click = event.timeStamp }, {capture: true, once: true})"
            )
            await picker.click()
            moment, _ = await page.until("document.querySelectorAll('[data-testid=llmhub-model-option]').length > 9")
            opened.append(moment - await page.page.evaluate("bench.marks.click"))
            await page.is_quiet()
            nodes = await page.page.evaluate("document.querySelectorAll('[data-testid=llmhub-models] *').length")
            await search.press("Escape")
        await picker.click()
        await page.is_quiet()
        await page.page.evaluate("bench.keys.length = 0")
        for query in KEYS:
            await search.fill("")
            for letter in query:
                await page.page.keyboard.press("Space" if letter == " " else letter)
                await asyncio.sleep(0.11)
        keys = [each[1] for each in await page.page.evaluate("bench.keys")]
        known = await page.page.evaluate("document.querySelectorAll('[data-testid=llmhub-models] [role=group]').length")
        assert known == 0, "what is called nothing was found"
    # When it is opened for the first time, the 4,000 are not there yet: the panel asks for them then.
    warm = opened[1:]
    return [
        Figure(f"{MODELS:,} models: the list is seen after a click", percentile(warm, 50), "ms", 100, f"worst {max(warm):.0f} ms"),
        Figure(
            f"{MODELS:,} models: key → frame while one types, p95",
            percentile(keys, 95),
            "ms",
            16,
            f"p50 {percentile(keys, 50):.1f} ms",
        ),
        Figure(f"{MODELS:,} models: elements in the list", nodes, ""),
    ]


async def _many(route: Route) -> None:
    answer = await (await route.fetch()).json()
    first = answer["items"][0]
    items = [
        {**first, "id": f"provider-{n % PROVIDERS}/model-{n}", "provider": f"provider-{n % PROVIDERS}", "label": f"Model {n}"}
        for n in range(MODELS)
    ]
    await route.fulfill(status=200, content_type="application/json", body=json.dumps({**answer, "items": items}))
