"""What `ask` and `chat` share: how an answer is shown while it comes, and that Ctrl-C stops it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from ...client import Client, Run
from ...errors import LLMHubError, NotFound, from_words
from ...events import ReasoningDelta, RunFinished, StatusChanged, TextDelta
from .reach import add_server_option, note, printable

LAST = "last"


def add_options(parser: argparse.ArgumentParser) -> None:
    """What both may be told."""
    parser.add_argument("-m", "--model", metavar="MODEL", help="who answers, as `llmhub models` lists them or by an alias")
    parser.add_argument(
        "-c", "--conversation", metavar="ID", help=f"go on with this conversation; `{LAST}`: with the one that was used last"
    )
    parser.add_argument("-s", "--system", metavar="TEXT", help="instructions that stand before the conversation")
    parser.add_argument("-f", "--file", metavar="FILE", action="append", default=[], help="send a file along; more than once")
    parser.add_argument("--temporary", action="store_true", help="keep nothing of it")
    parser.add_argument("--thoughts", action="store_true", help="print what the model thinks, to the error output")
    add_server_option(parser)


def conversation_of(told: argparse.Namespace, client: Client) -> str | None:
    """The conversation that was named; None: a new one."""
    if told.conversation != LAST:
        return told.conversation
    for conversation in client.conversations():
        return conversation.id
    raise NotFound("There is no conversation yet.", hint="Leave -c out to begin one.")


def start(told: argparse.Namespace, client: Client, question: str, conversation: str | None, files: Sequence[str] = ()) -> Run:
    """Ask."""
    params = {"system": told.system} if told.system else None
    return client.start_run(
        question, conversation=conversation, model=told.model, params=params, files=files, temporary=told.temporary
    )


def follow(told: argparse.Namespace, client: Client, run: Run, *, show: bool) -> RunFinished:
    """Print the answer while it comes (`show`), and say how it ended. An interrupt stops it and is passed on."""
    finished: RunFinished | None = None
    wrote = ""
    try:
        for event in client.events(run):
            match event:
                case TextDelta() if show:
                    print(printable(event.text) if sys.stdout.isatty() else event.text, end="", flush=True)
                    wrote = event.text or wrote
                case ReasoningDelta() if told.thoughts:
                    print(printable(event.text), end="", file=sys.stderr, flush=True)
                case StatusChanged() if event.code != "connecting":
                    note(printable(event.text))
                case RunFinished():
                    finished = event
                case _:
                    pass
    except (KeyboardInterrupt, BrokenPipeError):
        client.stop(run)
        raise
    finally:
        if show and wrote and not wrote.endswith("\n"):
            print(flush=True)
    if finished is None:
        finished = RunFinished(status=client.run(run.run_id).status)
    return finished


def failure_of(finished: RunFinished) -> LLMHubError | None:
    """Why there is no answer, or not all of it."""
    return from_words(finished.error.model_dump()) if finished.status == "failed" and finished.error else None


def answer_of(client: Client, run: Run, finished: RunFinished) -> dict[str, Any]:
    """An answer for programs."""
    message = client.message(run)
    return {
        "conversation_id": run.conversation_id,
        "message_id": run.message_id,
        "run_id": run.run_id,
        "model": message.model,
        "status": message.status,
        "finish_reason": message.finish_reason,
        "text": "".join(part.text for part in message.parts if part.type == "text"),
        "usage": message.usage.model_dump(exclude_none=True) if message.usage else None,
        "error": finished.error.model_dump() if finished.error else None,
    }
