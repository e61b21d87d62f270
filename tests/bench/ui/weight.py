"""What the browser fetches for the panel, gzipped: before it is opened, and when it has been."""

from __future__ import annotations

import asyncio
import gzip

from playwright.async_api import Response

from tests.ui.visitor import OURS, Visitor

from ..figures import Figure
from .stand import Stand


async def measure(here: Stand) -> list[Figure]:
    """A second visit with the right side area closed, the panel opened in it; then a first answer."""
    visitor = await Visitor.arrive(here.browser, here.lab.url)
    page = await visitor.context.new_page()
    await visitor.go(page)
    await page.get_by_test_id("llmhub-composer").wait_for()
    async with page.expect_response(lambda response: '"collapsed":true' in (response.request.post_data or "")) as saved:
        await page.evaluate("jupyterapp.shell.collapseRight()")
    await (await saved.value).finished()
    await page.close()

    page = await visitor.context.new_page()
    heard: list[Response] = []
    page.on("response", lambda response: heard.append(response))  # Playwright marks its handlers
    await visitor.go(page)
    await page.wait_for_function("window.jupyterapp")
    await page.evaluate("jupyterapp.restored")
    await page.wait_for_load_state("networkidle")
    closed = await page.evaluate("jupyterapp.shell.rightCollapsed")
    before = await _bytes(heard)
    await page.evaluate("jupyterapp.shell.activateById('llmhub-panel')")
    await page.get_by_test_id("llmhub-composer").wait_for()
    await page.wait_for_load_state("networkidle")
    shown = await _bytes(heard)
    await page.get_by_test_id("llmhub-composer").fill("Tell me")
    await page.get_by_test_id("llmhub-composer").press("Enter")
    await page.get_by_text("Ended at").wait_for(timeout=60_000)
    used = await _bytes(heard)
    await visitor.context.close()

    def figure(what: str, files: dict[str, tuple[int, int]], target: float | None) -> Figure:
        names = ", ".join(f"{name} {packed / 1000:.1f}" for name, (_, packed) in sorted(files.items()))
        return Figure(
            f"JavaScript of the panel, gzip, {what}",
            sum(packed for _, packed in files.values()) / 1000,
            "kB",
            target,
            f"{sum(raw for raw, _ in files.values()) / 1000:.0f} kB as it lies there: {names}",
        )

    return [
        figure("before it is opened" if closed else "at once: it has opened itself again", before, 150),
        figure("when it has been opened", shown, 300),
        figure("after an answer with everything in it", used, None),
    ]


async def _bytes(heard: list[Response]) -> dict[str, tuple[int, int]]:
    """Of each script of ours: its size and its size gzipped."""
    ours = [each for each in heard if OURS in each.url and each.url.split("?")[0].endswith(".js")]
    bodies = await asyncio.gather(*(each.body() for each in ours))
    return {
        each.url.split("?")[0].rsplit("/", 1)[1]: (len(body), len(gzip.compress(body)))
        for each, body in zip(ours, bodies, strict=True)
    }
