"""What of the API a kernel answers itself, where no server runs: each as the server's route of that name does (hosts/server)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar, cast
from urllib.parse import unquote

from pydantic import BaseModel

from ...agents.exporting import each
from ...agents.gauge import gauge
from ...agents.log import Frame
from ...agents.runs import RunRequest
from ...conversations.transfer.export import pieces
from ...conversations.values import NewMessage, Page
from ...errors import Interrupted, Invalid
from ...identity import Principal
from ...policy import Rules
from ...providers.base import ProviderEvent, closing
from ...workspace import Workspace
from ..bodies.conversations import ConversationChanges, ConversationDraft, ConversationQuery
from ..bodies.export import ExportQuery
from ..bodies.imports import ImportAccepted, ImportQuery
from ..bodies.messages import BranchQuery, MessageDraft, MessagesQuery
from ..bodies.models import ParametersQuery
from ..bodies.runs import EventsQuery, RunAccepted, RunsQuery, RunStart, RunView
from ..bodies.usage import ContextQuery
from ..doors.gathered import Gathered
from ..doors.openai_answer import ChatStream, completion
from ..doors.openai_body import ChatBody, chat_request
from ..http import parse, refuse_what_nothing_holds
from ..uploads import check_size, media_type_of, stored

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: whom, by whom, and what it holds (`json`, `params`, `content`, `headers`)."""

    workspace: Workspace
    principal: Principal
    what: Mapping[str, Any]

    @property
    def owner(self) -> str:
        """The id of whoever asks."""
        return self.principal.id

    @property
    def rules(self) -> Rules:
        """What they may do."""
        return self.workspace.policy.of(self.principal)

    def body(self, model: type[Body]) -> Body:
        """The body, checked as the server checks it."""
        body: Any = self.what.get("json") or {}
        refuse_what_nothing_holds(body)
        return parse(model, body)

    def query(self, model: type[Body]) -> Body:
        """The query, checked; parameters that are None were left out."""
        return parse(model, {name: value for name, value in self.params.items() if value is not None})

    @property
    def params(self) -> Mapping[str, Any]:
        """The query as it came."""
        return self.what.get("params") or {}


async def conversations(asked: Asked) -> Any:
    """A page of the list."""
    return await asked.workspace.conversations.list(asked.owner, **asked.query(ConversationQuery).model_dump())


async def create_conversation(asked: Asked) -> Any:
    """Make one."""
    draft = asked.body(ConversationDraft)
    told = draft.model_dump(exclude={"params"})
    return await asked.workspace.conversations.create(asked.owner, **told, params=draft.given_params)


async def conversation(asked: Asked, conversation_id: str) -> Any:
    """One of them."""
    return await asked.workspace.conversations.get(asked.owner, conversation_id)


async def change_conversation(asked: Asked, conversation_id: str) -> Any:
    """Rename it, show another branch, ..."""
    return await asked.workspace.conversations.update(asked.owner, conversation_id, asked.body(ConversationChanges).changes())


async def delete_conversation(asked: Asked, conversation_id: str) -> None:
    """Gone for good."""
    await asked.workspace.runs.stop_all(asked.principal, conversation_id)
    await asked.workspace.delete_conversation(asked.owner, conversation_id)


async def messages(asked: Asked, conversation_id: str) -> Any:
    """A path."""
    page = await asked.workspace.conversations.path(asked.owner, conversation_id, **asked.query(MessagesQuery).model_dump())
    return Page(await asked.workspace.runs.overlay(page.items), page.next)


async def delete_message(asked: Asked, conversation_id: str, message_id: str) -> Any:
    """Take a message away with everything beneath it."""
    return {"head_id": await asked.workspace.runs.delete_message(asked.principal, conversation_id, message_id)}


async def context(asked: Asked, conversation_id: str) -> Any:
    """What the next request would hold."""
    query = asked.query(ContextQuery)
    known = await asked.workspace.conversations.get(asked.owner, conversation_id)
    model = query.model or known.model or await asked.workspace.router.default_model(asked.rules)
    if not model:
        raise Invalid("No model is chosen.", hint="Choose a model, or set default_model in llmhub.yaml.")
    asked.rules.check_model(model)
    info = await asked.workspace.router.info(asked.workspace.router.resolve(model))
    return await gauge(asked.workspace.conversations, asked.owner, known, info, leaf=query.leaf)


