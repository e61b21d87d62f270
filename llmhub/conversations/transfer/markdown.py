"""A conversation as Markdown: for notes, wikis and editors. Harmless in any viewer, with nothing to load from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...messages import (
    CitationPart,
    FilePart,
    ImagePart,
    Message,
    OutputPart,
    Part,
    QuotePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from .blocks import fence
from .bundle import Bundle, FileRef
from .export import Options
from .harmless import harmless
from .outputs import text_of_output
from .told import address_of, author, branches, code_of, files_of, trouble, when, who


def write(bundle: Bundle, options: Options) -> Iterator[bytes]:
    """The file, a message at a time."""
    files = files_of(bundle)
    yield f"# {line(bundle.title or 'Conversation')}\n".encode(errors="replace")
    for branch in branches(bundle, options):
        if branch.below is not None:
            yield f"\n---\n\n*Another branch, below what {line(who(branch.below))} said at {when(branch.below)}:*\n".encode()
        for message in branch.messages:
            body = "\n\n".join(filter(None, (*_bodies(message, files), _ending(message))))
            head = f"\n## {line(author(message))} · {when(message)}\n\n"
            yield f"{head}{body}\n".encode(errors="replace")


def line(text: str) -> str:
    """Text in one line, nothing of it Markdown."""
    flat = " ".join(text.split())
    return "".join(f"\\{char}" if char in "\\`*_[]<>#!|~$&" else char for char in flat)


def details(summary: str, body: str) -> str:
    """What is folded away: the one tag of ours."""
    return f"<details><summary>{_escaped(summary)}</summary>\n\n{body}\n\n</details>"


def thoughts(part: ReasoningPart) -> str:
    """What a model thought, folded."""
    took = f" ({part.duration_ms / 1000:.0f} s)" if part.duration_ms else ""
    return details(f"Thoughts{took}", harmless(part.text)) if part.text.strip() else ""


def quoted(text: str) -> str:
    """As a quotation."""
    return "\n".join(f"> {each}".rstrip() for each in text.strip("\n").splitlines())


def named(part: FilePart, file: FileRef | None) -> str:
    """A file by its name."""
    size = "" if file is None or file.size is None else f", {file.size:,} bytes"
    return f"📄 **{line(part.name)}** ({line(part.media_type)}{size})"


def citation(part: CitationPart) -> str:
    """A source, as a link where it is on the web."""
    address = address_of(part)
    title = line(part.title or "Source")
    where = "" if address == part.locator or not part.locator else f", {line(part.locator)}"
    said = f": “{line(part.quote)}”" if part.quote else ""
    return (f"[{title}](<{address}>)" if address else f"*{title}*") + where + said


def call(part: ToolCallPart) -> str:
    """What a tool was asked, folded."""
    code = code_of(part)
    if code is not None:
        return fence(code.text, code.language)
    return details(f"Used {part.title or part.name}", fence(_pretty(part.arguments), "json"))


def _bodies(message: Message, files: dict[str, FileRef]) -> Iterator[str]:
    text = ""
    for part in message.parts:
        if isinstance(part, TextPart):  # an answer that was continued has several, without a seam
            text += part.text
            continue
        if text.strip():
            yield harmless(text).strip("\n")
        text = ""
        yield _body(part, files)
    if text.strip():
        yield harmless(text).strip("\n")


def _body(part: Part, files: dict[str, FileRef]) -> str:
    match part:
        case ReasoningPart():
            return thoughts(part)
        case ImagePart(file_id=str(id)):
            return f"🖼 *{line(files[id].name) if id in files else 'an image that is not there any more'}*"
        case ImagePart(url=url):
            return f"🖼 [image](<{url}>)" if url and url.startswith("https://") and ">" not in url else "🖼 *image*"
        case FilePart(file_id=id):
            return named(part, files.get(id))
        case QuotePart(text=text):
            return quoted(harmless(text))
        case CitationPart():
            return f"- {citation(part)}"
        case ToolCallPart():
            return call(part)
        case ToolResultPart(parts=inner):
            return "\n\n".join(filter(None, (_body(each, files) for each in inner)))
        case OutputPart():
            text = text_of_output(part)
            return fence(text.rstrip("\n"), "text") if text else "*(an output that is no text)*"
        case TextPart(text=text):
            return harmless(text).strip("\n")


def _ending(message: Message) -> str:
    said = trouble(message)
    return f"*{line(said)}*" if said else ""


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return text


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
