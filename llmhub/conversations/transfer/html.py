"""A conversation as one HTML file: light and dark, printable, with its images in it and nothing in it that runs or is fetched.

What people and models wrote becomes text: their HTML is shown, not used; addresses of the web are links, images from elsewhere
too. A content security policy in the file says the same to the browser.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final, cast

from ...errors import LLMHubError
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
from . import formulas
from .bundle import Bundle, FileRef
from .export import Options
from .outputs import text_of_output
from .told import address_of, author, branches, code_of, files_of, is_web, trouble, when, who

_IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/\s]+=*\s*")
_STYLE: Final = Path(__file__).with_name("page.css")


def write(bundle: Bundle, options: Options) -> Iterator[bytes]:
    """The file, a message at a time. Blocks: it reads the images."""
    style = _style()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{_sha256(style)}'; base-uri 'none'; form-action 'none'"
    title = escape(bundle.title or "Conversation")
    yield _bytes(
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<meta name="referrer" content="no-referrer">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    )
    page = Page(files_of(bundle))
    for branch in branches(bundle, options):
        if branch.below is not None:
            where = f"Another branch, below what {escape(who(branch.below))} said at {when(branch.below)}"
            yield _bytes(f'<h2 class="branch">{where}</h2>\n')
        for message in branch.messages:
            yield _bytes(page.message(message))
    yield b"</main>\n</body>\n</html>\n"


class Page:
    """Messages as HTML. `files` are those that they name; `lacking` is said of an image that is not among them."""

    def __init__(self, files: dict[str, FileRef], lacking: str = "An image that is not there any more") -> None:
        self._files = files
        self._lacking = lacking

    def message(self, message: Message, more: str = "") -> str:
        """One message, with who said it. `more` is HTML that stands behind that."""
        head = f"<header><strong>{escape(author(message))}</strong> <time>{when(message)}</time>{more}</header>"
        said = trouble(message)
        ending = f'<p class="trouble">{escape(said)}</p>\n' if said else ""
        body = "".join(self._bodies(message))
        return f'<article class="{message.role}">\n{head}\n{body}{ending}</article>\n'

    def _bodies(self, message: Message) -> Iterator[str]:
        text = ""
        for part in message.parts:
            if isinstance(part, TextPart):  # an answer that was continued has several, without a seam
                text += part.text
                continue
            yield rendered(text)
            text = ""
            yield self._body(part)
        yield rendered(text)

    def _body(self, part: Part) -> str:
        match part:
            case TextPart(text=text):
                return rendered(text)
            case ReasoningPart(text=text, duration_ms=took):
                return _folded("Thoughts" + (f" ({took / 1000:.0f} s)" if took else ""), rendered(text)) if text.strip() else ""
            case ImagePart():
                return self._image(part)
            case FilePart(file_id=id, name=name, media_type=kind):
                file = self._files.get(id)
                size = "" if file is None or file.size is None else f", {file.size:,} bytes"
                return f'<p class="file">📄 <strong>{escape(name)}</strong> ({escape(kind)}{size})</p>\n'
            case QuotePart(text=text):
                return f"<blockquote>\n{rendered(text)}</blockquote>\n"
            case CitationPart():
                return _citation(part)
            case ToolCallPart():
                code = code_of(part)
                shown = highlighted(code.text, code.language) if code else highlighted(_pretty(part.arguments), "json")
                return _folded(f"Used {part.title or part.name}", shown)
            case ToolResultPart(parts=inner):
                return "".join(self._body(each) for each in inner)
            case OutputPart():
                return _output(part)

    def _image(self, part: ImagePart) -> str:
        file = self._files.get(part.file_id or "")
        if file is None:
            web = part.url if part.url and is_web(part.url) else None
            return f"<p>{_link(web, '🖼 image')}</p>\n" if web else f'<p class="trouble">🖼 {self._lacking}</p>\n'
        if file.media_type not in _IMAGES:
            return f'<p class="file">🖼 <strong>{escape(file.name)}</strong> ({escape(file.media_type)})</p>\n'
        try:
            with file.open() as opened:
                data = base64.b64encode(opened.read()).decode()
        except LLMHubError as exc:
            return f'<p class="trouble">🖼 {escape(exc.message)}</p>\n'
        return f'<p><img alt="{escape(file.name)}" src="data:{file.media_type};base64,{data}"></p>\n'


def rendered(text: str) -> str:
    """Markdown as HTML in which nothing is but text, its shape, links to the web and formulas."""
    return _parser().render(text) if text.strip() else ""


def highlighted(code: str, language: str) -> str:
    """Code in colours, where its language is known."""
    pygments = _pygments()
    inner = pygments.highlight(code, lexer_of(language), pygments.formatters.HtmlFormatter(nowrap=True))
    label = f'<span class="language">{escape(language)}</span>' if language else ""
    return f'<div class="code">{label}<pre><code>{inner}</code></pre></div>\n'


def lexer_of(language: str) -> Any:
    """What reads code of that language; words alone where it is not known."""
    from pygments.util import ClassNotFound

    lexers = _pygments().lexers
    try:
        return lexers.get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        return lexers.get_lexer_by_name("text", stripnl=False)


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt  # on first use

    from .blocks import language_of

    parser: Any = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    parser.validateLink = _is_link
    formulas.add_to(parser)

    def fence(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return highlighted(tokens[index].content, language_of(tokens[index].info))

    def image(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        token = tokens[index]
        source, alt = str(token.attrs.get("src", "")), escape(token.content or "image")
        kind, comma, data = source.partition(";base64,")
        if comma and kind.removeprefix("data:") in _IMAGES and _BASE64.fullmatch(data):
            return f'<img alt="{alt}" src="{escape(source)}">'
        return _link(source, f"🖼 {alt}") if is_web(source) else f"🖼 {alt}"

    def link_open(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return f'<a href="{escape(str(tokens[index].attrs.get("href", "")))}" rel="noopener noreferrer nofollow">'

    def code_block(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
        return highlighted(tokens[index].content, "")

    for rule in (fence, image, link_open, code_block):
        parser.add_render_rule(rule.__name__, rule)
    for name in ("th_open", "td_open"):
        parser.add_render_rule(name, _aligned)
    return parser


def _aligned(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """A cell whose alignment is a class: the policy lets no style be."""
    token = tokens[index]
    style = str(token.attrs.get("style", ""))
    side = next((side for side in ("left", "center", "right") if side in style), None)
    return f'<{token.tag} class="{side}">' if side else f"<{token.tag}>"


def _is_link(url: str) -> bool:
    return is_web(url) or url.startswith(("mailto:", "data:image/"))


def _link(address: str, label: str) -> str:
    return f'<a href="{escape(address)}" rel="noopener noreferrer nofollow">{label}</a>'


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>\n{body}</details>\n"


def _citation(part: CitationPart) -> str:
    address = address_of(part)
    title = escape(part.title or "Source")
    where = "" if address == part.locator or not part.locator else f", {escape(part.locator)}"
    said = f"<q>{escape(part.quote)}</q>" if part.quote else ""
    return f'<p class="source">{_link(address, title) if address else f"<cite>{title}</cite>"}{where} {said}</p>\n'


def _output(part: OutputPart) -> str:
    for kind in _IMAGES:
        data = part.mime_bundle.get(kind)
        data = "".join(map(str, cast("list[Any]", data))) if isinstance(data, list) else data
        if isinstance(data, str) and _BASE64.fullmatch(data):
            return f'<p><img alt="Output" src="data:{kind};base64,{"".join(data.split())}"></p>\n'
    text = text_of_output(part).rstrip("\n")
    return f'<pre class="output">{escape(text)}</pre>\n' if text else '<p class="trouble">(an output that is no text)</p>\n'


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    except ValueError:
        return text


def _pygments() -> Any:
    """On first use."""
    import pygments
    import pygments.formatters  # pyright: ignore[reportUnusedImport]
    import pygments.lexers  # pyright: ignore[reportUnusedImport]

    return pygments


@cache
def _style() -> str:
    """The page's own, and the colours of code in light and dark."""
    colours = [_colours(_pygments().formatters.HtmlFormatter(style=style)) for style in ("default", "github-dark")]
    return f"{_STYLE.read_text()}\n{colours[0]}\n@media screen and (prefers-color-scheme: dark) {{\n{colours[1]}\n}}\n"


def _colours(formatter: Any) -> str:
    rules: str = formatter.get_style_defs(".code")
    return "\n".join(line for line in rules.splitlines() if line.startswith(".code .") and "{" in line)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