async def usage(asked: Asked, conversation_id: str) -> Any:
    """What a conversation used."""
    await asked.workspace.runs.settle()
    leaf = asked.query(BranchQuery).leaf
    return await asked.workspace.conversations.usage_of(asked.owner, conversation_id, leaf=leaf)


async def start_run(asked: Asked, conversation_id: str) -> Any:
    """Answer a turn."""
    body = asked.body(RunStart)
    workspace, principal = asked.workspace, asked.principal
    if body.params is not None:
        known = await workspace.conversations.get(principal.id, conversation_id)
        await workspace.router.check(body.model or known.model, body.params.given())
    parts = None if body.message is None else await stored(body.message.parts, workspace, principal, conversation_id)
    request = RunRequest(
        body.client_request_id,
        parent_id=body.parent_id,
        parts=parts,
        model=body.model,
        params=body.params,
        continues=body.continues,
        instruction=body.instruction,
        moves_head=body.head,
        over_ceiling=body.over_ceiling,
    )
    run = await workspace.runs.start(principal, conversation_id, request)
    return RunAccepted(run_id=run.id, user_message_id=run.user_message_id, message_id=run.message_id)


async def runs(asked: Asked) -> Any:
    """Runs, newest first."""
    page = await asked.workspace.runs.list(asked.principal, **asked.query(RunsQuery).model_dump())
    return Page([RunView.of(run) for run in page.items], page.next)


async def run(asked: Asked, run_id: str) -> Any:
    """How one stands."""
    return RunView.of(await asked.workspace.runs.get(asked.principal, run_id))


async def stop_run(asked: Asked, run_id: str) -> Any:
    """Stop it; what was said stays."""
    return RunView.of(await asked.workspace.runs.stop(asked.principal, run_id))


async def events(asked: Asked, run_id: str) -> Any:
    """A run's events behind number `after`."""
    after = asked.query(EventsQuery).after
    await asked.workspace.runs.check(asked.principal, run_id)
    return _frames(asked, run_id, after)


async def _frames(asked: Asked, run_id: str, after: int) -> AsyncGenerator[bytes]:
    watching = cast("AsyncGenerator[list[Frame]]", asked.workspace.runs.watch(asked.principal, run_id, after))
    async with aclosing(watching) as said:
        async for frames in said:
            yield b"".join(b"event: %b\ndata: %b\n\n" % (frame.type.encode(), frame.data) for frame in frames)


async def models(asked: Asked) -> Any:
    """Every model that may be used."""
    may_use = asked.rules.may_use
    return Page([model for model in await asked.workspace.router.models(patience=1.0) if may_use(model.id)])


async def config(asked: Asked) -> Any:
    """What of the configuration a client asks for: the model of new conversations."""
    return {"default_model": await asked.workspace.router.default_model(asked.rules)}


async def save_message(asked: Asked, conversation_id: str) -> Any:
    """Save a message as a new branch."""
    body = asked.body(MessageDraft)
    new = NewMessage(
        client_request_id=body.client_request_id,
        parent_id=body.parent_id,
        role=body.role,
        parts=await stored(body.parts, asked.workspace, asked.principal, conversation_id, field="parts"),
        model=body.model,
        finish_reason=body.finish_reason,
    )
    return await asked.workspace.conversations.add_message(asked.owner, conversation_id, new)


async def complete(asked: Asked) -> Any:
    """OpenAI's chat completions, as the door gives them: in one piece or as a stream."""
    body = asked.body(ChatBody)
    request, workspace, rules = chat_request(body), asked.workspace, asked.rules
    rules.check_model(request.model)
    bill = workspace.runs.ledger.bill(asked.owner, "openai", request.model, limits=rules.config.settings.limits)
    await workspace.runs.settle()
    answering = workspace.provider.stream(replace(request, may_use=rules.may_use, user=asked.owner, bill=bill))
    if body.stream:
        return _chunks(answering, ChatStream(body.model, include_usage=True))
    said = Gathered(request.model)
    async with closing(answering) as coming:
        async for event in coming:
            said.take(event)
    if said.reason is None:
        raise Interrupted("The answer stopped without an end.", hint="Try again.", model=request.model)
    return completion(said)


