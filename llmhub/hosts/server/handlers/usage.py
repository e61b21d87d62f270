"""What was used, what it cost, and how much may be spent."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from ....agents.gauge import ContextView, gauge
from ....agents.seen import SeenCeilings
from ....conversations.values import ConversationUsage, UsageReport, UsageTotal
from ....errors import Invalid
from ...bodies.messages import BranchQuery
from ...bodies.usage import CeilingChanges, CeilingsView, ContextQuery, LedgerQuery, ReportQuery, UsageQuery
from ...ledger_table import table
from ..handler import Handler
from ..operation import reads, writes


class AccountsHandler(Handler):
    """Tells of the ledger."""

    async def settled(self) -> None:
        """Return when all that has ended is in it."""
        await self.workspace.runs.settle()
        await self.workspace.runs.ledger.flush()


class UsageHandler(AccountsHandler):
    """All of one person's requests together."""

    @reads("Tokens and cost of a time, deleted and temporary conversations included", query=UsageQuery, answer=UsageTotal)
    async def get(self, query: UsageQuery) -> UsageTotal:
        """Summed over everything that was paid for."""
        await self.settled()
        return await self.workspace.conversations.usage(self.principal.id, since=query.since, until=query.until)


class ReportHandler(AccountsHandler):
    """The same, broken down."""

    @reads(
        "Tokens and cost of a time by day, model, provider, source, conversation, folder or message",
        query=ReportQuery,
        answer=UsageReport,
    )
    async def get(self, query: ReportQuery) -> UsageReport:
        """What cost most comes first; days come in their order."""
        await self.settled()
        within = query.within(self.principal.id)
        total, groups = await self.workspace.conversations.usage_by(within, query.ways, ZoneInfo(query.zone))
        return UsageReport(since=query.since, until=query.until, zone=query.zone, total=total, groups=groups)


class TableHandler(AccountsHandler):
    """Every entry."""

    @reads("Every request that was paid for, as CSV", query=LedgerQuery, answer=str, media_type="text/csv")
    async def get(self, query: LedgerQuery) -> None:
        """As a download, written while it is read."""
        await self.settled()
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="llmhub-usage.csv"')
        self.set_header("X-Content-Type-Options", "nosniff")
        async for lines in table(self.workspace.conversations, query.within(self.principal.id)):
            self.say(lines)
            await self.flush()
        self.end()


class ConversationUsageHandler(AccountsHandler):
    """One conversation's."""

    @reads(
        "Tokens and cost of a conversation, a branch and its messages", query=BranchQuery, answer=ConversationUsage, errors=(404,)
    )
    async def get(self, conversation_id: str, query: BranchQuery) -> ConversationUsage:
        """Attempts that came to nothing, and answers that were deleted, are in the conversation's sum."""
        await self.settled()
        return await self.workspace.conversations.usage_of(self.principal.id, conversation_id, leaf=query.leaf)


class ContextHandler(Handler):
    """What the next request would hold."""

    @reads(
        "Tokens of the next request by part, what is kept free, and its price as a range; nobody is asked",
        query=ContextQuery,
        answer=ContextView,
        errors=(404, 422),
    )
    async def get(self, conversation_id: str, query: ContextQuery) -> ContextView:
        """What is being written comes on top."""
        workspace, owner = self.workspace, self.principal.id
        conversation = await workspace.conversations.get(owner, conversation_id)
        model = query.model or conversation.model or await workspace.router.default_model(self.rules)
        if not model:
            raise Invalid("No model is chosen.", hint="Choose a model, or set default_model in llmhub.yaml.")
        self.rules.check_model(model)
        info = await workspace.router.info(workspace.router.resolve(model))
        return await gauge(workspace.conversations, owner, conversation, info, leaf=query.leaf)


class CeilingsHandler(Handler):
    """How much may be spent before llmhub asks."""

    @reads("The ceilings of spending, and how they stand", answer=CeilingsView)
    async def get(self) -> CeilingsView:
        """None, if none is set."""
        await self.workspace.runs.settle()
        return await ceilings_view(self)

    @writes("Change the user's own ceilings of spending", body=CeilingChanges, answer=CeilingsView, errors=(403,))
    async def patch(self, body: CeilingChanges) -> CeilingsView:
        """What llmhub.yaml locks stays."""
        await self.workspace.change_settings({"limits": body.model_dump(exclude_unset=True)}, principal=self.principal)
        self.publish("settings.changed")
        return await ceilings_view(self)


class CeilingsSeenHandler(Handler):
    """The notice that a ceiling is near."""

    @writes("Wave away the notice that a ceiling is near, in all browsers, until its period is over", answer=CeilingsView)
    async def post(self) -> CeilingsView:
        """What is not near yet will still be said."""
        await self.workspace.runs.settle()
        seen = SeenCeilings(self.workspace.config.data_dir, self.principal)
        limits = self.rules.config.settings.limits
        await asyncio.to_thread(seen.add, await self.workspace.runs.ledger.ceilings.all(self.principal.id, limits))
        self.publish("settings.changed")
        return await ceilings_view(self)


async def ceilings_view(handler: Handler) -> CeilingsView:
    """How the ceilings of whoever asks stand."""
    config = handler.rules.config
    limits = config.settings.limits
    items = await handler.workspace.runs.ledger.ceilings.all(handler.principal.id, limits)
    seen = SeenCeilings(handler.workspace.config.data_dir, handler.principal)
    return CeilingsView(
        items=tuple(await asyncio.to_thread(seen.mark, items)),
        usd_per_day=limits.usd_per_day,
        usd_per_month=limits.usd_per_month,
        locked=config.is_locked("limits.usd_per_day") or config.is_locked("limits.usd_per_month"),
    )
