"""`Ceilings`: how much a person wants to spend in a day and a month, and how much of it is gone. It spends and enters nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import ceil
from time import monotonic
from typing import Final, Literal
from zoneinfo import ZoneInfo

from ..config.settings import Limits
from ..conversations.store import ConversationStore
from ..conversations.values import Entry
from ..errors import QuotaExceeded
from ..messages import Value
from ..money import dollars, nanos

Period = Literal["day", "month"]
FRESH: Final = 30.0
"""Seconds for which a sum is believed: what this process spends is added at once, what others spend is seen then."""


class Ceiling(Value):
    """One ceiling, in US dollars, and how it stands."""

    period: Period
    ceiling_usd: float
    spent_usd: float
    share: float
    """Of the ceiling: 1 is all of it."""
    began_at: datetime
    resets_at: datetime
    seen: bool = False
    """The person was told that it is near, and waved that away."""


@dataclass
class _Sum:
    nanos: int
    read_at: float


class Ceilings:
    """`now` is the time in UTC. Which limits hold for somebody, whoever asks knows: they depend on their role."""

    def __init__(self, store: ConversationStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now
        self._sums: dict[tuple[str, datetime], _Sum] = {}

    async def all(self, owner: str, limits: Limits) -> list[Ceiling]:
        """Those that are set, the shorter period first."""
        found: list[Ceiling] = []
        set_: tuple[tuple[Period, float | None], ...] = (("day", limits.usd_per_day), ("month", limits.usd_per_month))
        for period, usd in set_:
            if usd is not None:
                began, ends = bounds(period, self._now(), zone_of(limits))
                spent = await self._spent(owner, began)
                share = spent / nanos(usd) if nanos(usd) else 1.0
                found.append(
                    Ceiling(period=period, ceiling_usd=usd, spent_usd=dollars(spent), share=share, began_at=began, resets_at=ends)
                )
        return found

    async def admit(self, owner: str, limits: Limits) -> None:
        """Raises `QuotaExceeded` when a ceiling is reached; of two the one that lasts longer."""
        reached = [ceiling for ceiling in await self.all(owner, limits) if ceiling.share >= 1]
        if reached:
            raise self._exceeded(reached[-1])

    def add(self, entry: Entry) -> None:
        """Something was spent by this process."""
        for (owner, began), known in self._sums.items():
            if owner == entry.owner and entry.at >= began:
                known.nanos += entry.nanos or 0

    def forget(self) -> None:
        """Read the sums anew."""
        self._sums.clear()

    async def _spent(self, owner: str, began: datetime) -> int:
        known = self._sums.get((owner, began))
        if known is None or monotonic() - known.read_at > FRESH:
            if len(self._sums) > 1_000:
                self._sums.clear()  # days and months that are over
            known = self._sums[owner, began] = _Sum(await self._store.spent(owner, began), monotonic())
        return known.nanos

    def _exceeded(self, ceiling: Ceiling) -> QuotaExceeded:
        spent, most = f"${ceiling.spent_usd:.2f}", f"${ceiling.ceiling_usd:.2f}"
        period = "today" if ceiling.period == "day" else "this month"
        return QuotaExceeded(
            f"{spent} are spent {period}; your ceiling is {most}.",
            hint="Send anyway this time, raise the ceiling, or wait until the period is over.",
            retry_after=max(1, ceil((ceiling.resets_at - self._now()).total_seconds())),
            details=ceiling.model_dump(mode="json"),
        )


def zone_of(limits: Limits) -> tzinfo:
    """The zone in which days and months begin: the configured one, else this machine's."""
    if limits.time_zone is not None:
        return ZoneInfo(limits.time_zone)
    return datetime.now().astimezone().tzinfo or UTC


def bounds(period: Period, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the day or the month of `now` began and when the next begins, in UTC."""
    local = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period == "day":
        following = local + timedelta(days=1)  # the clock's day, which is an hour longer or shorter twice a year
    else:
        local = local.replace(day=1)
        following = (local + timedelta(days=32)).replace(day=1)
    return local.astimezone(UTC), following.astimezone(UTC)