async def _chunks(answering: AsyncIterator[ProviderEvent], writer: ChatStream) -> AsyncGenerator[bytes]:
    async with closing(answering) as coming:
        async for event in coming:
            if piece := writer.take(event):
                yield piece
    if writer.reason is None:
        raise Interrupted("The answer stopped without an end.", hint="Try again.")
    yield writer.end()


async def parameters(asked: Asked) -> Any:
    """What a model takes."""
    model = asked.query(ParametersQuery).model or await asked.workspace.router.default_model(asked.rules)
    return Page(list(await asked.workspace.router.parameters(str(model))))


async def put_file(asked: Asked) -> Any:
    """Store a file."""
    headers: Mapping[str, str] = asked.what.get("headers") or {}
    data: bytes = asked.what.get("content") or b""
    kind = media_type_of(headers.get("Content-Type", ""))
    asked.rules.check_feature("attachments")
    limit = asked.rules.config.settings.limits.file_bytes
    if len(data) > limit:
        raise check_size(len(data), limit, image=kind.startswith("image/"))
    name = unquote(headers.get("X-File-Name", "")) or "file"
    if asked.params.get("temporary"):
        return asked.workspace.files.hold(asked.owner, data, name=name, media_type=kind)
    return await asked.workspace.files.put(asked.owner, data, name=name, media_type=kind)


async def file(asked: Asked, file_id: str) -> Any:
    """A file's bytes."""
    return await asked.workspace.files.read(asked.owner, file_id)


async def export(asked: Asked, conversation_id: str) -> Any:
    """One conversation as a file."""
    query = asked.query(ExportQuery)
    bundle = await asked.workspace.exports.one(asked.principal, conversation_id, leaf=query.leaf)
    return b"".join([piece async for piece in each(pieces(bundle, query.options()))])


async def import_file(asked: Asked) -> Any:
    """Bring in a file of conversations, or say what would come in."""
    query, imports = asked.query(ImportQuery), asked.workspace.imports
    name, file, _ = asked.what["files"]["file"]
    upload_id, path = await asyncio.to_thread(imports.upload, asked.principal)
    await asyncio.to_thread(_copy, file, path)
    if query.dry_run:
        return await imports.preview(asked.principal, path, name, upload_id=upload_id)
    job = await imports.start(asked.principal, path, name, client_request_id=query.client_request_id)
    return ImportAccepted(run_id=job.id)


def _copy(file: BinaryIO, path: Path) -> None:
    path.touch(mode=0o600)
    with path.open("wb") as copy:
        shutil.copyfileobj(file, copy)


_ID: Final = "([^/]+)"
TABLE: Final[tuple[tuple[str, str, Callable[..., Awaitable[Any]]], ...]] = (
    ("GET", "conversations", conversations),
    ("POST", "conversations", create_conversation),
    ("GET", f"conversations/{_ID}", conversation),
    ("PATCH", f"conversations/{_ID}", change_conversation),
    ("DELETE", f"conversations/{_ID}", delete_conversation),
    ("GET", f"conversations/{_ID}/messages", messages),
    ("DELETE", f"conversations/{_ID}/messages/{_ID}", delete_message),
    ("GET", f"conversations/{_ID}/context", context),
    ("GET", f"conversations/{_ID}/usage", usage),
    ("GET", f"conversations/{_ID}/export", export),
    ("POST", "import", import_file),
    ("POST", f"conversations/{_ID}/runs", start_run),
    ("GET", "runs", runs),
    ("GET", f"runs/{_ID}", run),
    ("GET", f"runs/{_ID}/events", events),
    ("POST", f"runs/{_ID}/stop", stop_run),
    ("POST", f"conversations/{_ID}/messages", save_message),
    ("GET", "config", config),
    ("POST", "llmhub/v1/chat/completions", complete),
    ("GET", "models", models),
    ("GET", "parameters", parameters),
    ("POST", "files", put_file),
    ("GET", f"files/{_ID}", file),
)
