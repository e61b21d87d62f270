"""What crosses the wire around messages and events: bodies of requests, queries, and answers that only a host gives.

Requests refuse unknown fields. Answers are described here once; OpenAPI and the panel's TypeScript types are made from them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar, cast, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from ..agents.ceilings import Ceiling
from ..conversations.ledger import Within
from ..conversations.values import Conversation, Node, Preset, PresetDraft, RunRecord, Source, StoredFile, Summary, UsageBy
from ..messages import ErrorInfo, FilePart, ImagePart, Message, QuotePart, Status, TextPart, Value
from ..params import Params
from ..providers.base import ModelInfo
from ..providers.exchange import Exchange
from ..providers.parameters import Parameter

T = TypeVar("T")


def _stripped(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("is empty")
    return text


def _in_utc(time: datetime) -> datetime:
    try:
        time = time.astimezone(UTC)
    except OverflowError:
        raise ValueError("is no time that a calendar knows") from None
    if time.year < 1970:
        raise ValueError("is before 1970")
    return time


def _nothing(value: Any) -> Any:
    if value:
        raise ValueError("this llmhub has none yet; leave it out")
    return value


Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", description="a UUID")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="a provider's name")]
Title = Annotated[str, Field(max_length=1000)]
Model = Annotated[str, Field(min_length=1, max_length=500, description="`<provider>/<model>`")]
Tag = Annotated[str, Field(min_length=1, max_length=100)]
Address = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^https?://[^\s]+$", description="an http or https URL")]
Cursor = Annotated[str, Field(min_length=1, max_length=500, description="`next` of the page before")]
Limit = Annotated[int, Field(ge=1, le=1000)]
Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
RequestId = Annotated[str, Field(min_length=1, max_length=200, description="the same id twice does nothing twice")]


# ---- conversations


class ConversationDraft(Value):
    """A new conversation. A temporary one is in no list and is gone when the server stops."""

    client_request_id: RequestId | None = None
    title: Title | None = None
    model: Model | None = None
    folder_id: Id | None = None
    params: Params | None = None
    temporary: bool = False

    @property
    def given_params(self) -> dict[str, Any]:
        """Only what was set."""
        return _given(self.params)


class ConversationChanges(Value):
    """What is to be different; what is absent stays."""

    title: Title | None = None
    head_id: Id | None = None
    folder_id: Id | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=100)] = ()
    pinned: bool = False
    archived: bool = False
    unread: bool = False
    model: Model | None = None
    params: Params | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        changed = self.model_dump(exclude_unset=True)
        if "params" in changed:
            changed["params"] = _given(self.params)
        return changed


class ConversationQuery(Value):
    """Which conversations: all conditions hold together."""

    query: Annotated[str, Field(max_length=1000, description="part of the title")] | None = None
    folder_id: Id | None = None
    tag: Tag | None = None
    pinned: bool | None = None
    archived: bool | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class MessagesQuery(Value):
    """Which path. With `limit` the last so many messages of it; `next` leads towards the root."""

    leaf: Id | None = None
    limit: Limit | None = None
    cursor: Cursor | None = None


# ---- runs

UserPart = Annotated[TextPart | ImagePart | FilePart | QuotePart, Field(discriminator="type")]


class UserMessage(Value):
    """What the user says."""

    parts: Annotated[tuple[UserPart, ...], Field(min_length=1, max_length=1000)]


class MessageDraft(Value):
    """A message to be saved beside its siblings without asking any model. `model` says whose answer it was, if it is one."""

    client_request_id: RequestId
    parent_id: Id | None = None
    role: Literal["user", "assistant"]
    parts: Annotated[tuple[UserPart, ...], Field(min_length=1, max_length=1000)]
    model: Model | None = None


class MessageChanges(Value):
    """What may be changed of a message that stands: its words never."""

    pinned: bool


class SummaryDraft(Value):
    """A summary of all turns but the last on the path to `leaf` (absent: the head), by `model` (absent: the conversation's)."""

    client_request_id: RequestId
    leaf: Id | None = None
    model: Model | None = None
    instructions: Annotated[str, Field(max_length=2000), AfterValidator(_stripped)] | None = None


class SummaryChanges(Value):
    """Other words, or whether it stands for its messages in requests; what is absent stays."""

    text: Annotated[str, Field(max_length=200_000), AfterValidator(_stripped)] = ""
    active: bool = True


class HeadView(Value):
    """The message that a conversation ends with as it is shown; null: there is none left."""

    head_id: str | None


class RunStart(Value):
    """A turn to be answered. `message` null: answer `parent_id` again. `continue`: the message whose answer goes on.

    `instruction` is said to the model after the question, for this answer only. `head` false: what is shown stays (another
    column of a comparison). `over_ceiling` true: answer although the ceiling of spending is reached.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)
    client_request_id: RequestId
    parent_id: Id | None = None
    message: UserMessage | None = None
    model: Model | None = None
    params: Params | None = None
    continues: Id | None = Field(None, alias="continue")
    instruction: Annotated[str, Field(max_length=2000), AfterValidator(_stripped)] | None = None
    head: bool = True
    over_ceiling: bool = False
    tools: Annotated[tuple[str, ...], AfterValidator(_nothing)] | None = None
    agent_id: Annotated[str, AfterValidator(_nothing)] | None = None


class RunAccepted(Value):
    """Where the answer will stand."""

    run_id: str
    user_message_id: str | None
    message_id: str


class RunView(Value):
    """A run. `run_id` is its id again, as events and `RunAccepted` call it."""

    id: str
    run_id: str
    conversation_id: str
    user_message_id: str | None
    message_id: str
    status: Status
    model: str
    params: dict[str, Any]
    last_seq: int
    error: ErrorInfo | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: RunRecord) -> RunView:
        """What a client may see of a stored run."""
        return cls(
            id=run.id,
            run_id=run.id,
            conversation_id=run.conversation_id,
            user_message_id=run.user_message_id,
            message_id=run.message_id,
            status=run.status,
            model=run.model,
            params=run.params,
            last_seq=run.last_seq,
            error=run.error,
            created_at=run.created_at,
            finished_at=run.finished_at,
        )


class RunsQuery(Value):
    """Which runs. `active`: only those that are being answered."""

    active: bool | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class EventsQuery(Value):
    """`after`: the number of the last event that was seen."""

    after: Annotated[int, Field(ge=0, lt=2**53)] = 0


class ExchangesView(Value):
    """What went to providers and came back in one run, an item for each attempt. `note` says what cannot be seen, if so."""

    items: tuple[Exchange, ...]
    note: str | None = None


class RunAnswer(Value):
    """What the user says to an approval or a question."""

    model_config = ConfigDict(frozen=True, extra="allow")
    request_id: Annotated[str, Field(min_length=1, max_length=200)]
    decision: Annotated[str, Field(max_length=100)] | None = None
    answer: Any = None


# ---- parameters, presets


class ParametersQuery(Value):
    """Of which model; absent: of the one that new conversations begin with."""

    model: Model | None = None


PresetName = Annotated[str, Field(max_length=100), AfterValidator(_stripped)]
ToolName = Annotated[str, Field(min_length=1, max_length=200)]


class PresetStart(Value):
    """A preset to be saved. `tools` are kept as they are."""

    client_request_id: RequestId
    name: PresetName
    model: Model | None = None
    params: Params | None = None
    tools: Annotated[tuple[ToolName, ...], Field(max_length=200)] = ()
    default: bool = False

    def draft(self) -> PresetDraft:
        """What is to be stored."""
        return PresetDraft(name=self.name, model=self.model, params=_given(self.params), tools=self.tools, default=self.default)


class PresetChanges(Value):
    """What is to be different; what is absent stays."""

    name: PresetName = ""
    model: Model | None = None
    params: Params | None = None
    tools: Annotated[tuple[ToolName, ...], Field(max_length=200)] = ()
    default: bool = False

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        changed = self.model_dump(mode="json", exclude_unset=True)
        return {**changed, "params": _given(self.params)} if "params" in changed else changed


def _given(params: Params | None) -> dict[str, Any]:
    return params.model_dump(mode="json", exclude_none=True) if params else {}


# ---- models, providers


class FieldView(Value):
    """What a kind of provider needs beyond a key. `value` only where it is no secret; `source` says where it is from, if it is set.

    `name` is `base_url` for the address, else one of `options`, or of `credentials` where it is a secret.
    """

    name: str
    label: str
    hint: str = ""
    placeholder: str = ""
    secret: bool = False
    required: bool = False
    long: bool = False
    env: tuple[str, ...] = ()
    value: str | None = None
    source: str | None = None
    own: bool = False
    """The user entered it, and may change it."""


class ProviderView(Value):
    """One provider. `key_source` says where its key comes from, in words; the key itself is never shown.

    `own`: the user set it up and may remove it; `own_key`: the user entered its key and may have it forgotten.
    """

    name: str
    kind: str
    label: str
    configured: bool
    own: bool = False
    has_key: bool
    key_source: str | None
    own_key: bool = False
    base_url: str | None
    local: bool
    needs_key: bool
    key_url: str | None
    takes_key: bool = True
    lacks: tuple[str, ...] = ()
    """What none of its models can do there: tools, images, reasoning, json_schema, caching."""
    fields: tuple[FieldView, ...] = ()


class KindView(Value):
    """A kind of provider that can be added."""

    kind: str
    label: str
    base_url: str | None
    local: bool
    needs_key: bool
    key_url: str | None
    takes_key: bool = True
    lacks: tuple[str, ...] = ()
    """What none of its models can do there: tools, images, reasoning, json_schema, caching."""
    fields: tuple[FieldView, ...] = ()


FieldName = Annotated[str, Field(min_length=1, max_length=100)]
Options = dict[FieldName, Annotated[str, Field(max_length=1000)]]
Credentials = dict[FieldName, Annotated[SecretStr, Field(max_length=30_000)]]


class ProviderChanges(Value):
    """A provider of the user's own. `options`: the fields of its kind that are no secrets; one that is empty is taken away."""

    kind: Annotated[str, Field(min_length=1, max_length=100)]
    base_url: Address | None = None
    label: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    options: Options | None = None


class Key(Value):
    """A key, or the secret fields of the provider's kind.

    They go to the key ring and are never given back. A field that is empty is forgotten.
    """

    api_key: Annotated[SecretStr, Field(min_length=1, max_length=10_000)] | None = None
    credentials: Credentials | None = None


class ProbeRequest(Value):
    """What to test instead of what is stored: a form can be tested before it is saved."""

    kind: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    base_url: Address | None = None
    api_key: Annotated[SecretStr, Field(max_length=10_000)] | None = None
    options: Options | None = None
    credentials: Credentials | None = None
    model: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class CheckView(Value):
    """One thing that was tried."""

    name: str
    ok: bool | None
    detail: str


class ProbeView(Value):
    """What works: reachable, key accepted, models, streaming, tools."""

    ok: bool
    latency_ms: float | None
    models: tuple[str, ...]
    error: ErrorInfo | None
    checks: tuple[CheckView, ...]


class FoundServer(Value):
    """A model server that answers on this machine."""

    name: str
    kind: str
    base_url: str
    label: str
    models: tuple[str, ...]
    needs_key: bool = False


# ---- usage


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("is no time zone that this machine knows; write it as in Europe/Zurich") from None
    return name


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
    zone: Annotated[str, Field(max_length=100, description="a time zone, such as Europe/Zurich"), AfterValidator(_zone)] = "UTC"

    @property
    def ways(self) -> tuple[UsageBy, ...]:
        """What `by` names."""
        return cast("tuple[UsageBy, ...]", tuple(dict.fromkeys(self.by.split(","))))


class BranchQuery(Value):
    """Which branch: the one that ends at `leaf`; absent: the one that is shown."""

    leaf: Id | None = None


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


# ---- settings


class LimitChanges(CeilingChanges):
    """The ceilings, and the time zone in which their days begin."""

    time_zone: Annotated[str, Field(max_length=100)] | None = None


class SettingsChanges(Value):
    """The user's own settings: null takes one away, so that it is inherited; what is absent stays."""

    default_model: Annotated[str, Field(max_length=500), AfterValidator(_stripped)] | None = None
    kernel_access: bool | None = None
    limits: LimitChanges | None = None

    def changes(self) -> dict[str, Any]:
        """Only what was sent."""
        return self.model_dump(exclude_unset=True)


class SettingView(Value):
    """A setting's value, null where it is secret, and where it came from."""

    value: Any
    source: str


class LockView(Value):
    """What keeps a setting from being changed: an entry of `locked`, and where it was written."""

    name: str
    source: str


class OwnSetting(Value):
    """A setting that users may have of their own. `own`: theirs counts; `inherited` is what holds without it."""

    key: str
    kind: Literal["model", "switch", "number", "text"]
    description: str
    value: Any
    source: str
    own: bool
    inherited: SettingView
    lock: LockView | None = None


class ConfigNotice(Value):
    """Something about the configuration that a person should know; the panel says it in its language where it knows the code."""

    code: Literal["file_broken", "restart_needed", "warning"]
    message: str
    hint: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


class ConfigView(Value):
    """What the panel needs to know of the configuration; never a secret."""

    features: dict[str, bool]
    limits: dict[str, int]
    settings: dict[str, SettingView]
    default_model: str | None
    version: str
    data_dir: str
    role: str | None = None
    """Which of `roles:` whoever asks has."""
    own: tuple[OwnSetting, ...] = ()
    """What the settings page can change."""
    locked: tuple[str, ...] = ()
    notices: tuple[ConfigNotice, ...] = ()
    """`file_broken`: llmhub.yaml cannot be used as it stands, what held before goes on; its details name key, source and line."""


# ---- lists and errors


class Listed(BaseModel, Generic[T]):
    """Part of a list; `next` is the cursor of what follows, or null."""

    items: tuple[T, ...]
    next: str | None = None


class Nodes(Listed[Node]):
    """Every node of a conversation's tree, without bodies."""


class Conversations(Listed[Conversation]):
    """Conversations, newest updated first."""


class Summaries(Listed[Summary]):
    """All summaries of a conversation, oldest first, those that were undone too. `making`: one is being made by hand now."""

    making: bool = False


class Messages(Listed[Message]):
    """A path, from the root to the leaf."""


class Runs(Listed[RunView]):
    """Runs, newest first."""


class Models(Listed[ModelInfo]):
    """Every model of every configured provider."""


class ParametersView(Listed[Parameter]):
    """What a model takes."""


class Presets(Listed[Preset]):
    """Presets: those of llmhub.yaml, then one's own by name."""


class Providers(Listed[ProviderView]):
    """Providers, and the kinds that can be added."""

    kinds: tuple[KindView, ...] = ()


class FoundServers(Listed[FoundServer]):
    """Model servers found on this machine."""


class ErrorView(Value):
    """Every failure."""

    error: ErrorInfo


FileView = StoredFile
