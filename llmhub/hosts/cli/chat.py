"""`llmhub chat`: a conversation at the terminal. Ctrl-C stops an answer, Ctrl-D ends the chat."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from typing import Final

from ...client import Client
from ...errors import LLMHubError
from .asking import add_options, conversation_of, failure_of, follow, start
from .reach import note, printable, reach

HELP: Final = """\
/model NAME   another model from now on (alone: which one it is)
/new          begin a new conversation
/help         this list
/exit         end the chat, as Ctrl-D does
A line that ends with a backslash goes on in the next one. Ctrl-C stops an answer."""


def define(parser: argparse.ArgumentParser) -> None:
    """What it can be told."""
    parser.description = "Talk in a conversation that the panel shows too. Where input is piped in, each line is a question."
    parser.epilog = "In the chat: " + HELP.replace("\n", "; ")
    add_options(parser)
    parser.set_defaults(run=_chat)


def _chat(told: argparse.Namespace) -> int:
    person = sys.stdin.isatty()
    if person:
        with suppress(ImportError):
            import readline  # noqa: F401  # pyright: ignore[reportUnusedImport]  # arrow keys and history in input()
    with reach(told) as client:
        chat = _Chat(told, client)
        if person:
            note("llmhub: /help says what can be typed, Ctrl-D ends.")
            chat.show_last()
        worked = True
        while (line := _line(person)) is not None:
            if line.startswith("/") and (person or line.split()[0] in _COMMANDS):
                if not chat.do(line):
                    break
            elif line.strip():
                worked = chat.say(line)
                if not worked and not person:
                    return 1
        if chat.conversation and not told.temporary:
            note(f"llmhub chat -c {chat.conversation} goes on with it.")
        return 0 if worked or person else 1


_COMMANDS: Final = ("/model", "/new", "/help", "/exit", "/quit")


class _Chat:
    def __init__(self, told: argparse.Namespace, client: Client) -> None:
        self._told = told
        self._client = client
        self._files: list[str] = told.file
        self.conversation = conversation_of(told, client)

    def show_last(self) -> None:
        """Where one was: the last answer."""
        if self.conversation and (messages := self._client.messages(self.conversation)):
            text = "".join(part.text for part in messages[-1].parts if part.type == "text")
            note(text if len(text) < 2000 else "... " + text[-2000:])

    def say(self, question: str) -> bool:
        """One turn. False: it failed; why is said."""
        files, self._files = self._files, []
        try:
            run = start(self._told, self._client, question, self.conversation, files)
            self.conversation = run.conversation_id
            finished = follow(self._told, self._client, run, show=True)
        except KeyboardInterrupt:
            if not sys.stdin.isatty():
                raise
            print("(stopped)", file=sys.stderr)
            return True
        except LLMHubError as exc:
            _say(exc)
            return False
        if failure := failure_of(finished):
            _say(failure)
        return failure is None

    def do(self, line: str) -> bool:
        """One of the commands. False: end the chat."""
        command, _, rest = line.strip().partition(" ")
        match command:
            case "/exit" | "/quit":
                return False
            case "/new":
                self.conversation = None
            case "/model" if rest.strip():
                self._told.model = rest.strip()
            case "/model":
                known = self._client.conversation(self.conversation).model if self.conversation else None
                print(printable(self._told.model or known or "the default model"), file=sys.stderr)
            case "/help":
                print(HELP, file=sys.stderr)
            case _:
                print(f"There is no {command}.\n{HELP}", file=sys.stderr)
        return True


def _line(person: bool) -> str | None:
    """What is said next; None: nothing more. An interrupt at the prompt drops the line."""
    lines: list[str] = []
    while True:
        try:
            if person:
                text = input("... " if lines else "> ")
            else:
                text = sys.stdin.readline()
                if not text:
                    return "\n".join(lines) if lines else None
                text = text.rstrip("\n")
        except EOFError:
            print(file=sys.stderr)
            return "\n".join(lines) if lines else None
        except KeyboardInterrupt:
            print(file=sys.stderr)
            lines = []
            continue
        if not text.endswith("\\"):
            return "\n".join([*lines, text])
        lines.append(text[:-1])


def _say(error: LLMHubError) -> None:
    print(*map(printable, filter(None, (error.message, error.hint))), sep="\n  ", file=sys.stderr)
