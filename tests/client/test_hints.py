"""What errors advise is read in Python, too, where there is no panel with its lists, settings and buttons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import llmhub
from llmhub.errors import from_words

HERE = Path(llmhub.__file__).parent
OF_THE_PANEL = re.compile(r"\b(the list|the settings|Reload|Send anyway|[Cc]lick|button)\b|(^|\. |; )Continue\b|Jupyter starts")


def hints() -> Iterator[tuple[str, str]]:
    """Every hint that a server may send, with where it stands; what is filled in is an X."""
    for file in HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.keyword(arg="hint", value=value):
                    yield from ((str(file), text) for text in texts(value))
                case ast.Assign(targets=[ast.Name(id="hint") | ast.Attribute(attr="hint")], value=value):
                    yield from ((str(file), text) for text in texts(value))
                case _:
                    pass


def texts(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "X" for each in values)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from texts(child)


def test_no_hint_that_is_read_in_python_speaks_of_what_only_the_panel_has() -> None:
    found = list(hints())
    assert any(OF_THE_PANEL.search(hint) for _, hint in found), "the panel's own words are found at all"
    away = [(where, from_words({"code": "invalid", "hint": hint}).hint) for where, hint in found]
    assert not [each for each in away if OF_THE_PANEL.search(each[1])]


def test_a_list_is_named_as_it_is_reached() -> None:
    hint = from_words({"code": "model_not_found", "hint": "Choose a model from the list."}).hint
    assert hint == "Choose a model that `llmhub models` lists (in a notebook `%llm models`)."
