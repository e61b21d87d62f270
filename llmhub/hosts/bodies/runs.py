"""Bodies and queries of runs, their events, and what went over the wire in them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from ...conversations.values import RunRecord
from ...messages import ErrorInfo, Status, Value
from ...params import Params
from ...providers.exchange import Exchange
from .fields import Cursor, Filters, Id, Limit, Listed, Model, RequestId, stripped
from .messages import UserMessage


def _nothing(value: Any) -> Any:
    if value:
        raise ValueError("this llmhub has none yet; leave it out")
    return value


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
    instruction: Annotated[str, Field(max_length=2000), AfterValidator(stripped)] | None = None
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


class RunsQuery(Filters):
    """Which runs. `active`: only those that are being answered."""

    active: bool | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class EventsQuery(Filters):
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


class Runs(Listed[RunView]):
    """Runs, newest first."""
