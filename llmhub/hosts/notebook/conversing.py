"""`Conversing`: a conversation that is gone on with in Python, in the output that shows it, and in the panel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...client import AsyncClient, Run
from ...errors import LLMHubError

if TYPE_CHECKING:
    from .widgets.shown import Shown


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn that is being answered: a run per model, by its number among them, and whom nobody could ask."""

    runs: Mapping[int, Run]
    refused: Mapping[int, LLMHubError] = field(default_factory=dict[int, LLMHubError])


class Conversing(ABC):
    """As the last line of a cell it is shown, to be read and gone on with there; the panel shows the same conversation."""

    def __init__(self, conversation: str | None, told: dict[str, Any]) -> None:
        self.conversation_id = conversation
        self._told = told
        self._shown: Shown | None = None

    @property
    def model(self) -> str | None:
        """Which model is asked; None: the conversation's, or the default one."""
        return self._told.get("model")

    @property
    def models(self) -> Sequence[str]:
        """Which models are all asked each question; none: `model` is."""
        return ()

    @property
    def needs_python(self) -> bool:
        """Whether an answer takes more than a model: functions of this process, or a check of its shape."""
        return False

    def use(self, model: str) -> None:
        """Ask this model from now on."""
        self._told["model"] = model

    @abstractmethod
    def ask(self, prompt: str, **told: Any) -> Any:
        """The answer to the next turn, or those to it."""

    @abstractmethod
    async def begin(self, client: AsyncClient, prompt: str) -> Begun:
        """Ask the next turn, and do not wait. Raises `LLMHubError` where nobody could be asked."""

    def _seen_at(self, conversation_id: str) -> None:
        """Something was said in Python: outputs show it."""
        self.conversation_id = conversation_id
        if self._shown is not None:
            self._shown.talk.look()

    def __repr__(self) -> str:
        models = " and ".join(self.models) or self.model
        return f"<{type(self).__name__} {self.conversation_id or '(nothing said yet)'}{f' with {models}' if models else ''}>"

    def _ipython_display_(self) -> None:
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        if getattr(shell, "kernel", None) is None:
            print(repr(self))  # a terminal shows words
            return
        if self._shown is None:
            from .widgets.shown import Shown  # with it come ipywidgets

            self._shown = Shown(self, shell)
        self._shown.display()
