"""Queries of the ledger and the gauge; ceilings of spending."""

from __future__ import annotations

from typing import Annotated, cast, get_args

from pydantic import AfterValidator, Field

from ...agents.ceilings import Ceiling
from ...conversations.ledger import Within
from ...conversations.values import Source, UsageBy
from ...messages import Value
from .fields import Id, Model, Name, Time, Zone
from .messages import BranchQuery


def _ways(text: str) -> str:
    unknown = [way for way in text.split(",") if way not in get_args(UsageBy)]
    if unknown:
        raise ValueError(f"names {unknown[0][:40]!r}; there are {', '.join(get_args(UsageBy))}")
    return text


class UsageQuery(Value):
    """Requests made at `since` or later, and before `until`."""

    since: Time | None = None
    until: Time | None = None


class LedgerQuery(UsageQuery):
    """Which entries of the ledger: all conditions hold together."""

    model: Model | None = None
    provider: Name | None = None
    source: Source | None = None
    conversation_id: Id | None = None
    folder_id: Id | None = None

    def within(self, owner: str) -> Within:
        """As the store takes it."""
        return Within(
            owner,
            self.since,
            self.until,
            model=self.model,
            provider=self.provider,
            source=self.source,
            conversation_id=self.conversation_id,
            folder_id=self.folder_id,
        )


class ReportQuery(LedgerQuery):
    """`by`: one or more of the ways, with commas. Days begin at midnight in `zone`."""

    by: Annotated[
        str,
        Field(max_length=100, description="day, model, provider, source, conversation, folder, message; several with commas"),
        AfterValidator(_ways),
    ] = "day,model,source,conversation"
    zone: Zone = "UTC"

    @property
    def ways(self) -> tuple[UsageBy, ...]:
        """What `by` names."""
        return cast("tuple[UsageBy, ...]", tuple(dict.fromkeys(self.by.split(","))))


class ContextQuery(BranchQuery):
    """Which turn: the one below `leaf`, answered by `model`; absent: the conversation's model, else the default one."""

    model: Model | None = None


class CeilingsView(Value):
    """The ceilings that are set, how they stand, and whether the user may set them."""

    items: tuple[Ceiling, ...]
    usd_per_day: float | None
    usd_per_month: float | None
    locked: bool


Dollars = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class CeilingChanges(Value):
    """The user's own ceilings, in US dollars; null: none of one's own. What is absent stays."""

    usd_per_day: Dollars | None = None
    usd_per_month: Dollars | None = None
