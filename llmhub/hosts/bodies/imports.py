"""Bodies of imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ...conversations.values import JobRecord, JobStatus
from ...messages import ErrorInfo, Value
from .fields import Id, RequestId


class ImportQuery(Value):
    """What is to be done with a file of conversations.

    `dry_run`: say what would come in, and keep the file for some hours. `upload_id`: the file of a dry run, instead of sending it.
    `folder_id`: where what is new is filed.
    """

    dry_run: bool = False
    upload_id: Id | None = None
    folder_id: Id | None = None
    client_request_id: RequestId | None = None


class ImportAccepted(Value):
    """An import that has begun: its events are `runs/{run_id}/events`."""

    run_id: str


class JobView(Value):
    """A run that answers no turn (an import or an export). `run_id` is its id again; `result` is what came of it so far."""

    id: str
    run_id: str
    kind: Literal["import", "export"]
    name: str
    status: JobStatus
    result: dict[str, Any] | None
    error: ErrorInfo | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: JobRecord) -> JobView:
        """What a client may see of a job."""
        return cls(
            id=job.id,
            run_id=job.id,
            kind="export" if job.kind == "export" else "import",
            name=job.name,
            status=job.status,
            result=job.result,
            error=job.error,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


class Jobs(Value):
    """The imports and exports that are going on."""

    items: tuple[JobView, ...]
