"""What the store takes and gives: conversations, nodes, runs, files and pages of them. Plain values; they know no database.

Messages are in `llmhub.messages`. Times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import Field

from ..messages import Adaptation, ErrorInfo, FinishReason, Message, Part, RatingReason, Role, Status, Usage, Value

T = TypeVar("T")


class Conversation(Value):
    """A tree of messages and a head: the leaf being shown. Its messages are asked for separately."""

    id: str
    title: str | None = None
    head_id: str | None = None
    model: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    folder_id: str | None = None
    tags: tuple[str, ...] = ()
    pinned: bool = False
    archived: bool = False
    temporary: bool = False
    """Kept in memory only: in no list, and gone when the server stops."""
    running: bool = False
    """A run is answering in it now."""
    unread: bool = False
    """An answer has ended, other than by being stopped, since somebody last said that all is read."""
    created_at: datetime
    updated_at: datetime
    """When its last turn began. Renaming or filing a conversation does not move it up the list."""


class Node(Value):
    """A message without its body: enough to draw the tree."""

    id: str
    parent_id: str | None
    role: Role
    status: Status
    model: str | None
    created_at: datetime
    pinned: bool = False
    starred: bool = False
    excerpt: str | None = None
    """Its first words on one line, where they were asked for and it has any."""


class SearchHit(Value):
    """A message in which something was found, or a conversation whose title or tags say it."""

    conversation_id: str
    message_id: str | None
    """None: the title, or a tag."""
    title: str | None
    snippet: str
    """HTML: a few words around what was found, in which `<mark>` is the only markup."""
    score: float
    """Higher is better; it means something only within one search."""
    role: Role | None = None
    model: str | None = None
    created_at: datetime
    """When the message was said; of a title, when the conversation's last turn began."""
    folder_id: str | None = None
    archived: bool = False


class Mention(Value):
    """A message of one conversation in which a text stands, and how often."""

    message_id: str
    count: int


ForkMode = Literal["path", "branches", "to_here", "from_here"]


class StarredMessage(Value):
    """A message that somebody wants to find again, and where it is."""

    message_id: str
    conversation_id: str
    title: str | None
    role: Role
    model: str | None
    excerpt: str
    """Its first words on one line; empty, if it has none."""
    created_at: datetime
    starred_at: datetime


class RatedAnswer(Value):
    """A rating with what it is of. `question` and `answer` are their texts, without what was attached or thought."""

    message_id: str
    conversation_id: str
    title: str | None
    model: str | None
    value: Literal[1, -1]
    reason: RatingReason | None
    text: str | None
    rated_at: datetime
    created_at: datetime
    question: str
    answer: str


class Summary(Value):
    """What stands for the older part of a path in requests: everything up to `message_id`. The messages stay as they are."""

    id: str
    conversation_id: str
    message_id: str
    """The last message that it stands for: a path without that message knows nothing of it."""
    parts: int | None = None
    """Of that message it stands only for the first so many parts: it was made in the middle of a long turn of tools."""
    text: str
    model: str
    instructions: str | None = None
    """What the person wanted it to heed."""
    messages: int
    """How many messages it stands for, those of the summary before it included."""
    left_out: int = 0
    """How many of them, the oldest, it says nothing of: there were more than could be read."""
    tokens_before: int
    """About how many tokens the messages would take that it stands for."""
    tokens_after: int
    """About how many it takes itself."""
    usage: Usage | None = None
    """What making it used, all requests together."""
    automatic: bool = False
    """It was made because the window was nearly full, not because somebody asked for it."""
    active: bool = True
    """False: it was undone, and requests hold the messages themselves again."""
    edited: bool = False
    """A person wrote other words into it."""
    created_at: datetime


Source = Literal["chat", "openai", "anthropic", "embeddings", "title", "compaction", "completion", "test"]
"""What was paid for: an answer in a chat, one at a door for other programs, vectors, a title, a summary, code completed as it is
typed, the test of a provider."""
Settled = Literal["finished", "stopped", "failed", "lost"]
"""How a request ended. "lost": with the server that had sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request that a provider was paid for.

    The tokens are as the provider reported them; of those, `guessed_input` and `guessed_output` were not reported but estimated.
    `input_tokens` includes `cached_tokens`, `output_tokens` includes `reasoning_tokens`.
    """

    id: str
    owner: str
    """The principal's id."""
    at: datetime
    """When the provider was asked."""
    source: Source
    asked: str
    """The model as it was asked for: an alias, or one that another took over for."""
    model: str
    """The full id of the model that was paid."""
    provider: str
    outcome: Settled
    conversation_id: str | None = None
    folder_id: str | None = None
    """Where the conversation was filed at that time."""
    run_id: str | None = None
    message_id: str | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    guessed_input: int = 0
    guessed_output: int = 0
    nanos: int | None = None
    """US nanodollars; None: nobody knows the price."""


class UsageTotal(Value):
    """What requests used together. `unpriced_answers` used tokens whose price nobody knows; they are not in `cost_usd`.

    `cost_nanos` is the same exactly, in billionths of a dollar. Of the tokens, `guessed_input_tokens` and `guessed_output_tokens`
    were estimated, because the provider did not come to report them; `guessed_answers` are the requests that this concerns.
    """

    answers: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float = 0.0
    unpriced_answers: int = 0
    cost_nanos: int = 0
    guessed_answers: int = 0
    guessed_input_tokens: int = 0
    guessed_output_tokens: int = 0


