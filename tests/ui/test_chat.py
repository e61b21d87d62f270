"""Sending, streaming, stopping, going on, answering again, editing."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.providers.wire_server import WireServer
from tests.servers import JupyterProcess

from .panel import Panel, words


async def stored(lab: JupyterProcess, panel: Panel) -> list[dict[str, Any]]:
    """The messages of the conversation shown, as the server keeps them."""
    return (await lab.call("GET", f"conversations/{await panel.conversation_id()}/messages"))["items"]


def text_of(message: dict[str, Any]) -> str:
    return "".join(part.get("text", "") for part in message["parts"])


async def test_an_answer_appears_word_by_word_as_the_model_says_it(panel: Panel, lab: JupyterProcess, wire: WireServer):
    await panel.send("Say something", "lab/gated")
    await expect(panel.get("stop")).to_be_visible()
    gate = wire.gate()
    for count in (1, 2, 5):
        gate.release(count - gate.released)
        await panel.shows(words(count), status="running")
    gate.release(1, finish=True)
    await panel.shows(words(6), status="complete")

    question, answer = await stored(lab, panel)
    assert text_of(question) == "Say something"
    assert text_of(answer) == "".join(f"t{n} " for n in range(6))
    assert len(wire.asked("gated")) == 1
