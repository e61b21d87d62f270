"""What of a model's answer is inserted where the cursor stands."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmhub.agents.completion import Code, completion_request, trimmed
from llmhub.agents.trim import trim
from llmhub.messages import text_of
from llmhub.providers.base import Finished, ProviderEvent, Text

BODY = "def area(r):\n    return "
PIECES = ["```", "py\n", "\n", "x = 1", ")", "    ", "<think>", "</think>", "return ", "print(y)", "`"]


@pytest.mark.parametrize(
    ("said", "before", "after", "inserted"),
    [
        ("pi * r**2", BODY, "", "pi * r**2"),
        ("```python\npi * r**2\n```\nThis is the area.", BODY, "", "pi * r**2"),
        ("<think>\nA circle.\n</think>\n\npi * r**2", BODY, "", "pi * r**2"),
        ("return pi * r**2", BODY, "", "pi * r**2"),
        ("    return pi * r**2", BODY, "", "pi * r**2"),
        (" pi * r**2", BODY, "", "pi * r**2"),
        ("    total += x", "for x in xs:\n    ", "", "total += x"),
        ("if x:\n    y()\nprint(total)\nmore()", "total = 0\n", "\nprint(total)\n", "if x:\n    y()"),
        ("a = 1\n\n\n\nb = 2", "", "", "a = 1"),
        ("len(xs))", "print(", ")", "len(xs)"),
        ("len(xs)", "print(", ")", "len(xs)"),
        ("xs[0]", "first = (", ")", "xs[0]"),
        ("1, 2\nprint(3)", "f(", ", z)", "1, 2"),
        ("x + 1  \n", "y = ", "", "x + 1"),
        ("", BODY, "", ""),
        ("``", BODY, "", "``"),
        ("\n".join(map(str, range(40))), "", "", "\n".join(map(str, range(16)))),
    ],
)
def test_only_what_is_missing_is_inserted(said: str, before: str, after: str, inserted: str) -> None:
    assert trim(said, before, after, is_whole=True)[0] == inserted


@settings(max_examples=100, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES)),
    before=st.sampled_from(["", BODY, "f(", "    "]),
    after=st.sampled_from(["", ")", "\nprint(y)", ", z)\n"]),
)
def test_what_is_shown_while_it_comes_is_how_the_whole_begins(pieces: list[str], before: str, after: str) -> None:
    said, shown = "", ""
    for piece in pieces:
        said += piece
        fit, is_done = trim(said, before, after)
        assert fit.startswith(shown) or shown.rstrip() == fit.rstrip()
        shown = fit
        if is_done:
            return
    whole, _ = trim(said, before, after, is_whole=True)
    assert whole.startswith(shown.rstrip())


async def test_an_answer_is_not_waited_for_beyond_what_is_inserted() -> None:
    is_closed = False

    async def answer() -> AsyncIterator[ProviderEvent]:
        nonlocal is_closed
        try:
            for text in ("```python\n", "pi * r", "**2\n``", "`\n", "This is ", "the area."):
                yield Text(text)
            raise AssertionError("nobody wanted that")
        finally:
            is_closed = True

    events = [event async for event in trimmed(answer(), Code(BODY, "", "python"))]
    assert "".join(event.text for event in events if isinstance(event, Text)) == "pi * r**2"
    assert events[-1] == Finished("stop") and is_closed


def test_a_model_sees_the_code_the_cells_around_it_and_the_variables() -> None:
    code = Code("df.", "\n", "python", ["import pandas as pd", ""], ["df.plot()"], ["df: DataFrame", "n: int"])
    request = completion_request("lab/coder", code)
    assert text_of(request.messages[0]) == (
        "<variables>df: DataFrame, n: int</variables>\n<cells_above>\nimport pandas as pd\n</cells_above>\n"
        "<cells_below>\ndf.plot()\n</cells_below>\n<code language='python'>\ndf.<cursor/>\n\n</code>"
    )
    assert request.gap is not None
    assert request.gap.before == "# Variables: df: DataFrame, n: int\n\nimport pandas as pd\n\ndf."
    assert request.gap.after == "\n\n\ndf.plot()"


def test_of_a_large_notebook_the_cells_next_to_the_cursor_are_shown() -> None:
    code = Code("x" * 7_000, "y" * 1_900, "", ["far" * 200, "near" * 200], ["next", "last" * 50])
    request = completion_request("lab/coder", code)
    assert request.gap is not None
    assert request.gap.before == "near" * 200 + "\n\n" + "x" * 7_000
    assert request.gap.after == "y" * 1_900 + "\n\nnext"
