"""What people and models wrote does nothing in an export, whoever looks at it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from llmhub.conversations.transfer import formulas, html, markdown
from llmhub.conversations.transfer.bundle import Bundle
from llmhub.conversations.transfer.export import Options
from llmhub.conversations.transfer.harmless import harmless
from llmhub.messages import OutputPart, QuotePart, ReasoningPart, TextPart
from tests.ui.payloads import PAYLOADS

from .bundles import bundles, said, talk

WEB = ("http://", "https://", "mailto:")
snippets = st.lists(
    st.sampled_from(
        [
            "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](https://evil.example/a.png)",
            "[a](javascript:alert(1))",
            "[a](java&#115;cript:alert(1))", "![a][b]\n\n[b]: https://evil.example/b.png", "<https://ok.example>",
            "`<b>`", "``", "`", "\\`", "\n\n", "$", "- ", "> ", "text ",
            "```\n<i>\n```\n", "~~~", "    <u>code</u>", "$a<b$", "$$\nx<y\n$$\n", "\\(a<b\\)", "<!-- -->",
            "<a href='data:text/html,x'>", "<svg/onload=alert(1)>", "$\\href{javascript:alert(1)}{x}$", "]: javascript:alert(1)",
            "|a|b|\n|-|-|\n|<s>|![z](//evil.example)|\n",
        ]
    ),
    max_size=8,
).map("".join)  # fmt: skip


def page(text: str) -> str:
    output = OutputPart(mime_bundle={"text/html": text, "text/plain": text})
    talk_of = replace(talk(), title=text[:60] or None, head="m1", messages=(
        said(0, "user", TextPart(text=text), QuotePart(message_id="x", text=text)),
        said(1, "assistant", ReasoningPart(text=text), TextPart(text=text), output, parent=0),
    ))  # fmt: skip
    return b"".join(html.write(talk_of, Options(format="html"))).decode()


class Looker(HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "link", "form", "input", "base", "svg", "video", "audio", "button"):
            self.bad.append(tag)
        for name, value in attrs:
            value = value or ""
            if name.startswith("on") or name in ("style", "srcset", "action", "formaction", "ping", "background", "xlink:href"):
                self.bad.append(f"{tag} {name}")
            if name == "src" and not value.startswith("data:image/"):
                self.bad.append(f"{tag} {name}={value}")
            if name == "href" and not (tag == "a" and value.startswith(WEB)):
                self.bad.append(f"{tag} {name}={value}")


def look(text: str) -> list[str]:
    looker = Looker()
    looker.feed(text)
    looker.close()
    return looker.bad


@settings(max_examples=100)
@given(text=snippets | st.text(max_size=40))
def test_no_page_runs_or_fetches_anything(text: str) -> None:
    assert look(page(text)) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_could_do_harm_in_the_panel_does_none_in_a_page(payload: Any) -> None:
    assert look(page(str(payload))) == []


def dangers(markdown_text: str) -> list[str]:
    """What a viewer that allows HTML would make of it."""
    parser: Any = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True
    found: list[str] = []
    waiting = list(parser.parse(markdown_text))
    while waiting:
        token = waiting.pop()
        waiting += token.children or ()
        if token.type in ("html_block", "html_inline"):
            found.append(token.content)
        for name in ("src", "href"):
            value = str(token.attrs.get(name, ""))
            allowed = ("data:image/",) if name == "src" else (*WEB, "#")
            if name in token.attrs and not value.startswith(allowed):
                found.append(value)
    return found


@settings(max_examples=100)
@given(text=snippets | st.text(max_size=40))
def test_no_markdown_runs_or_fetches_anything(text: str) -> None:
    assert dangers(harmless(text)) == []


@settings(max_examples=20)
@given(bundle=bundles(most=4))
def test_whole_files_are_as_harmless_as_their_texts(bundle: Bundle) -> None:
    for branches in ("path", "all"):
        assert look(b"".join(html.write(bundle, Options(format="html", branches=branches))).decode()) == []  # type: ignore[arg-type]
        text = b"".join(markdown.write(bundle, Options(format="md", branches=branches))).decode()  # type: ignore[arg-type]
        ours = re.compile(r"</?(?:details|summary)>")
        assert [each for each in dangers(text) if ours.sub("", each).strip() and "<" in ours.sub("", each)] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a < b and c > d", "a < b and c > d"),
        ("`<b>` and\n\n```html\n<b>\n```", "`<b>` and\n\n```html\n<b>\n```"),
        ("$a<b$ and <b>", "$a< b$ and &lt;b>"),
        ("<https://example.org> [x](https://example.org)", "<https://example.org> [x](https://example.org)"),
        ("![a](https://example.org/a.png)", "[a](https://example.org/a.png)"),
        ("[a](javascript:alert(1))", "```text\n[a](javascript:alert(1))\n```"),
    ],
)
def test_what_is_harmless_stays_as_it_was(text: str, kept: str) -> None:
    assert harmless(text) == kept


def test_formulas_are_drawn_without_a_script_and_what_is_none_is_shown() -> None:
    shown = page("Inline $e^{i\\pi}$ and\n\n$$\n\\frac{a}{b}\n$$\n\nand 5 $ or 6 $, \\(x_1\\), $\\nosuchthing{$")
    assert shown.count("<math") >= 3 and "<mfrac>" in shown and "5 $ or 6 $" in shown
    assert formulas.drawn("\\href{javascript:alert(1)}{x}", block=False).count("javascript") == 0
    assert formulas.drawn("<script>", block=True).count("<script") == 0


def test_a_page_is_whole_in_itself() -> None:
    shown = b"".join(html.write(talk(), Options(format="html", branches="all"))).decode()
    assert "default-src 'none'" in shown and "prefers-color-scheme: dark" in shown
    assert 'src="data:image/png;base64,' in shown and '<span class="kn">' not in shown.split("</style>")[0]
    assert '<span class="n">x</span>' in shown and "Another branch, below what you said at 2026-03-01" in shown
    assert '<a href="https://example.org/n" rel="noopener noreferrer nofollow">Numbers</a>' in shown


def test_markdown_reads_as_a_conversation() -> None:
    text = b"".join(markdown.write(talk(), Options(format="md"))).decode()
    assert text.startswith("# Counting\n\n## You · 2026-03-01 12:00 UTC\n\nCount!\n\n```python\nraise SystemExit\n```")
    assert "\n## qwen · 2026-03-01 12:00 UTC\n\n<details><summary>Thoughts (1 s)</summary>\n\nHm\n\n</details>\n\nFirst:" in text
    assert "```text\n42\n```" in text and "📄 **a.txt**" in text and "z = 1" not in text
    assert "z = 1" in b"".join(markdown.write(talk(), Options(format="md", branches="all"))).decode()


def test_a_page_is_printed_dark_on_light_whatever_the_screen_wears() -> None:
    text = b"".join(html.write(talk(), Options(format="html"))).decode()
    assert text.count("prefers-color-scheme: dark") == text.count("@media screen and (prefers-color-scheme: dark)") == 2
