"""`{{ }}` in a question: what is an expression and what is not, and how values are told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmhub.errors import Invalid
from llmhub.hosts.notebook.question import parts_of
from llmhub.hosts.notebook.shown import Picture, shown
from llmhub.hosts.notebook.template import Expression, parse
from llmhub.messages import ImagePart, TextPart

PNG = b"\x89PNG\r\n\x1a\n"


class Drawing:
    def _repr_png_(self) -> bytes:
        return PNG


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def text(question: str, **names: object) -> str:
    return "".join(part.text for part in parts_of(question, names) if isinstance(part, TextPart))


@pytest.mark.parametrize(
    "literal",
    [
        '{"a": {"b": {}}}',
        "\\frac{a}{b}",
        "{x} ${y} %s {0}",
        "{{}}",
        "{{ }}",
        "a {{ b",
        "}} {{",
        "{{ 'open }}",
        "{{ (] }}",
        "{% if %}",
    ],
)
def test_braces_that_hold_no_expression_are_braces(literal: str) -> None:
    assert text(literal) == literal


@given(st.text(alphabet="{}ab '\"\n([", max_size=30))
@settings(max_examples=80)
def test_nothing_of_a_question_is_lost(question: str) -> None:
    pieces = list(parse(question))
    sources = [piece.source for piece in pieces if isinstance(piece, Expression)]
    rest = "".join(piece for piece in pieces if isinstance(piece, str))
    assert sum(map(len, sources)) + len(rest) <= len(question)
    assert bool(sources) or rest == question


def test_an_expression_may_hold_braces_brackets_and_quotes_of_its_own() -> None:
    assert text("{{ {'a': {'b': 1}}['a']['b'] }}") == "1"
    assert text("{{ {1: 2}}}") == '{"1": 2}'
    assert text("{{ '}}' }}{{ \"{{\" }}") == "}}{{"
    assert text("sum: {{ sum(x for x in n) }}.", n=[1, 2]) == "sum: 3."


def test_what_is_undefined_or_wrong_is_named_and_nothing_is_sent() -> None:
    with pytest.raises(Invalid, match=r"`\{\{ colunms \}\}`: the name 'colunms' is not defined"):
        text("Look at {{ colunms }}", columns=1)
    with pytest.raises(Invalid, match="raised ZeroDivisionError"):
        text("{{ 1/0 }}")
    with pytest.raises(Invalid, match="is no Python expression"):
        text("{{ import os }}")
    with pytest.raises(Invalid, match=r"`\{\{ x \}\}` cannot be shown: its Unspeakable raises RuntimeError"):
        text("{{ x }}", x=Unspeakable())


def test_values_are_told_by_their_kind_within_a_budget() -> None:
    assert text("{{ words }}", words="as {they} are") == "as {they} are"
    assert shown(list(range(10_000)), "it", 200).__class__ is str and len(str(shown(list(range(10_000)), "it", 200))) < 300
    assert str(shown(list(range(10_000)), "it", 200)).startswith("list of 10,000 items, beginning with\n[\n 0,")
    assert "more characters left out" in str(shown(["x" * 90] * 100, "it", 200))
    ring: list[object] = [1]
    ring.append(ring)
    assert "Recursion on list" in str(shown(ring, "it"))
    assert str(shown(b"abc" * 100, "it")).startswith("bytes of 300 bytes")
    assert shown(Drawing(), "it") == Picture(PNG)
    words, image, more = parts_of("Before {{ d }} after", {"d": Drawing()})
    assert isinstance(words, TextPart) and isinstance(image, ImagePart) and isinstance(more, TextPart)


def test_of_a_list_of_millions_only_what_has_room_is_looked_at() -> None:
    class Endless(list[int]):
        """As long as it says; who goes through all of it is never done."""

        def __len__(self) -> int:
            return 10**12

        def __iter__(self) -> Iterator[int]:
            return count()

    assert str(shown(Endless([1]), "it", 100)).startswith("Endless of 1,000,000,000,000 items, beginning with\n[\n 0,")
    within = str(shown({"many": Endless([1])}, "it", 100))
    assert len(within) < 200 and within.endswith(" …") and "more characters" not in within, "nobody counted them"


def test_a_data_frame_is_its_schema_and_its_first_rows() -> None:
    frame = pandas.DataFrame({"age": [1.0, None, 3.0], "name": ["a", "b", "b"]})
    told = text("{{ df }}", df=frame)
    assert "3 rows × 2 columns" in told and "- age: float64, 1 missing, min 1, mean 2, max 3" in told
    assert "2 distinct" in told and "1.0,a" in told
    assert "- age: int64" in text("{{ df }}", df=type("GeoDataFrame", (pandas.DataFrame,), {})({"age": [1]}))
    wide = pandas.DataFrame({f"column {i}": range(1000) for i in range(500)})
    assert len(str(shown(wide, "it", 3000))) <= 3100 and "more columns" in str(shown(wide, "it", 3000))


def test_keys_of_the_environment_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_API_KEY", "sk-canary-0123456789")
    assert text("{{ k }} and {{ e }}", k="sk-canary-0123456789", e={"LAB": "sk-canary-0123456789"}).count("canary") == 0
