"""How much later the first token is seen in the panel than the provider has sent it, everything warm."""

from __future__ import annotations

import time

from ..figures import Figure, median, percentile
from .page import MeasuredPage
from .stand import STAMPS, THINKER, Stand

WARM, ROUNDS = 5, 30
# All digits of the first stamp: the space behind it is seen with the second one only, which is later.
DIGITS = len(str(time.monotonic_ns()))
SEEN = rf"bench.lastAnswer()?.querySelector('.jp-llmhub-markdown')?.textContent.match(/^\s*(\d{{{DIGITS}}})/)?.[1]"


async def measure(here: Stand) -> list[Figure]:
    """Of a model that thinks for a quarter of a second, as models do, and of one that answers before the question is drawn."""
    async with here.page() as page:
        return [
            *await _lateness(page, THINKER, "first token in the page above the provider", 30),
            *await _lateness(page, STAMPS, "the same, of a model that does not think at all", None),
        ]


async def _lateness(page: MeasuredPage, model: str, what: str, target: float | None) -> list[Figure]:
    """From the stamp that the token itself is, to the page's node that has it, and to the frame that shows it."""
    noted: list[float] = []
    painted: list[float] = []
    await page.panel.choose(f"lab/{model}")
    for number in range(WARM + ROUNDS):
        await page.set_clock()
        await page.page.evaluate(f"bench.noteFirst(() => {SEEN})")
        await page.panel.send(f"Round {number}")
        stamp, seen, drawn = await page.page.evaluate("bench.first")
        await page.until("bench.lastAnswer().dataset.status === 'complete'")
        if number >= WARM:
            noted.append(page.since(stamp, seen))
            painted.append(page.since(stamp, drawn))
    spread = "p90 {:.0f} ms, least {:.0f} ms"
    return [
        Figure(what, median(noted), "ms", target, spread.format(percentile(noted, 90), min(noted))),
        Figure("the frame that shows it", median(painted), "ms", None, spread.format(percentile(painted, 90), min(painted))),
    ]
