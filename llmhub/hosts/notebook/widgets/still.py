"""A conversation as a saved notebook keeps it: HTML and Markdown in which nothing runs and nothing is fetched.

The HTML has no colours of its own but shades of what surrounds it: it is right in light and dark, also where styles are taken away.
"""

from __future__ import annotations

from html import escape
from typing import Any, Final

from ....conversations.transfer.harmless import harmless
from ....conversations.transfer.html import Page
from ....conversations.transfer.told import author, trouble
from ....messages import Message, text_of
from .colours import COLOURS
from .talk import Turn, Turns

_STYLE: Final = (
    ".llmhub-still { max-width: 860px; line-height: 1.5; overflow-wrap: anywhere; }"
    " .llmhub-still article { margin: 0 0 1em; }"
    " .llmhub-still article.user { padding: .5em .9em; border-radius: 10px; background: rgba(127, 127, 127, .14); }"
    " .llmhub-still .beside { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 1em; margin: 0 0 1em; }"
    " .llmhub-still .beside > article { flex: 1 1 16em; min-width: 0; box-sizing: border-box; margin: 0 0 .6em;"
    " padding: .5em .9em; border: 1px solid rgba(127, 127, 127, .35); border-radius: 10px; }"
    " .llmhub-still header :is(time, .source) { opacity: .7; font-size: .85em; margin-left: .4em; }"
    " .llmhub-still .code pre, .llmhub-still pre.output { margin: 0 0 .85em; overflow-x: auto; padding: .5em .8em;"
    " border: 1px solid rgba(127, 127, 127, .35); border-radius: 6px; }"
    " .llmhub-still .code { position: relative; }"
    " .llmhub-still .code .language { position: absolute; right: .6em; top: .2em; opacity: .7; font-size: .8em; }"
    " .llmhub-still :is(.trouble, .file, .source) { opacity: .8; }"
    " .llmhub-still .beside > article:has(> header .chosen) { border-color: var(--jp-brand-color1, #2196f3); }"
    " .llmhub-still .chosen { display: block; opacity: .8; font-size: .85em; }"
    " .llmhub-still article.user > :last-child { margin-bottom: 0; }"
    + "".join(
        f" .llmhub-still .code :is({', '.join(f'.{word}' for word in colour.words)}) {{ {colour.style} }}"
        for colour in COLOURS.values()
    )
)
_CHOSEN: Final = "What is said next goes on from here."


def still(key: str, turns: Turns) -> dict[str, Any]:
    """The mime bundle. `key` is in the class by which a live output hides it."""
    page = Page({}, lacking="An image")
    messages = [message for turn in turns for message in turn.messages]
    told = ""
    for turn in turns:
        if len(turn.messages) == 1:
            told += page.message(turn.shown)
        else:
            said = (page.message(message, _said_of(message, turn)) for message in turn.messages)
            told += f'<div class="beside">\n{"".join(said)}</div>\n'
    return {
        "text/html": f'<div class="llmhub-still llmhub-still-{escape(key)}"><style>{_STYLE}</style>\n{told}</div>',
        "text/markdown": "\n\n".join(_markdown(message) for message in messages),
        "text/plain": "\n\n".join(f"{author(message)}: {text_of(message)}" for message in messages),
    }


def _said_of(message: Message, turn: Turn) -> str:
    """Which model of which provider it was, and whether it is the answer that was gone on with."""
    model = f' <span class="source">{escape(message.model)}</span>' if message.model else ""
    return model + (f'<span class="chosen">✓ {_CHOSEN}</span>' if message.id == turn.shown.id else "")


def _markdown(message: Message) -> str:
    ending = f"\n\n*{said}*" if (said := trouble(message)) else ""
    # A provider's words are in the ending, and a stranger's in the model's name.
    return harmless(f"**{author(message)}**\n\n{text_of(message)}{ending}")
