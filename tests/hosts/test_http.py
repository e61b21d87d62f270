"""Errors become status codes, whole and in words; what is read can be held by everything behind."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmhub import errors
from llmhub.hosts.bodies.providers import Key
from llmhub.hosts.http import error_body, headers_of, invalid, parse, read_json, size_words, status_of, to_json, trace_of


def tree(kind: type[errors.LLMHubError]) -> Iterator[type[errors.LLMHubError]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from tree(below)


@pytest.mark.parametrize("kind", list(tree(errors.LLMHubError)), ids=lambda kind: kind.__name__)
def test_every_error_of_ours_has_a_status_of_its_own(kind: type[errors.LLMHubError]):
    assert status_of(kind("It went wrong.")) != 500


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.Malformed("x"), 400),
        (errors.AccessDenied("x"), 403),
        (errors.NotFound("x"), 404),
        (errors.Conflict("x"), 409),
        (errors.TooLarge("x"), 413),
        (errors.Invalid("x"), 422),
        (errors.RateLimited("x"), 429),
        (errors.KeyRejected("x"), 502),
        (errors.Unavailable("x"), 502),
        (errors.BadAnswer("x"), 502),
        (errors.TimedOut("x"), 504),
        (errors.Full("x"), 507),
        (errors.Locked("x"), 503),
        (errors.Corrupt("x"), 503),
        (errors.ConfigError("x"), 503),
        (ValueError("x"), 500),
    ],
)
def test_a_status_says_what_the_error_says(error: Exception, status: int):
    assert status_of(error) == status


def test_who_has_to_wait_is_told_how_long():
    assert headers_of(errors.RateLimited("x", retry_after=2.2)) == {"Retry-After": "3"}
    assert headers_of(errors.RateLimited("x")) == {"Retry-After": "1"}
    assert headers_of(errors.Locked("x")) == {"Retry-After": "1"}
    assert headers_of(errors.NotFound("x")) == {}


def test_a_foreign_error_never_says_its_text():
    assert b"secret" not in error_body(ValueError("secret"))


def test_a_trace_says_where_and_what_kind_but_quotes_nothing():
    def fail(text: str) -> None:
        raise KeyError(text)

    try:
        try:
            fail("sk-" + "1234")
        except KeyError as exc:
            raise ValueError("the prompt: " + "x" * 3) from exc
    except ValueError as exc:
        trace = trace_of(exc)
    assert "KeyError" in trace and "ValueError" in trace and "in fail" in trace
    assert "sk-1234" not in trace and "xxx" not in trace


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_json_is_read_as_it_was_written_or_refused_in_words(value: object):
    try:
        assert read_json(to_json(value)) == orjson.loads(orjson.dumps(value))
    except errors.Invalid as exc:
        assert "NUL" in exc.message


@given(st.binary())
def test_no_bytes_surprise_the_reader(data: bytes):
    try:
        read_json(data)
    except (errors.Malformed, errors.Invalid) as exc:
        assert exc.message


def test_a_key_has_no_items():
    for key, fault in (("", "short"), ("k" * 10_001, "long")):
        with pytest.raises(errors.Invalid, match=rf"^api_key: is too {fault}\.$"):
            parse(Key, {"api_key": key})


def test_many_faults_are_named_but_few_are_said():
    error = invalid(*[(f"parts.{number}", "is missing") for number in range(50)])
    assert error.message == "parts.0: is missing; parts.1: is missing; parts.2: is missing (and 47 more)."
    assert len(error.details["errors"]) == 20


@pytest.mark.parametrize(("size", "said"), [(7, "7 bytes"), (1536, "1.5 KB"), (20 * 2**20, "20 MB"), (83_900_000, "80.0 MB")])
def test_sizes_are_said_as_people_say_them(size: int, said: str):
    assert size_words(size) == said
