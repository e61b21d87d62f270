"""`Door`: what the routes have in common that answer as somebody else's API does: who asks, who pays, failures in foreign words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_server.auth.identity import IdentityProvider

from ...conversations.values import Source
from ...errors import AccessDenied, LLMHubError
from ...identity import Principal
from ...messages import FilePart, ImagePart, Part, ToolResultPart
from ...providers.base import Adapted, ModelRequest, ProviderEvent
from ...providers.billing import Bill
from ..doors.adapted import adapted_header
from ..doors.failure import NOBODY, anthropic_error, openai_error
from ..doors.gathered import Gathered
from ..http import to_json
from .kernel_access import KernelIdentity, Person
from .pieces import InPieces, without_end

if TYPE_CHECKING:
    from ...workspace import Workspace


class Door(InPieces):
    """A route that answers as somebody else's API does."""

    def initialize(self) -> None:
        """Called by tornado before anything else."""
        super().initialize()
        self._kernel: KernelIdentity | None = None
        self._holder: Person | None = None

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Take the token also as Anthropic's clients send it."""
        headers = self.request.headers
        if (key := headers.get("x-api-key")) and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {key}"
        given = headers.get("Authorization", "").partition(" ")[2].strip()
        if (holder := self.extension.kernels.holder(given)) is not None:
            self._kernel = KernelIdentity(holder)
            self._holder = holder
        await super().prepare(_redirect_to_login=_redirect_to_login)
        if self.needs_workspace and self.request.method != "OPTIONS":
            self.rules.check_feature("doors")
            if self._holder is not None and not self.rules.config.settings.kernel_access:
                self.extension.kernels.revoke_all()
                raise AccessDenied(
                    "Notebooks may no longer use the models here.",
                    hint="Allow it in the chat settings, then restart the kernel's notebook.",
                )

    @property
    def identity_provider(self) -> IdentityProvider:
        """The server's own, or for a kernel's key one that knows its holder."""
        return self._kernel or super().identity_provider

    @property
    def principal(self) -> Principal:
        """Who asks; for a kernel's key whoever owns the kernel."""
        return super().principal if self._holder is None else self._holder.principal

    @property
    def is_anthropic(self) -> bool:
        """Whether a client of Anthropic's asks: only those send their API's version."""
        return "anthropic-version" in self.request.headers

    def check_path(self, value: str) -> None:
        """A model's name may be anything."""

    def error_answer(self, error: BaseException, status: int) -> tuple[int, bytes]:
        """In the shape that the client knows."""
        if status == 403 and getattr(self, "_jupyter_current_user", None) is None and self.check_host():
            error = NOBODY
        status, body = (anthropic_error if self.is_anthropic else openai_error)(error, status)
        return status, to_json(body)

    async def gather(self, request: ModelRequest) -> Gathered:
        """The whole answer."""
        said = Gathered(request.model)
        async with self.answering(request) as events:
            try:
                async for event in events:
                    if isinstance(event, Adapted):
                        self.tell(event)
                    said.take(event)
            except LLMHubError as exc:
                if not self.forgives(said, exc):
                    raise
        if said.reason is None:
            raise without_end(request.model)
        return said

    def forgives(self, said: Gathered, error: LLMHubError) -> bool:
        """Whether the error is told by the reason for the end."""
        return said.reason == "content_filter"

    def events(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """What the provider says to who asks."""
        return super().events(self._asked(request))

    def _asked(self, request: ModelRequest) -> ModelRequest:
        """The request with who asks. `X-LLMHub-Over-Ceiling: true` is their consent to spend more than they wanted to."""
        source: Source = "anthropic" if self.is_anthropic else "openai"
        return asked_by(self.workspace, self.principal, request, source, consented=self._has_consented)

    @property
    def _has_consented(self) -> bool:
        return self.request.headers.get("X-LLMHub-Over-Ceiling", "").strip().lower() in ("true", "1", "yes")

    def _bill(self, source: Source, model: str) -> Bill:
        """Who asks pays."""
        return bill_of(self.workspace, self.principal, source, model, consented=self._has_consented)

    def tell(self, event: Adapted) -> None:
        """Say in a header what the model gets otherwise than it was asked for: no field of these APIs has a place for it."""
        if not self.is_open:
            self.set_header("llmhub-adapted", adapted_header(event.items))


def bill_of(workspace: Workspace, principal: Principal, source: Source, model: str, *, consented: bool = False) -> Bill:
    """Somebody's bill, within their limits unless they have consented to more."""
    limits = workspace.policy.of(principal).config.settings.limits
    return workspace.runs.ledger.bill(principal.id, source, model, limits=limits, consented=consented)


def asked_by(
    workspace: Workspace, principal: Principal, request: ModelRequest, source: Source, *, consented: bool = False
) -> ModelRequest:
    """A request with who asks and pays. Raises `AccessDenied` for a model, or pictures, that they may not use."""
    rules = workspace.policy.of(principal)
    rules.check_model(request.model)
    if any(_has_files(message.parts) for message in request.messages):
        rules.check_feature("attachments")
    bill = bill_of(workspace, principal, source, request.model, consented=consented)
    return replace(request, may_use=rules.may_use, user=principal.id, bill=bill)


def _has_files(parts: Sequence[Part]) -> bool:
    return any(
        isinstance(part, ImagePart | FilePart) or (isinstance(part, ToolResultPart) and _has_files(part.parts)) for part in parts
    )
