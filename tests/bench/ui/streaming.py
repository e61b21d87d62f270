"""A long answer arriving: 5,000 tokens of Markdown at 200 tokens a second, beside a bare JupyterLab that has nothing to do."""

from __future__ import annotations

from ..figures import Figure
from .page import MeasuredPage, Work
from .stand import ANSWER, Stand


async def measure(here: Stand) -> list[Figure]:
    """Warm: the fonts of mathematics and the languages of code have been loaded by an answer before."""
    async with here.page(bare=True) as page:
        before = await page.begin()
        await page.page.evaluate("new Promise(resolve => setTimeout(resolve, 8000))")
        idle = await page.end(before)
    async with here.page() as page:
        await page.panel.send("Warm up", "lab/words-3-at-0")
        await page.panel.choose(f"lab/{ANSWER}")
        await answer(page)
        await page.panel.get("new-chat").click()
        await page.is_quiet()
        work, late, settled = await answer(page)
    what = "5,000 tokens at 200/s"
    return [
        Figure(f"{what}: total blocking time", work.blocking, "ms", 300, f"longest task {work.longest_task:.0f} ms"),
        Figure(f"{what}: main thread busy", work.busy * 100, "%", 40, f"{work.note}; bare and idle {idle.busy:.0%}"),
        Figure(f"{what}: all of the text is seen after the provider's last byte", late, "ms", 500),
        Figure(f"{what}: all mathematics is set after it", settled, "ms"),
        Figure(f"{what}: dropped frames of {work.frames + work.dropped:,}", work.dropped, "", None, _drops(work, idle)),
    ]


async def answer(page: MeasuredPage) -> tuple[Work, float, float]:
    """Ask, and follow the answer to its end."""
    await page.set_clock()
    before = await page.begin()
    await page.panel.send("Tell me all about it")
    moment, stamp = await page.until("bench.ended(bench.lastAnswer())")
    drawn, _ = await page.until(
        "bench.lastAnswer().dataset.status === 'complete' && !/\\$\\$/.test(bench.lastAnswer().textContent)"
    )
    work = await page.end(before)
    return work, page.since(stamp, moment), page.since(stamp, drawn)


def _drops(work: Work, idle: Work) -> str:
    return f"longest gap {work.longest_frame:.0f} ms; bare and idle {idle.dropped} of {idle.frames + idle.dropped}"
