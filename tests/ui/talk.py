"""What the server keeps of a conversation, to be held against what the page shows."""

from __future__ import annotations

from typing import Any

from tests.servers import JupyterProcess

from .panel import Panel


async def stored(server: JupyterProcess, panel: Panel) -> list[dict[str, Any]]:
    """The messages on the path shown, as the server keeps them."""
    return (await server.call("GET", f"conversations/{await panel.conversation_id()}/messages"))["items"]


async def last_answer(server: JupyterProcess, panel: Panel) -> str:
    """The text of the last answer, to the byte."""
    return text_of((await stored(server, panel))[-1])


def text_of(message: dict[str, Any]) -> str:
    """What a message says."""
    return "".join(part["text"] for part in message["parts"] if part["type"] == "text")


def said(*counts: int) -> str:
    """What a gated model said in turns of so many tokens each."""
    return "".join(f"t{index} " for count in counts for index in range(count))
