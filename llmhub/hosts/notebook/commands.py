"""`%llm models|model|usage|history|new|export|import|help`: what is no question. Each gives Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...client import Client
from ...client.aio import SUFFIXES
from ...client.values import ImportResult
from ...conversations.transfer.blocks import blocks, fence
from ...errors import Conflict, Invalid
from ...messages import Message, TextPart, ToolCallPart
from ..http import size_words
from .models import check_model, table
from .options import help_text
from .tools import as_call

if TYPE_CHECKING:
    from .magics import Magics

_EXCERPT: Final = 300
_HELP: Final = """\
`%llm QUESTION` asks on one line, with options before the question; `%%llm [MODEL] [OPTIONS]` asks with a whole cell.
`{{ expression }}` puts a value of this kernel into the question: a data frame as its schema and first rows, a figure as an image.
All other braces are what they are.

| command | |
|:--|:--|
| `%llm models [WORD ...]` | the models that can be asked |
| `%llm model [NAME]` | which one is asked, or from now on |
| `%llm new` | begin another conversation |
| `%llm history` | what was said in this one |
| `%llm usage` | what it used and cost |
| `%llm export FILE` | write it as a notebook, Markdown, HTML or JSON, as the file's name ends |
| `%llm import FILE` | bring in such a notebook or JSON, or another product's export |
| `%llm fix [WORDS]` | the last error, its cell and values: what to change |
| `%llm explain [WORDS]` | the last cell that ran |
| `%llm help` | this |

"""


def models(magics: Magics, client: Client, rest: str) -> str:
    """A table."""
    return table(client.models(), rest.split())


def model(magics: Magics, client: Client, rest: str) -> str:
    """Which one is asked, or from now on."""
    if not rest:
        if magics.model:
            return f"`{magics.model}` answers."
        return f"`{client.default_model()}` answers, the default model; `%llm model NAME` chooses another."
    check_model(client, rest)
    magics.model = rest
    return f"From now on `{rest}` answers."


def usage(magics: Magics, client: Client, rest: str) -> str:
    """Of the running conversation."""
    conversation = magics.running().conversation_id
    if conversation is None:
        return _NOTHING
    told: Mapping[str, Any] = client.usage(conversation)["conversation"]
    cost = told.get("cost_usd")
    price = "of unknown price" if cost is None else f"${cost:.4f}"
    answers = int(told.get("answers", 0))
    read, written = told.get("input_tokens", 0), told.get("output_tokens", 0)
    return f"{read:,} tokens read, {written:,} written, in {answers:,} answer{'s' * (answers != 1)}: {price}"


def history(magics: Magics, client: Client, rest: str) -> str:
    """The path that is shown, a paragraph each."""
    conversation = magics.running().conversation_id
    said = [] if conversation is None else client.messages(conversation)
    if not said:
        return _NOTHING
    lines: list[str] = []
    for message in said:
        text = _excerpt(_words(message))
        who = "You" if message.role == "user" else f"`{message.model}`"
        # Only words can stand behind a name: a table, a list or code needs lines of its own.
        lines.append(f"**{who}:**{' ' if text[:1].isalnum() and chr(10) not in text else chr(10) * 2}{text}")
    return "\n\n".join(lines)


def _words(message: Message) -> str:
    """Its text, with the functions that were called for it."""
    said = [
        f"\n\n> `{as_call(part.name, part.arguments)}`\n\n" if isinstance(part, ToolCallPart) else part.text
        for part in message.parts
        if isinstance(part, TextPart | ToolCallPart)
    ]
    return "".join(said).strip()


def _excerpt(text: str) -> str:
    """Its beginning, in which nothing is left open that would swallow what follows."""
    said: list[str] = []
    room = _EXCERPT
    for block in blocks(text):
        if room <= 0:
            said.append("…")
            break
        part = block.text.strip("\n") if len(block.text) <= room else block.text[:room].rstrip() + "…"
        if block.kind == "code":
            part = fence(part, block.language)
        elif part.count("$$") % 2:
            part = part.rpartition("$$")[0].rstrip() + "…"
        said.append(part)
        room -= len(block.text)
    return "\n\n".join(filter(str.strip, said))


def new(magics: Magics, client: Client, rest: str) -> str:
    """The next question begins a conversation."""
    magics.running().begin_anew()
    return "The next question begins a new conversation."


def export(magics: Magics, client: Client, rest: str) -> str:
    """The running conversation as a file. One that is there stays as it is."""
    conversation = magics.running().conversation_id
    if conversation is None:
        return _NOTHING
    path = _file(rest)
    data = client.export(conversation, SUFFIXES[path.suffix.lower()])
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise Conflict(f"{path} is there already.", hint="Choose another name, or delete it first.") from None
    except OSError as exc:
        raise Conflict(f"{path} cannot be written: {exc.strerror}.", hint="Choose another place.") from None
    return f"`{path}`: {size_words(len(data))}"


def import_(magics: Magics, client: Client, rest: str) -> str:
    """Conversations from a file. With a single one that is new or has grown the next question goes on."""
    path = _file(rest)
    if not path.is_file():
        raise Invalid(f"{path}: there is no such file.", hint=f"Paths begin in {Path.cwd()}.")
    came = client.import_file(path)
    assert isinstance(came, ImportResult)
    counts = {"new": came.imported, "with something new": came.updated, "here already": came.unchanged}
    told = ", ".join(f"{count:,} {words}" for words, count in counts.items() if count) or "nothing to bring in"
    lines = [f"`{path}`: {told}.", *(f"- {each['name']}: {each['reason']}" for each in (*came.failed, *came.notes))]
    if len(came.conversation_ids) == 1:
        magics.running().begin_anew(came.conversation_ids[0])
        lines[0] += " The next question goes on with it."
    return "\n".join(lines)


def _file(rest: str) -> Path:
    return Path(rest.strip("'\"")).expanduser()


def help_(magics: Magics, client: Client, rest: str) -> str:
    """What there is."""
    return _HELP + help_text()


def _at_most(words: int) -> Callable[[str], bool]:
    return lambda rest: len(rest.split()) <= words


def _is_file(*suffixes: str) -> Callable[[str], bool]:
    return lambda rest: _file(rest).suffix.lower() in suffixes


_NOTHING: Final = "Nothing was asked yet."
COMMANDS: Final[Mapping[str, tuple[Callable[[Magics, Client, str], str], Callable[[str], bool]]]] = {
    "models": (models, _at_most(9)),
    "model": (model, _at_most(1)),
    "usage": (usage, _at_most(0)),
    "history": (history, _at_most(0)),
    "new": (new, _at_most(0)),
    "export": (export, _is_file(*SUFFIXES)),
    "import": (import_, _is_file(".ipynb", ".json", ".zip", ".db")),
    "help": (help_, _at_most(0)),
}
"""Each with what may follow it: with anything else it is a question that begins with this word."""
