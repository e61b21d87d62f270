"""`llmhub.ask`, `llmhub.chat` and their async twins: models from Python code, with a server or without one.

answer = llmhub.ask("What is a monad?", model="lab/qwen3")
print(answer.text, answer.cost)
city = llmhub.ask("The capital of Switzerland?", schema=City).value
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...client import AsyncClient
from ...errors import Invalid, Unreachable
from ...messages import Part, TextPart
from .asking import Asking, answered
from .awaiting import awaited
from .calling import ask_with_tools
from .conversing import Begun, Conversing
from .display import NoOutput
from .kernel import here
from .masking import masked
from .options import checked
from .question import image_part, picture_in
from .result import Result
from .shape import shape_of
from .tools import Toolbox


def ask(
    prompt: str,
    *,
    model: str | None = None,
    system: str | None = None,
    schema: Any = None,
    tools: Sequence[Callable[..., Any]] = (),
    files: Sequence[str | Path] = (),
    images: Sequence[Any] = (),
    conversation: str | None = None,
    temporary: bool = False,
    **params: Any,
) -> Result:
    """The answer: `.text`, `.usage`, `.cost`, `.message`, and `.value` with a `schema`.

    `schema`: a pydantic model, a type or a JSON schema; an answer that misses it is asked for once more. `tools`: functions of
    this process that the model may call. `images`: figures, PIL images or PNG bytes. Without `conversation` a new one begins
    (`temporary`: one that is not kept). `params`: `temperature`, `max_tokens`, ... Braces in `prompt` are braces: use an f-string.
    Raises `LLMHubError`; an interrupt stops the answer.
    """
    asking = asking_of(
        prompt, model=model, system=system, schema=schema, files=files, images=images, conversation=conversation,
        temporary=temporary, **params,
    )  # fmt: skip
    client = here.client
    try:
        if not tools:
            return client.do(answered(client.aio, asking))
        return ask_with_tools(client, asking, Toolbox(tools), NoOutput())
    except Unreachable:
        here.forget()
        raise


async def ask_async(prompt: str, *, tools: Sequence[Callable[..., Any]] = (), **told: Any) -> Result:
    """`ask`, for code that awaits. Cancelling it stops the answer; with `tools` only after the call that is under way."""
    if tools:
        return await asyncio.to_thread(ask, prompt, tools=tools, **told)
    client = await asyncio.to_thread(lambda: here.client)
    try:
        return await awaited(client.submit(answered(client.aio, asking_of(prompt, **told))))
    except Unreachable:
        await asyncio.to_thread(here.forget)
        raise


class Chat(Conversing):
    """A conversation: `chat = llmhub.chat(model=...)`, then `chat.ask("...")`. What `ask` takes is taken here for all turns.

    As the last line of a cell it is shown, to be read and gone on with there; the panel shows the same conversation.
    Raises `NotFound` for an id that no conversation has.
    """

    def __init__(self, conversation: str | None = None, **told: Any) -> None:
        super().__init__(conversation, told)
        if conversation is not None:
            here.client.conversation(conversation)

    @property
    def needs_python(self) -> bool:
        """Whether an answer takes more than a model: functions of this process, or a check of its shape."""
        return bool(self._told.get("tools")) or self._told.get("schema") is not None

    def ask(self, prompt: str, **told: Any) -> Result:
        """The answer to the next turn."""
        return self._noted(ask(prompt, **{**self._told, **told}, conversation=self.conversation_id))

    async def ask_async(self, prompt: str, **told: Any) -> Result:
        """`ask`, for code that awaits."""
        return self._noted(await ask_async(prompt, **{**self._told, **told}, conversation=self.conversation_id))

    async def begin(self, client: AsyncClient, prompt: str) -> Begun:
        """Ask the next turn, without functions and schemas, and do not wait."""
        told = {name: value for name, value in self._told.items() if name not in ("tools", "schema")}
        asking = asking_of(prompt, **told, conversation=self.conversation_id)
        return Begun({0: await client.start_run(**asking.told())})

    def _noted(self, result: Result) -> Result:
        self._seen_at(result.conversation_id)
        return result


def chat(conversation: str | None = None, **told: Any) -> Chat:
    """A new conversation, or one by its id. `told`: what `ask` takes (`model`, `system`, `tools`, ...), for all turns."""
    return Chat(conversation, **told)


def asking_of(
    prompt: str,
    *,
    model: str | None = None,
    system: str | None = None,
    schema: Any = None,
    files: Sequence[str | Path] = (),
    images: Sequence[Any] = (),
    conversation: str | None = None,
    temporary: bool = False,
    **params: Any,
) -> Asking:
    """What the arguments of `ask` mean. Raises `Invalid`."""
    if not isinstance(prompt, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise Invalid(f"A {type(prompt).__name__} is no question.", hint="Ask with text: an f-string puts values into it.")
    for file in files:
        if not Path(file).is_file():
            raise Invalid(f"{file}: there is no such file.", hint=f"Paths begin in {Path.cwd()}.")
    prompt = masked(prompt)
    parts: list[Part] = [TextPart(text=prompt), *map(_image, images)]
    return Asking(
        parts if images else prompt,
        model,
        checked(params if system is None else {**params, "system": masked(system)}),
        conversation=conversation,
        temporary=temporary,
        files=files,
        shape=None if schema is None else shape_of(schema),
    )


def _image(value: Any) -> Part:
    if (picture := picture_in(value)) is None:
        raise Invalid(f"A {type(value).__name__} is no image.", hint="It takes a figure, a PIL image or the bytes of a PNG.")
    return image_part(picture)
