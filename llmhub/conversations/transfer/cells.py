"""A conversation as the cells of a notebook: values, in order, each with the place in the conversation that it shows.

A notebook is written from them, and when one comes back they are made again, to see what somebody changed in it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from ...messages import (
    CitationPart,
    FilePart,
    ImagePart,
    Message,
    OutputPart,
    QuotePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    text_of,
)
from . import markdown as md
from .blocks import Block, blocks, fence
from .bundle import Bundle, FileRef
from .export import Options
from .harmless import harmless
from .outputs import text_of_output, to_notebook
from .told import Branch, author, branches, code_of, files_of, is_web, trouble, when, who


@dataclass(frozen=True, slots=True)
class Kernel:
    """What runs a notebook."""

    name: str
    label: str
    language: str


KERNELS: Final = {
    "python": Kernel("python3", "Python 3 (ipykernel)", "python"),
    "r": Kernel("ir", "R", "R"),
    "julia": Kernel("julia", "Julia", "julia"),
    "javascript": Kernel("deno", "Deno", "javascript"),
    "typescript": Kernel("deno", "Deno", "typescript"),
    "ruby": Kernel("ruby", "Ruby", "ruby"),
}
_SCRIPTS: Final = {"bash": "bash", "perl": "perl", "ruby": "ruby"}
"""Languages that IPython runs with a cell magic, without doing anything in the page."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a cell shows: blocks of a part of a message, up to `last`. `part` None: what stands round the message."""

    message: str
    role: str
    part: int | None = None
    block: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`lead` is what `source` begins with and is not the message's own words; `quoted`: its lines are a quotation's."""

    id: str
    kind: Literal["markdown", "code"]
    source: str
    place: Place | None
    language: str = ""
    lead: str = ""
    quoted: bool = False
    outputs: tuple[OutputPart, ...] = ()
    images: tuple[tuple[str, FileRef], ...] = ()
    """Names of its attachments, and the files."""


@dataclass(slots=True)
class Sheet:
    """All cells, and the kernel they are for."""

    kernel: Kernel
    cells: list[Cell] = field(default_factory=list[Cell])


def sheet(bundle: Bundle, options: Options) -> Sheet:
    """The cells of a conversation."""
    told = branches(bundle, options)
    language = _commonest(told[0].messages)
    maker = _Maker(language, options, files_of(bundle))
    made = Sheet(KERNELS[language])
    if options.only is None:
        made.cells.append(_note("title", f"# {md.line(bundle.title or 'Conversation')}"))
    if options.answers == "magics":
        made.cells.append(Cell(id=_id("load"), kind="code", source="%load_ext llmhub", place=None))
    for number, branch in enumerate(told):
        if branch.below is not None or number:
            made.cells += maker.heading(branch, number)
        for message in branch.messages:
            made.cells += maker.message(message, runs=number == 0)
    return made


class _Maker:
    def __init__(self, language: str, options: Options, files: dict[str, FileRef]) -> None:
        self._language = language
        self._options = options
        self._files = files

    def heading(self, branch: Branch, number: int) -> Iterator[Cell]:
        """What says that another branch begins."""
        if self._options.only is None:
            below = f", below what {md.line(who(branch.below))} said at {when(branch.below)}" if branch.below else ""
            text = f"---\n\n**Another branch**{below}. Its code is shown, not run."
            yield _note(f"branch {number} {branch.messages[0].id}", text)

    def message(self, message: Message, *, runs: bool) -> list[Cell]:
        """The cells of one message. `runs` False: none of them is code."""
        options = self._options
        if message.role == "user" and options.answers == "magics":
            return [self._magic(message)]
        if message.role == "user" and options.prompts == "hidden":
            return []
        if message.role != "user" and options.answers == "magics":
            return []
        made = self._pieces(message, runs=runs)
        if options.only == "code":
            return [cell for cell in made if cell.kind == "code" and cell.place is not None and message.role != "user"]
        if said := trouble(message):
            made.append(self._cell(message, "ending", f"*{md.line(said)}*"))
        return _led(made, message) or [self._cell(message, "nothing", _lead(message))]

    def _magic(self, message: Message) -> Cell:
        asked = text_of(message).strip("\n")
        place = Place(message.id, message.role, 0)
        return Cell(id=_id(f"{message.id} asks"), kind="code", source=f"%%llm\n{asked}", place=place)

    def _pieces(self, message: Message, *, runs: bool) -> list[Cell]:
        made: list[Cell] = []
        calls: dict[str, int] = {}
        hasty = message.role == "user"
        for number, part in enumerate(message.parts):
            place = Place(message.id, message.role, number)
            match part:
                case TextPart(text=text):
                    said = [Block("prose", text, text)] if hasty or not runs else blocks(text)
                    made += self._blocks(message, number, said)
                case OutputPart():
                    self._put(made, (part,), message, place, runs=runs)
                case ToolCallPart(call_id=id) if runs and (code := code_of(part)) is not None and self._runs(code.language):
                    calls[id] = len(made)
                    made.append(self._code(message, place, Block("code", "", code.text, code.language)))
                case ToolCallPart():
                    made.append(self._cell(message, place, md.call(part)))
                case ToolResultPart(call_id=id, parts=inner):
                    shown = tuple(each for each in inner if isinstance(each, OutputPart))
                    if id in calls:
                        at = calls[id]
                        made[at] = replace(made[at], outputs=made[at].outputs + shown)
                    said = [md.details("Result", self._result(each)) for each in inner if id not in calls or each not in shown]
                    if said:
                        made.append(self._cell(message, place, "\n\n".join(said)))
                case ReasoningPart():
                    if thought := md.thoughts(part):
                        made.append(self._cell(message, place, thought))
                case ImagePart():
                    made.append(self._image(message, place, part))
                case FilePart(file_id=id):
                    made.append(self._cell(message, place, md.named(part, self._files.get(id))))
                case QuotePart(text=text):
                    made.append(self._cell(message, place, md.quoted(harmless(text))))
                case CitationPart():
                    made.append(self._cell(message, place, f"Source: {md.citation(part)}"))
        return made

    def _blocks(self, message: Message, number: int, said: list[Block]) -> Iterator[Cell]:
        prose = ""
        first = 0
        for index, block in enumerate(said):
            if block.kind == "code" and self._runs(block.language):
                if prose.strip():
                    yield self._cell(message, Place(message.id, message.role, number, first, index - 1), prose)
                prose, first = "", index + 1
                yield self._code(message, Place(message.id, message.role, number, index, index), block)
            else:  # code that does not run here stays where it stood
                prose += block.text if block.kind == "prose" else fence(block.text, block.language) + "\n"
        if prose.strip():
            yield self._cell(message, Place(message.id, message.role, number, first, len(said) - 1), prose)

    def _runs(self, language: str) -> bool:
        return language == self._language or (self._language == "python" and language in _SCRIPTS)

    def _code(self, message: Message, place: Place, block: Block) -> Cell:
        script = "" if block.language == self._language else f"%%{_SCRIPTS[block.language]}\n"
        return Cell(id=_id(place), kind="code", source=script + block.text, place=place, language=block.language, lead=script)

    def _cell(self, message: Message, place: Place | str, text: str) -> Cell:
        if isinstance(place, str):
            place, key = Place(message.id, message.role), f"{message.id} {place}"
        else:
            key = str(place)
        quoted = message.role == "user" and place.block is not None
        safe = harmless(text).strip("\n") if place.block is not None else text
        return Cell(id=_id(key), kind="markdown", source=md.quoted(safe) if quoted else safe, place=place, quoted=quoted)

    def _put(self, made: list[Cell], outputs: tuple[OutputPart, ...], message: Message, place: Place, *, runs: bool) -> None:
        """Outputs belong to the code before them in the same message; where there is none they have an empty cell."""
        at = next((index for index in range(len(made) - 1, -1, -1) if made[index].kind == "code"), None)
        if at is not None:
            made[at] = replace(made[at], outputs=made[at].outputs + outputs)
        elif runs:
            made.append(Cell(id=_id(place), kind="code", source="", place=place, outputs=outputs))
        else:
            made.append(self._cell(message, place, "\n\n".join(self._result(each) for each in outputs)))

    def _image(self, message: Message, place: Place, part: ImagePart) -> Cell:
        file = self._files.get(part.file_id or "")
        if file is None or not file.media_type.startswith("image/"):
            web = part.url if part.url and is_web(part.url) else None
            return self._cell(message, place, f"🖼 [image](<{web}>)" if web else "🖼 *an image that is not there any more*")
        name = f"{_id(place)}.{file.media_type.partition('/')[2].partition('+')[0] or 'png'}"
        shown = self._cell(message, place, f"![{md.line(file.name)}](attachment:{name})")
        return replace(shown, images=((name, file),))

    def _result(self, part: Any) -> str:
        match part:
            case OutputPart():
                text = text_of_output(part).rstrip("\n")
                return fence(text, "text") if text else "*(an output that is no text)*"
            case TextPart(text=text):
                return harmless(text)
            case FilePart(file_id=id):
                return md.named(part, self._files.get(id))
            case _:
                return "🖼 *image*"


def _commonest(messages: tuple[Message, ...]) -> str:
    """The language that most code of the answers is in, of those that a kernel is known for."""
    found = Counter(
        block.language
        for message in messages
        if message.role != "user"
        for part in message.parts
        if isinstance(part, TextPart)
        for block in blocks(part.text)
        if block.kind == "code" and block.language in KERNELS
    )
    found.update(
        code.language
        for message in messages
        for part in message.parts
        if isinstance(part, ToolCallPart) and (code := code_of(part)) is not None and code.language in KERNELS
    )
    most = max(found.values(), default=0)
    return "python" if found["python"] == most else found.most_common(1)[0][0]


def _lead(message: Message) -> str:
    return f"**{md.line(author(message))}** · {when(message)}"


def _led(made: list[Cell], message: Message) -> list[Cell]:
    """With who said it above the first cell."""
    if not made:
        return []
    lead = _lead(message)
    first = made[0]
    if first.kind == "code":
        return [Cell(id=_id(f"{message.id} lead"), kind="markdown", source=lead, place=Place(message.id, message.role)), *made]
    return [replace(first, source=f"{lead}\n\n{first.source}", lead=f"{lead}\n\n"), *made[1:]]


def _note(key: str, text: str) -> Cell:
    return Cell(id=_id(key), kind="markdown", source=text, place=None)


def _id(key: object) -> str:
    """Of the letters that nbformat allows, always the same for the same thing."""
    return hashlib.sha256(str(key).encode()).hexdigest()[:16]


def outputs_of(cell: Cell) -> list[dict[str, Any]]:
    """Its outputs as a notebook has them."""
    return [to_notebook(part) for part in cell.outputs]
