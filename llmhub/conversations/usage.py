"""What answers used: read from the messages themselves, as each run left it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import fsum
from typing import Final

from sqlalchemy import Connection, select

from ..ids import first_id_at
from ..messages import Usage
from .tables import conversations, messages
from .values import UsageTotal

_MARGIN: Final = timedelta(hours=1)
"""An answer's id is made a moment before its time is taken."""


def answers(c: Connection, owner: str, since: datetime | None, until: datetime | None) -> Sequence[Usage | None]:
    """What each of the owner's answers used that runs began at `since` or later and before `until`.

    Ids sort by time, so that a day costs what was said that day, not what was ever said.
    """
    asked = select(messages.c.usage).join(conversations).where(conversations.c.owner == owner, messages.c.run_id.is_not(None))
    if since is not None:
        asked = asked.where(messages.c.id >= first_id_at(since - _MARGIN), messages.c.created_at >= since)
    if until is not None:
        asked = asked.where(messages.c.created_at < until)
    return [None if used is None else Usage.model_validate(used) for used in c.execute(asked).scalars()]


def total(answers: Iterable[Usage | None]) -> UsageTotal:
    """All of it together."""
    found = list(answers)
    used = [usage for usage in found if usage is not None]
    return UsageTotal(
        answers=len(found),
        input_tokens=sum(usage.input_tokens or 0 for usage in used),
        cached_tokens=sum(usage.cached_tokens or 0 for usage in used),
        output_tokens=sum(usage.output_tokens or 0 for usage in used),
        reasoning_tokens=sum(usage.reasoning_tokens or 0 for usage in used),
        cost_usd=round(fsum(usage.cost_usd or 0 for usage in used), 9),
        unpriced_answers=sum(usage.cost_usd is None and bool(usage.input_tokens or usage.output_tokens) for usage in used),
    )
