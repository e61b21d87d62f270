"""What was used and what it cost, and the ceilings of spending, over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from anthropic import AsyncAnthropic, RateLimitError
from openai import AsyncOpenAI
from openai import RateLimitError as OpenAIRateLimitError

from tests.conftest import settings_for
from tests.providers.wire_server import WireServer

from .api import Api
from .doors.conftest import anthropic, openai  # noqa: F401
from .test_messages import field_in

DEAR = {"price": {"input": 1000, "output": 100_000}}
ANSWER = 11 * 0.001 + 7 * 0.1
"""Dollars for an answer of lab/echo, at those prices."""


@pytest.fixture
def host_settings(wire: WireServer) -> dict[str, Any]:
    return settings_for(
        wire, models={"lab/*": DEAR}, limits={"time_zone": "Europe/Zurich"}, fallbacks={"ollama/e500": ["lab/echo"]}
    )


async def answered(api: Api, conversation: str, model: str = "lab/echo", **more: Any) -> dict[str, Any]:
    run = await api.ask(conversation, model=model, **more)
    await api.events(run["run_id"])
    return run


async def test_usage_is_broken_down_by_model_source_conversation_and_day(api: Api):
    conversation = await api.conversation(title="Tides")
    for model in ("lab/echo", "lab/echo", "anthropic/echo"):
        await answered(api, conversation, model)
    report = await api.ok("GET", "usage/report?zone=Europe/Zurich&by=model,source,conversation,day,provider,folder,message")
    assert report["total"]["cost_nanos"] == round(2 * ANSWER * 1e9)
    assert report["total"]["unpriced_answers"] == 1
    groups = report["groups"]
    assert [(one["key"], one["answers"]) for one in groups["model"]] == [("lab/echo", 2), ("anthropic/echo", 1)]
    assert [(one["key"], one["label"]) for one in groups["conversation"]] == [(conversation, "Tides")]
    assert [one["key"] for one in groups["source"]] == ["chat"]
    assert len(groups["message"]) == 3 and len(groups["day"]) == 1
    only = await api.ok("GET", "usage/report?model=anthropic/echo&by=model")
    assert (only["total"]["answers"], list(only["groups"])) == (1, ["model"])


async def test_what_trying_a_provider_costs_is_in_the_ledger_too(api: Api, wire: WireServer):
    tried = await api.ok("POST", "providers/lab/test", {"model": "echo"})
    assert tried["ok"] and len(wire.asked("echo")) == 2
    report = await api.ok("GET", "usage/report?by=source,model")
    assert [(one["key"], one["answers"]) for one in report["groups"]["source"]] == [("test", 2)]
    assert [one["key"] for one in report["groups"]["model"]] == ["lab/echo"] and report["total"]["cost_nanos"] > 0


@pytest.mark.parametrize(
    ("query", "field"), [("by=weekday", "by"), ("zone=Middle/Earth", "zone"), ("since=today", "since"), ("source=magic", "source")]
)
async def test_a_report_of_what_there_is_not_is_refused_in_words(api: Api, query: str, field: str):
    answer = await api("GET", f"usage/report?{query}")
    assert (answer.status, field_in(answer)) == (422, field)


async def test_every_entry_can_be_downloaded_and_no_cell_is_a_formula(api: Api):
    conversation = await api.conversation(title="=SUM(A1:A9)")
    await answered(api, conversation)
    answer = await api("GET", "usage/csv")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="llmhub-usage.csv"'
    [row] = csv.DictReader(io.StringIO(answer.data.decode()))
    assert (row["conversation"], row["model"], row["cost_usd"]) == ("'=SUM(A1:A9)", "lab/echo", f"{ANSWER:.9f}")
    assert (row["input_tokens"], row["output_tokens"], row["estimated_output_tokens"]) == ("11", "7", "0")


async def test_a_conversation_says_what_it_and_its_branch_cost_a_temporary_one_too(api: Api):
    conversation = await api.conversation(temporary=True)
    first = await answered(api, conversation)
    body = {"client_request_id": "again", "parent_id": first["user_message_id"], "model": "lab/echo"}
    again = await api.ok("POST", f"conversations/{conversation}/runs", body)
    await api.events(again["run_id"])
    used = await api.ok("GET", f"conversations/{conversation}/usage")
    assert (used["conversation"]["answers"], used["branch"]["answers"]) == (2, 1)
    assert [message["key"] for message in used["messages"]] == [again["message_id"]]
    other = await api.ok("GET", f"conversations/{conversation}/usage?leaf={first['message_id']}")
    assert [message["key"] for message in other["messages"]] == [first["message_id"]]


async def test_at_the_ceiling_a_turn_is_refused_with_the_time_until_when_and_goes_through_with_consent(api: Api):
    conversation = await api.conversation()
    set_ = await api.ok("PATCH", "usage/ceilings", {"usd_per_day": 1.0})
    assert (set_["usd_per_day"], set_["usd_per_month"], set_["locked"]) == (1.0, None, False)
    await answered(api, conversation)
    [day] = (await api.ok("GET", "usage/ceilings"))["items"]
    assert (day["period"], day["share"]) == ("day", pytest.approx(ANSWER))
    run = await answered(api, conversation, client_request_id="second")

    question = {"client_request_id": "third", "model": "lab/echo", "message": {"parts": [{"type": "text", "text": "More?"}]}}
    refused = await api("POST", f"conversations/{conversation}/runs", question)
    assert (refused.status, refused.error["code"]) == (429, "quota_exceeded")
    details = refused.error["details"]
    assert (details["period"], details["ceiling_usd"], details["spent_usd"]) == ("day", 1.0, pytest.approx(2 * ANSWER))
    until = datetime.fromisoformat(details["resets_at"])
    assert timedelta(0) < until - datetime.now(UTC) <= timedelta(hours=25) and until.hour in (22, 23)
    assert 0 < int(refused.headers["Retry-After"]) <= 25 * 3600
    path = await api.ok("GET", f"conversations/{conversation}/messages")
    assert path["items"][-1]["id"] == run["message_id"], "nothing of the refused turn is stored"

    same = await api.ask(conversation, model="lab/echo", client_request_id="second")
    assert same["run_id"] == run["run_id"], "what was taken before is no new spending"
    await answered(api, conversation, "anthropic/echo")
    through = await api.ok("POST", f"conversations/{conversation}/runs", question | {"over_ceiling": True})
    assert (await api.events(through["run_id"]))[-1]["status"] == "complete"
    await api.ok("PATCH", "usage/ceilings", {"usd_per_day": None, "usd_per_month": 1000})
    assert [one["period"] for one in (await api.ok("GET", "usage/ceilings"))["items"]] == ["month"]
    await answered(api, conversation)
    none = await api.ok("PATCH", "usage/ceilings", {"usd_per_month": None})
    assert (none["items"], none["usd_per_month"]) == ([], None)
    assert await api.ok("PATCH", "usage/ceilings", {"usd_per_month": None}) == none


async def test_a_ceiling_that_is_near_is_said_once_in_its_period_whichever_browser_asks(api: Api):
    conversation = await api.conversation()
    await api.ok("PATCH", "usage/ceilings", {"usd_per_day": ANSWER / 0.9, "usd_per_month": ANSWER * 10})

    async def seen(changed: dict[str, Any] | None = None) -> list[bool]:
        view = await api.ok("PATCH" if changed else "GET", "usage/ceilings", changed)
        return [one["seen"] for one in view["items"]]

    await api.ok("POST", "usage/ceilings/seen")
    assert await seen() == [False, False], "what is not near yet will be said"
    await answered(api, conversation)
    assert await seen() == [False, False]
    told = await api.ok("POST", "usage/ceilings/seen")
    assert [one["seen"] for one in told["items"]] == await seen() == [True, False]
    assert await seen({"usd_per_day": ANSWER / 0.85}) == [False, False], "another ceiling is another thing to know"
    await api.ok("PATCH", "usage/ceilings", {"usd_per_day": None, "usd_per_month": None})


async def test_a_fallback_to_a_model_that_costs_something_obeys_the_ceiling_as_well(api: Api):
    conversation = await api.conversation()
    await api.ok("PATCH", "usage/ceilings", {"usd_per_month": 0.5})
    await answered(api, conversation)
    api.workspace.router._wait = _at_once
    run = await api.ask(conversation, model="ollama/e500")
    last = (await api.events(run["run_id"]))[-1]
    assert (last["status"], last["error"]["code"]) == ("failed", "quota_exceeded")


async def _at_once(seconds: float) -> None: ...


async def test_the_doors_refuse_in_their_own_shapes_and_take_consent_by_a_header(
    api: Api,
    openai: AsyncOpenAI,  # noqa: F811
    anthropic: AsyncAnthropic,  # noqa: F811
):
    await api.ok("PATCH", "usage/ceilings", {"usd_per_day": 0.5})
    say = {"model": "lab/echo", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50}
    await openai.chat.completions.create(**say)
    await openai.embeddings.create(model="ollama/embed", input="free")
    with pytest.raises(OpenAIRateLimitError) as refused:
        await openai.chat.completions.create(**say)
    assert refused.value.code == "insufficient_quota" and refused.value.response.headers["x-should-retry"] == "false"
    with pytest.raises(OpenAIRateLimitError):
        await openai.embeddings.create(model="lab/embed", input="dear")
    with pytest.raises(RateLimitError) as refused_too:
        await anthropic.messages.create(**say)
    assert refused_too.value.body["error"]["type"] == "rate_limit_error"  # type: ignore[index]
    await anthropic.messages.create(**say, extra_headers={"X-LLMHub-Over-Ceiling": "true"})
    report = await api.ok("GET", "usage/report?by=source")
    assert {one["key"]: one["answers"] for one in report["groups"]["source"]} == {"openai": 1, "anthropic": 1, "embeddings": 1}


@pytest.mark.parametrize("body", [{"usd_per_day": 0}, {"usd_per_day": -1}, {"usd_per_month": "much"}, {"per_week": 3}])
async def test_a_ceiling_that_means_nothing_is_refused(api: Api, body: dict[str, Any]):
    answer = await api("PATCH", "usage/ceilings", body)
    assert (answer.status, field_in(answer)) == (422, next(iter(body)))


class TestLocked:
    @pytest.fixture
    def host_settings(self, wire: WireServer) -> dict[str, Any]:
        return settings_for(wire, limits={"usd_per_day": 2}, locked=["limits.usd_per_day"])

    async def test_a_ceiling_of_the_administrators_stays(self, api: Api):
        assert (await api.ok("GET", "usage/ceilings"))["locked"] is True
        assert (await api("PATCH", "usage/ceilings", {"usd_per_day": 5})).error["code"] == "access_denied"


async def test_what_the_next_request_would_hold_is_known_before_it_is_sent(api: Api):
    conversation = await api.conversation()
    empty = await api.ok("GET", f"conversations/{conversation}/context?model=lab/echo")
    assert (empty["used"], empty["exactness"]) == (0, "estimated")
    await answered(api, conversation)
    context = await api.ok("GET", f"conversations/{conversation}/context?model=lab/echo")
    assert (context["used"], context["history"], context["exactness"]) == (18, 18, "reported")
    assert 0 < context["cost_usd"]["low"] < context["cost_usd"]["high"]
    assert (await api("GET", f"conversations/{conversation}/context?model=nowhere/x")).status == 422
