"""What is said to a provider so that it reads again what it has read before."""

from __future__ import annotations

import json
from dataclasses import replace

from llmhub.config import ProviderConfig
from llmhub.providers.openai_wire import OpenAIWire
from llmhub.providers.router import Router

from .asking import CANARY, ask, message, text_in
from .conftest import provider_at
from .wire_server import WireServer


async def test_openai_gets_one_key_for_all_turns_of_a_conversation(router: Router, wire: WireServer) -> None:
    adapter, _ = router.build("openai", provider_at(wire, "openai"), CANARY)
    openai = OpenAIWire(replace(adapter, official=True))
    talk = [message("user", "one"), message("assistant", "two"), message("user", "three")]
    await ask(openai, "echo", talk[0], system="Be brief.")
    await ask(openai, "echo", *talk, system="Be brief.")
    await ask(openai, "echo", message("user", "another conversation"), system="Be brief.")
    await ask(openai, "echo", *talk, system="Be brief.", params={"caching": False})
    first, second, other, none = (record.body.get("prompt_cache_key") for record in wire.asked("echo"))
    assert first == second
    assert first != other
    assert none is None


async def test_no_other_server_gets_a_key_that_it_may_not_know(router: Router, wire: WireServer) -> None:
    await ask(router, "openai/echo", "hi")
    assert "prompt_cache_key" not in wire.asked("echo")[0].body
    assert "caching" not in json.dumps(wire.asked("echo")[0].body)


async def test_claude_behind_openrouter_is_told_where_to_keep_what_it_has_read(router: Router, wire: WireServer) -> None:
    config = ProviderConfig(kind="openrouter", base_url=wire.base_url("openai"))
    _, provider = router.build("or", config, CANARY)
    talk = [message("user", "one"), message("assistant", "two"), message("user", "three")]
    said = await ask(provider, "anthropic/echo", *talk, system="Be brief.")
    await ask(provider, "anthropic/echo", *talk, system="Be brief.", params={"caching": False})
    await ask(provider, "echo", *talk, system="Be brief.")
    assert text_in(said)
    claude, without, other = (record.body["messages"] for record in wire.requests if record.body)
    marks = [isinstance(m["content"], list) and "cache_control" in m["content"][-1] for m in claude]
    assert marks == [True, True, False, True]
    assert without == other
    assert "cache_control" not in json.dumps(other)
