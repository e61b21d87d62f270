"""The seam between llmhub and the models: `Provider.stream(request)` yields `ProviderEvent`s.

A provider is anything with these three methods. Concerns such as fallback and metering are providers that wrap a provider.
Failures are raised as the classes of `llmhub.errors`; an adapter lets no foreign exception through.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from ..config import Capability as Capability
from ..events import WaitCode
from ..ids import new_id
from ..messages import Adaptation, FinishReason, Message, TextPart, Usage, Value
from .exchange import Recorder

if TYPE_CHECKING:
    from .billing import Bill, Slip


class Price(Value):
    """US dollars per million tokens."""

    input: float
    output: float
    cached_input: float | None = None
    """Of what the provider had in its cache; None: as much as `input`."""
    cache_write: float | None = None
    """Of what it puts there; None: as much as `input`."""


class ModelInfo(Value):
    """What is known of a model. Facts about models live here, so that nothing compares provider names."""

    id: str
    """`<provider>/<model>`: unique in this llmhub."""
    label: str
    provider: str
    kind: str
    available: bool = True
    why_not: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    capabilities: tuple[Capability, ...] = ()
    price: Price | None = None
    local: bool = False
    family: str | None = None
    """"Claude", "Llama", ...: by its name, whoever serves it; None where the name says nothing."""
    icon: str | None = None
    """An emoji or a `data:image/` URL, as llmhub.yaml says."""
    group: str | None = None
    """The heading under which llmhub.yaml wants it listed; None: its provider."""
    description: str | None = None
    sure: bool = False
    """`capabilities` are all that it can do, as its endpoint, llmhub.yaml or the catalogue says. Else it may do more."""
    alias_of: str | None = None
    """The full id of the model that an alias stands for; everything but `id` and `label` is that model's."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OnlyTool:
    """The one tool that is to be called."""

    name: str


ToolChoice = Literal["auto", "none", "required"] | OnlyTool
"""Whether a tool is to be called; "auto": as the model likes."""


@dataclass(frozen=True, slots=True)
class FileData:
    """A stored file's bytes, for a wire that sends them inline."""

    data: bytes
    media_type: str
    name: str = ""


LoadFile = Callable[[str], Awaitable[FileData]]


def question_of(text: str) -> Message:
    """A message that stands in no conversation: llmhub itself asks."""
    return Message(
        id=new_id(),
        conversation_id="",
        parent_id=None,
        role="user",
        status="complete",
        parts=(TextPart(text=text),),
        created_at=datetime.now(UTC),
    )


async def no_files(file_id: str) -> FileData:
    """A `LoadFile` for requests without files."""
    raise KeyError(file_id)


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in code: what stands before it, and after it."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model. `messages` is the path from the root to the message to be answered.

    `params` are in llmhub's terms (`llmhub.params`); the router leaves out what the model does not take and says so in `adapted`,
    an adapter translates the rest.
    """

    model: str
    messages: tuple[Message, ...]
    system: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tools: tuple[ToolSpec, ...] = ()
    gap: Gap | None = None
    """What a wire is to fill that has a way for it, if the model can; all others answer `messages`, which ask for the same."""
    tool_choice: ToolChoice | None = None
    """None is "auto". A wire that has no such choice leaves the tools out for "none" and takes the others for "auto"."""
    load_file: LoadFile = no_files
    file_sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    """Bytes of the attached files, by id, as far as somebody has looked: for estimates."""
    recorder: Recorder | None = field(default=None, compare=False, repr=False)
    """Keeps what goes over the wire, for who wants to see it."""
    may_use: Callable[[str], bool] | None = field(default=None, compare=False, repr=False)
    """Which models may take over, by full id; None: all."""
    user: str = ""
    """The id of whoever asks, for headers that name them."""
    conversation_id: str = ""
    """Where the answer will stand, for headers that name it; "" where nothing is kept."""
    bill: Bill | None = field(default=None, compare=False, repr=False)
    """Where it is entered what the answer costs. None: nobody is told."""
    slip: Slip | None = field(default=None, compare=False, repr=False)
    """The entry of this very attempt; `Booked` puts it there."""
    provider: str = ""
    """The name of the provider that is asked: thoughts that another one signed are not for it."""
    abilities: frozenset[Capability] | None = None
    """All that the model can do beyond text; None: nobody knows, so it is sent everything."""
    adapted: tuple[Adaptation, ...] = ()
    """What has been changed of the request on its way."""


# ---- what a provider says while it answers


@dataclass(frozen=True, slots=True)
class Text:
    """More text."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """More of what the model thinks."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A fragment of tool call number `index`. The first fragment of a call has its id and name."""

    index: int
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Provider metadata for the part of `part_type` that is being written, or for tool call `index`.

    Merged into the part's `provider_metadata`; must go back to the same wire untouched. Without such a part (redacted thinking) it
    makes an empty one.
    """

    values: Mapping[str, Any]
    part_type: Literal["text", "reasoning", "tool_call"] = "text"
    index: int = 0


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The current text or reasoning part is closed: what follows of the same type is a new part."""


@dataclass(frozen=True, slots=True)
class Used:
    """What the provider reports as used; the last report counts. Only token counts are filled."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Waiting:
    """Words for the user while nothing arrives ("waiting 4 s: the provider's rate limit"), with a code and what they name."""

    text: str
    code: WaitCode | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Adapted:
    """All that the model gets otherwise than it was given. Comes before the first word, and again when there is more of it."""

    items: tuple[Adaptation, ...]


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """Another model than the one asked for took over (fallback). `model` is a full id."""

    model: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The provider's own end of the answer. A stream that ends without it was cut."""

    reason: FinishReason


ProviderEvent = Text | Reasoning | ToolCall | Metadata | PartEnded | Used | Waiting | Adapted | AnsweredBy | Finished


class Provider(Protocol):
    """Something that answers."""

    def stream(self, request: ModelRequest) -> AsyncIterator[ProviderEvent]:
        """Answer `request`. Closing the iterator closes the connection at once."""
        ...

    async def models(self) -> list[ModelInfo]:
        """The models that this provider offers now. Raises `ProviderError`."""
        ...

    async def aclose(self) -> None:
        """Free what the provider holds."""
        ...


T = TypeVar("T")


@asynccontextmanager
async def closing(items: AsyncIterator[T]) -> AsyncGenerator[AsyncIterator[T]]:
    """`contextlib.aclosing` for any iterator: an abandoned answer closes its connection now, not when it is collected."""
    try:
        yield items
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()


class Keys(Protocol):
    """Where providers' keys come from."""

    async def get(self, provider: str) -> str | None:
        """The key for the provider of this name, or None. Called for every request."""
        ...

    async def fields(self, provider: str) -> Mapping[str, str]:
        """What else its kind needs, by the names of its fields, as far as anybody gave it. Called for every request."""
        ...


class NoKeys:
    """`Keys` that has none."""

    async def get(self, provider: str) -> str | None:
        """None."""
        return None

    async def fields(self, provider: str) -> Mapping[str, str]:
        """Nothing."""
        return {}
