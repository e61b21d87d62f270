"""A page being measured: Chromium's own counters, and what `probe.js` notes inside it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from tests.ui.panel import Panel
from tests.ui.visitor import Visitor

PROBE = Path(__file__).with_name("probe.js").read_text()
FRAME = 1000 / 60
"""Milliseconds between two frames of a screen."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Since the page was opened. Seconds, but for `heap` (bytes)."""

    at: float
    task: float
    script: float
    ran: float
    """Its main thread had a core."""
    waited: float
    """Its main thread could have run and waited for a core."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the main thread did in a span of time."""

    seconds: float
    busy: float
    """Share of the time in which it had a core: what others take of the machine does not count."""
    task: float
    """Share of the time in which it was in the middle of something: what Chromium calls TaskDuration."""
    script: float
    waited: float
    blocking: float
    """Total blocking time: what long tasks (over 50 ms) have above 50 ms. Milliseconds."""
    longest_task: float
    frames: int
    dropped: int
    longest_frame: float

    @property
    def note(self) -> str:
        """How far others kept the machine busy meanwhile."""
        return f"tasks {self.task:.0%} of {self.seconds:.1f} s, of which the thread waited for a core {self.waited:.0%}"


class MeasuredPage:
    """`async with page.work() as work: ...`"""

    def __init__(self, page: Page, session: CDPSession, renderer: int) -> None:
        self.page = page
        self.panel = Panel(page)
        self.session = session
        self._schedule = Path(f"/proc/{renderer}/schedstat")  # of the main thread, which has the number of its process
        self.clock = 0.0

    @classmethod
    async def open(cls, browser: Browser, visitor: Visitor) -> MeasuredPage:
        """A new tab that is being measured from its first line on."""
        await visitor.context.add_init_script(PROBE)
        before = await _renderers(browser)
        page = await visitor.context.new_page()
        session = await visitor.context.new_cdp_session(page)
        await session.send("Performance.enable")
        await session.send("HeapProfiler.enable")
        new = await _renderers(browser) - before
        return cls(page, session, max(new))

    # ---- counters

    async def counters(self) -> Counters:
        """As of now."""
        metrics = await self._metrics()
        ran, waited = (int(number) / 1e9 for number in self._schedule.read_text().split()[:2])
        return Counters(metrics["Timestamp"], metrics["TaskDuration"], metrics["ScriptDuration"], ran, waited)

    async def begin(self) -> Counters:
        """What follows is to be measured."""
        await self.page.evaluate("bench.tasks.length = 0; bench.watchFrames()")
        return await self.counters()

    async def end(self, before: Counters) -> Work:
        """What was done since `begin`."""
        after = await self.counters()
        tasks, frames = await self.page.evaluate("[bench.tasks, bench.stopFrames()]")
        seconds = after.at - before.at
        gaps = [later - earlier for earlier, later in pairwise(frames)]
        return Work(
            seconds=seconds,
            busy=(after.ran - before.ran) / seconds,
            task=(after.task - before.task) / seconds,
            script=(after.script - before.script) / seconds,
            waited=(after.waited - before.waited) / seconds,
            blocking=sum(max(0, duration - 50) for _, duration in tasks),
            longest_task=max((duration for _, duration in tasks), default=0),
            frames=len(frames),
            dropped=sum(round(gap / FRAME) - 1 for gap in gaps if gap > 1.5 * FRAME),
            longest_frame=max(gaps, default=0),
        )

    async def heap(self) -> float:
        """Megabytes of JavaScript objects that are still needed."""
        for _ in range(3):
            await self.session.send("HeapProfiler.collectGarbage")
        return (await self._metrics())["JSHeapUsedSize"] / 2**20

    async def _metrics(self) -> dict[str, float]:
        answer = await self.session.send("Performance.getMetrics")
        return {each["name"]: each["value"] for each in answer["metrics"]}

    # ---- time

    async def set_clock(self) -> None:
        """Learn how the page's clock stands to the machine's: from the quickest of many looks at both."""
        best = float("inf")
        for _ in range(100):
            before = time.monotonic_ns()
            answer = await self.session.send("Runtime.evaluate", {"expression": "performance.now()"})
            after = time.monotonic_ns()
            if after - before < best:
                best = after - before
                self.clock = answer["result"]["value"] - (before + after) / 2e6

    def since(self, stamp: str | int, moment: float) -> float:
        """Milliseconds from a stamp of the model server to a moment of the page."""
        return moment - (int(stamp) / 1e6 + self.clock)

    async def is_quiet(self) -> None:
        """Wait until nothing long has run for half a second."""
        await self.page.evaluate("bench.isQuiet(500)")

    async def until(self, test: str) -> tuple[float, Any]:
        """The moment of the first frame in which this JavaScript is true, and its value."""
        moment, value = await self.page.evaluate(f"bench.until(() => {test})")
        return moment, value


async def _renderers(browser: Browser) -> set[int]:
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    await session.detach()
    return {process["id"] for process in processes if process["type"] == "renderer"}
