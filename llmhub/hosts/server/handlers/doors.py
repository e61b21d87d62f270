"""The doors for programs that know OpenAI's or Anthropic's API: `{base_url}llmhub/v1`. Nothing goes into the conversation store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ....errors import ContentRefused, LLMHubError, NotFound
from ...doors import anthropic_answer, openai_answer
from ...doors.anthropic_answer import MessageStream, message
from ...doors.anthropic_body import CountBody, MessagesBody, messages_request
from ...doors.gathered import Gathered
from ...doors.openai_answer import ChatStream, completion
from ...doors.openai_body import ChatBody, chat_request
from ...doors.openai_embeddings import EmbeddingsBody, embeddings_list
from ..door import Door
from ..openapi import doors_document
from ..operation import reads, writes

_ERRORS: Final = (404, 429, 502, 504)


class ModelsHandler(Door):
    """All of them."""

    @reads("The models that can be asked now", answer=dict[str, Any])
    async def get(self) -> dict[str, Any]:
        """As OpenAI lists them, or Anthropic for its own clients."""
        may_use = self.rules.may_use
        models = [model for model in await self.workspace.router.models() if may_use(model.id)]
        return (anthropic_answer if self.is_anthropic else openai_answer).models_list(models)


class ModelHandler(Door):
    """One of them."""

    @reads("One model", answer=dict[str, Any], errors=(404,))
    async def get(self, model: str) -> dict[str, Any]:
        """A model that no list knows may exist all the same."""
        self.rules.check_model(model)
        info = await self.workspace.router.info(model)
        return (anthropic_answer if self.is_anthropic else openai_answer).model_of(info)


class ChatHandler(Door):
    """OpenAI's chat completions."""

    @writes("Answer a conversation, as OpenAI's chat completions do", body=ChatBody, answer=dict[str, Any], errors=_ERRORS)
    async def post(self, body: ChatBody) -> dict[str, Any] | None:
        """With `stream`: server-sent events."""
        request = chat_request(body)
        if not body.stream:
            return completion(await self.gather(request))
        include_usage = bool(body.stream_options and body.stream_options.include_usage)
        await self.stream(request, ChatStream(body.model, include_usage=include_usage))
        return None


class EmbeddingsHandler(Door):
    """OpenAI's embeddings."""

    @writes("Make vectors of texts", body=EmbeddingsBody, answer=dict[str, Any], errors=_ERRORS)
    async def post(self, body: EmbeddingsBody) -> dict[str, Any]:
        """By the provider's own embedding models."""
        self.rules.check_model(body.model)
        bill = self._bill("embeddings", body.model)
        found = await self.workspace.router.embed(body.model, body.texts(), dimensions=body.dimensions, bill=bill)
        return embeddings_list(body, found)


class MessagesHandler(Door):
    """Anthropic's messages."""

    @property
    def is_anthropic(self) -> bool:
        """Nobody else asks here."""
        return True

    @writes("Answer a conversation, as Anthropic's messages do", body=MessagesBody, answer=dict[str, Any], errors=(*_ERRORS, 529))
    async def post(self, body: MessagesBody) -> dict[str, Any] | None:
        """With `stream`: server-sent events."""
        request = messages_request(body)
        if not body.stream:
            return message(await self.gather(request))
        await self.stream(request, MessageStream(body.model))
        return None

    def forgives(self, said: Gathered, error: LLMHubError) -> bool:
        """This API has a reason for the end where a model refuses, also before the first word."""
        if isinstance(error, ContentRefused):
            said.reason = "content_filter"
        return said.reason == "content_filter"


class CountHandler(Door):
    """Anthropic's counting of tokens."""

    @property
    def is_anthropic(self) -> bool:
        """Nobody else asks here."""
        return True

    @writes("How many tokens a request has, before it is sent", body=CountBody, answer=dict[str, int], errors=_ERRORS)
    async def post(self, body: CountBody) -> dict[str, int]:
        """As its provider counts, where that can; else our estimate. `llmhub-counted-by` says which."""
        self.rules.check_model(body.model)
        request = replace(messages_request(body), user=self.principal.id)
        tokens, is_exact = await self.workspace.router.count(request)
        self.set_header("llmhub-counted-by", "provider" if is_exact else "estimate")
        return {"input_tokens": tokens}


class DocumentHandler(Door):
    """OpenAPI 3.1."""

    needs_workspace = False

    @reads("This document", answer=dict[str, Any])
    async def get(self) -> dict[str, Any]:
        """What is taken at the doors; OpenAI and Anthropic say what comes back."""
        return doors_document(self.base_url)


class UnknownHandler(Door):
    """Whatever else such a program asks for."""

    needs_workspace = False

    async def prepare(self, *, _redirect_to_login: bool = False) -> None:
        """Authenticated first: nobody learns anything from the difference."""
        await super().prepare()
        hint = "There are models, chat/completions, embeddings and messages."
        raise NotFound(f"llmhub has no {self.request.path[:200]!r}.", hint=hint)
