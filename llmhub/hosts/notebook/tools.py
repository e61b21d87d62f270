"""Python functions of the session as tools: `@tool` says how a model sees one, `Toolbox` runs what it calls."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticUserError

from ...errors import Invalid
from .masking import masked
from .shown import Picture, shown

Function = TypeVar("Function", bound=Callable[..., Any])
_RESULT: Final = 20_000
"""Characters of a result that a model is given."""


class Tool:
    """One function as a model sees it: its name, its docstring, and a schema from its types."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name: str = getattr(function, "__name__", "")
        if not self.name.isidentifier():
            raise Invalid(f"{function!r} cannot be a tool: it has no name.", hint="Use a function made with `def`.")
        self._arguments = _arguments_of(function, self.name)

    @property
    def spec(self) -> dict[str, Any]:
        """As OpenAI's protocol has it."""
        schema = self._arguments.model_json_schema()
        schema.pop("title", None)
        told = {"name": self.name, "description": inspect.getdoc(self.function) or "", "parameters": schema}
        return {"type": "function", "function": told}

    def call(self, arguments: str) -> Any:
        """The function's value. Raises `ValueError` with words for the model if the arguments do not fit, and what it raises."""
        try:
            given = self._arguments.model_validate_json(arguments or "{}")
        except ValidationError as exc:
            faults = exc.errors(include_url=False, include_input=False)
            raise ValueError("; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)) from None
        values = {name: getattr(given, name) for name in type(given).model_fields if name in given.model_fields_set}
        value = self.function(**values)
        return _in_own_loop(_awaited(value)) if inspect.isawaitable(value) else value


class Gave(NamedTuple):
    """What came of a call."""

    ok: bool
    text: str


class Toolbox:
    """The tools of one question, by name."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        if callable(functions):
            raise Invalid("tools is a list of functions.", hint="Write tools=[f], for a single one too.")
        made = [_made(function) for function in functions]
        self._tools = {each.name: each for each in made}
        if len(self._tools) < len(made):
            names = [each.name for each in made]
            twice = next(name for name in names if names.count(name) > 1)
            raise Invalid(f"Two tools are called {twice}: a model could not tell them apart.", hint="Give one another name.")

    @property
    def specs(self) -> list[dict[str, Any]]:
        """All of them."""
        return [each.spec for each in self._tools.values()]

    def run(self, name: str, arguments: str) -> Gave:
        """What a call gave, in words for the model; a failure is told in words, too."""
        made = self._tools.get(name)
        if made is None:
            return Gave(False, f"There is no tool {name}. There are {', '.join(self._tools)}.")
        try:
            value = shown(made.call(arguments), f"The result of {name}", _RESULT)
        except Exception as exc:  # it is the user's function: whatever it raises, the model may do better
            return Gave(False, masked(f"{name} failed: {type(exc).__name__}: {exc}"))
        return Gave(True, "(an image, which cannot be given back)" if isinstance(value, Picture) else masked(value)[:_RESULT])


def tool(function: Function) -> Function:
    """Check that a function can be a tool: its name, docstring and types are what a model sees. It stays the function it is.

    @llmhub.tool
    def weather(city: str) -> str:
        "The weather in a city now."
    """
    function.__llmhub_tool__ = Tool(function)  # type: ignore[attr-defined]
    return function


def as_call(name: str, arguments: str) -> str:
    """A call as Python would write it."""
    try:
        given: Mapping[str, Any] = json.loads(arguments or "{}")
        return f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})"
    except (ValueError, AttributeError):
        return f"{name}({arguments})"


async def _awaited(value: Any) -> Any:
    return await value


def _in_own_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine gives. The kernel's loop runs already, and waits for us. An interrupt cancels it."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)

    def run() -> Any:
        with closing(loop):
            return loop.run_until_complete(task)

    with ThreadPoolExecutor(1, "llmhub tool") as thread:
        running = thread.submit(run)
        try:
            return running.result()
        except KeyboardInterrupt:
            with suppress(RuntimeError):  # it has ended meanwhile
                loop.call_soon_threadsafe(task.cancel)
            raise


def _made(function: Callable[..., Any]) -> Tool:
    made = getattr(function, "__llmhub_tool__", None)
    return made if isinstance(made, Tool) else Tool(function)


def _arguments_of(function: Callable[..., Any], name: str) -> type[BaseModel]:
    try:
        hints = get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError, NameError) as exc:
        raise Invalid(f"{name} cannot be a tool: {exc}.", hint="Use a function whose types are known.") from None
    fields: dict[str, Any] = {}
    for parameter in parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise Invalid(f"{name} cannot be a tool: it takes `{parameter}` without a name.", hint="Give each argument a name.")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints.get(parameter.name, Any), Field(default))
    try:
        made: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        made.model_json_schema()
    except (PydanticUserError, NameError) as exc:
        said = str(exc).splitlines()[0]
        raise Invalid(f"{name} cannot be a tool: {said}", hint="Its arguments must be what JSON can say.") from None
    return made
