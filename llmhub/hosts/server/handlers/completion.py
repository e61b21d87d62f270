"""Inline completion: code goes in, what belongs where the cursor stands comes out in pieces. Nothing is kept but what it cost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from ....agents.completion import Code, completion_request, trimmed
from ....errors import Invalid, LLMHubError
from ....messages import FinishReason
from ....providers.base import AnsweredBy, Finished, ModelRequest, ProviderEvent, Text
from ...bodies.completion import CompletionBody, CompletionPiece
from ...http import error_body, to_json
from ..operation import writes
from ..pieces import InPieces


class CompletionHandler(InPieces):
    """Code, as it is typed."""

    media_type = "application/x-ndjson"

    @writes(
        "Complete code where the cursor stands; a client that leaves ends it",
        body=CompletionBody,
        answer=CompletionPiece,
        errors=(403, 404, 429, 502, 504),
        media_type="application/x-ndjson",
    )
    async def post(self, body: CompletionBody) -> None:
        """By the model that is set for it."""
        self.rules.check_feature("completion")
        self._code = Code(**{name: getattr(body, name) for name in CompletionBody.model_fields})
        model = await self._model()
        await self.stream(completion_request(model, self._code), _Pieces(model))

    def events(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """What belongs into the code."""
        rules = self.rules
        limits = rules.config.settings.limits
        bill = self.workspace.runs.ledger.bill(self.principal.id, "completion", request.model, limits=limits)
        return trimmed(super().events(replace(request, may_use=rules.may_use, user=self.principal.id, bill=bill)), self._code)

    async def _model(self) -> str:
        """Whom to ask. The demo's script knows no code."""
        router, rules = self.workspace.router, self.rules
        model = rules.config.settings.completion_model or await router.default_model(rules)
        if model is not None:
            rules.check_model(model)  # first: whether there is one of that name is not for everybody
        if model is None or (await router.info(model)).kind == "demo":
            hint = "Choose a model for inline completion in the chat settings, or set completion_model in llmhub.yaml."
            raise Invalid("No model is chosen that completes code.", hint=hint)
        return router.resolve(model)


class _Pieces:
    """Provider events in, lines of JSON out."""

    awake = b"\n"

    def __init__(self, model: str) -> None:
        self.reason: FinishReason | None = None
        self._model = model

    def take(self, event: ProviderEvent) -> bytes:
        """More text, if it is any."""
        match event:
            case Text(text=text):
                return _line(text=text)
            case AnsweredBy(model=model):
                self._model = model
            case Finished(reason=reason):
                self.reason = reason
            case _:
                pass
        return b""

    def end(self) -> bytes:
        """How it ended, and by whom."""
        return _line(reason=self.reason, model=self._model)

    def fail(self, error: BaseException) -> bytes:
        """An error where the text should have gone on."""
        return error_body(error) + b"\n"

    def refused(self, error: LLMHubError) -> bool:
        """Nothing stands for an error."""
        return False


def _line(**piece: Any) -> bytes:
    return to_json(CompletionPiece(**piece).model_dump(exclude_none=True)) + b"\n"