UsageBy = Literal["day", "model", "provider", "source", "conversation", "folder", "message"]


class UsageGroup(UsageTotal):
    """What belongs together under `key`: a day (2026-11-21), a model's id, ... null: none (a door has no conversation).

    `label` is a conversation's title, where there is one.
    """

    key: str | None = None
    label: str | None = None


class UsageReport(Value):
    """What was used in a time, in all and broken down; days are those of `zone`."""

    since: datetime | None
    until: datetime | None
    zone: str
    total: UsageTotal
    groups: dict[UsageBy, tuple[UsageGroup, ...]]


class ConversationUsage(Value):
    """What a conversation has used: all of it, the branch that ends at a leaf, and each message of that branch."""

    conversation: UsageTotal
    branch: UsageTotal
    messages: tuple[UsageGroup, ...] = ()


class FolderSettings(Value):
    """What a folder says to the conversations in it, as `FolderDraft` has it."""

    instructions: str | None = None
    model: str | None = None


class FolderDraft(Value):
    """A folder to be made, below `parent_id`; None: at the top."""

    name: str
    parent_id: str | None = None
    instructions: str | None = None
    """Said to the model in each of its conversations, before the conversation's own; those of folders above come first."""
    model: str | None = None
    """What its new conversations begin with; None: as the folder above says."""


class Folder(FolderDraft):
    """A folder (a project). The counts are of the conversations right in it that are not archived."""

    id: str
    position: int
    """Among its siblings, from 0."""
    conversations: int = 0
    archived: int = 0
    """How many there are besides, in the archive."""
    unread: int = 0
    running: int = 0
    created_at: datetime


class TagCount(Value):
    """A tag, and how many conversations have it, those in the archive included."""

    tag: str
    conversations: int


class Former(Value):
    """What a conversation was like before it was changed with others."""

    folder_id: str | None
    tags: tuple[str, ...]
    pinned: bool
    archived: bool
    unread: bool
    model: str | None


class Changed(Value):
    """What became of one of many conversations: `before`, unless it was deleted, or the `error` that kept it as it was."""

    id: str
    before: Former | None = None
    error: ErrorInfo | None = None


class PresetDraft(Value):
    """Model, parameters (`system` for instructions) and names of tools, under a name."""

    name: str
    model: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    tools: tuple[str, ...] = ()
    default: bool = False
    """New conversations begin with it."""


class Preset(PresetDraft):
    """A preset. A locked one stands in llmhub.yaml."""

    id: str
    locked: bool = False
    created_at: datetime | None = None


class StoredFile(Value):
    """A file that somebody attached. The bytes are asked for separately."""

    id: str
    name: str
    media_type: str
    size: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose bytes are stored, and whose row is to be written with the messages that name it."""

    file: StoredFile
    sha256: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation with all that is in it: the names of its folders, the outermost first; messages, parents first."""

    conversation: Conversation
    folder: tuple[str, ...]
    folder_settings: tuple[FolderSettings, ...]
    messages: list[Message]
    summaries: list[Summary]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list, and the cursor of what comes after it (None: this is the end)."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDraft:
    """What `begin_run` is to write down before a run starts.

    Three shapes: a new turn (`user_message_id` and `user_parts` are given), an answer to `parent_id` again (both are None),
    and with `continues` more of the existing `message_id`.
    """

    run_id: str
    conversation_id: str
    client_request_id: str
    process_id: str
    parent_id: str | None = None
    user_message_id: str | None = None
    user_parts: tuple[Part, ...] | None = None
    message_id: str
    model: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    """Those of the conversation hold too, where they say something else."""
    continues: bool = False
    instruction: str | None = None
    moves_head: bool = True
    """The answer is shown from now on. Without a head it is shown in any case."""
    title: str | None = None
    """What the conversation is called from now on, if it has no title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to be saved without asking a model: an edited question, or an answer, whose it was and why it ended."""

    client_request_id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    parts: tuple[Part, ...]
    model: str | None = None
    finish_reason: FinishReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended. `parts` are all parts of the message, those from before a continuation included."""

    status: Status
    finish_reason: FinishReason | None = None
    parts: tuple[Part, ...] = ()
    usage: Usage | None = None
    error: ErrorInfo | None = None
    model: str | None = None
    adapted: tuple[Adaptation, ...] = ()
    log: bytes = b""
    last_seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run as the store knows it."""

    id: str
    owner: str
    """The principal's id."""
    conversation_id: str
    user_message_id: str | None
    """The message being answered."""
    message_id: str
    process_id: str
    client_request_id: str
    status: Status
    model: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    last_seq: int = 0
    error: ErrorInfo | None = None
    created_at: datetime
    finished_at: datetime | None = None
    first_part: int = 0
    """How many parts the message had when this run began: a continuation appends."""


JobStatus = Literal["running", "complete", "stopped", "interrupted", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """Work for one person that answers no turn, as the store knows it."""

    id: str
    owner: str
    """The principal's id."""
    kind: str
    """What is done: "import"."""
    name: str
    """What it is done with, as the person calls it: a file's name."""
    process_id: str
    status: JobStatus
    result: dict[str, Any] | None = None
    """What came of it; while it runs, so far."""
    error: ErrorInfo | None = None
    created_at: datetime
    finished_at: datetime | None = None
