"""The map of a conversation of 10,000 messages: opening it, moving and zooming in it."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from ..figures import Figure, percentile
from .page import MeasuredPage

if TYPE_CHECKING:
    from .stand import Stand

MESSAGES = 10_000
TIMES = 5
STEPS = 90
FORGET = "[...jupyterapp.shell.widgets('right')].find(widget => widget.session).session.chat.tree.all = []"
"""The tree is known where a long path was outlined, or the map was seen before."""


async def measure(here: Stand) -> list[Figure]:
    """Opened by its button, whose click is the beginning; what is waited for is a card with words."""
    async with here.page() as page:
        await page.panel.run("llmhub:open-conversation", conversation=here.wide_id)
        await page.panel.get("show-map").wait_for()
        await page.is_quiet()
        # Its code is fetched when it is opened for the first time.
        first, *fresh = [await _open(page, is_known=False) for _ in range(TIMES)]
        again = [await _open(page, is_known=True) for _ in range(TIMES)]
        what = f"{MESSAGES:,} messages on the map"
        figures = [
            Figure(
                f"{what}: seen after a click, for the first time",
                percentile(fresh, 50),
                "ms",
                300,
                f"with its code {first:.0f} ms, worst {max(fresh):.0f} ms",
            ),
            Figure(f"{what}: seen after a click, again", percentile(again, 50), "ms", 300, f"worst {max(again):.0f} ms"),
        ]
        await page.panel.get("show-map").click()
        await page.until("document.querySelectorAll('[data-testid=llmhub-map-item]').length > 3")
        for name, press, by_wheel in (("cards", None, False), ("all", "0", False), ("zooming", None, True)):
            figures.append(await _move(page, f"{what}, {name}", press, zooms=by_wheel))
        figures.append(Figure(f"{what}: elements in the panel", await page.panel.nodes(), "", 1500))
        return figures


async def _open(page: MeasuredPage, *, is_known: bool) -> float:
    if not is_known:
        await page.page.evaluate(FORGET)
    await page.page.evaluate(
        "addEventListener('click', event => { bench.marks.click = event.timeStamp }, {capture: true, once: true})"
    )
    await page.panel.get("show-map").click()
    moment, _ = await page.until(
        "document.querySelectorAll('[data-testid=llmhub-map-item] .jp-llmhub-map-words, .jp-llmhub-map-item').length > 3"
    )
    took = moment - await page.page.evaluate("bench.marks.click")
    await page.is_quiet()
    await page.panel.get("map-close").click()
    await page.is_quiet()
    return took


async def _move(page: MeasuredPage, name: str, press: str | None, *, zooms: bool) -> Figure:
    view = page.panel.get("map-view")
    if press:
        await view.press(press)
    await view.hover()
    await page.is_quiet()
    if zooms:
        await page.page.keyboard.down("Control")
    before = await page.begin()
    for step in range(STEPS):
        turn = math.sin(step / STEPS * 4 * math.pi)
        await page.page.mouse.wheel(0 if zooms else 60 * turn, -120 * turn if zooms else 90 * math.cos(step / 9))
        await asyncio.sleep(1 / 60)
    work = await page.end(before)
    if zooms:
        await page.page.keyboard.up("Control")
    return Figure(
        f"{name}: longest frame while {'zooming' if zooms else 'moving'}",
        work.longest_frame,
        "ms",
        33,
        f"{work.dropped} dropped of {work.frames}, longest task {work.longest_task:.0f} ms; {work.note}",
    )
