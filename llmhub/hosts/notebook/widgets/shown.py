"""`Shown`: a `Chat` or `Compare` as an anywidget: the live view, and below it the still one that a saved notebook keeps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets
from IPython import display as ipython

from ....errors import LLMHubError
from ....ids import new_id
from ..kernel import here
from .still import still
from .talk import Talk, Turns

if TYPE_CHECKING:
    from ..conversing import Conversing

STATIC: Final = Path(__file__).with_name("static")
_VIEW: Final = "application/vnd.jupyter.widget-view+json"
_doors: Any = ipython
_AnyWidget: Any = anywidget.AnyWidget
_Unicode: Any = traitlets.Unicode


if not (STATIC / "chat.js").is_file():
    raise LLMHubError("The view of a chat is not built.", hint="In a checkout: `pip install -e .`, or `jlpm build:cell`.")


class ChatWidget(_AnyWidget):
    """The live view. Its state is a name: the rest is said when a page asks for it."""

    _esm = STATIC / "chat.js"
    _css = STATIC / "chat.css"
    key = _Unicode().tag(sync=True)


class Shown:
    """A conversation in the outputs of its notebook. `shell` is IPython's."""

    def __init__(self, chat: Conversing, shell: Any) -> None:
        self._shell = shell
        self._key = new_id()
        self._widget: Any = ChatWidget(key=self._key)
        self._widget.on_msg(self._hear)
        self._turns: Turns = ()
        self._is_there = False
        self.talk = Talk(chat, here.client, self._widget.send, self._see)

    def display(self) -> None:
        """In the output of the running cell."""
        self._turns = here.client.do(self.talk.turns())
        # No words beside the view: what cannot show it has the still one below.
        view = {"version_major": 2, "version_minor": 0, "model_id": self._widget.model_id}
        _doors.display({_VIEW: view, "text/plain": ""}, raw=True)
        _doors.display(still(self._key, self._turns), raw=True, display_id=self._key)
        self._is_there = True

    def _hear(self, _widget: Any, content: Any, _buffers: Any) -> None:
        self.talk.take(content)

    def _see(self, turns: Turns) -> None:
        """In the client's thread. What a notebook keeps is changed between two cells, in the kernel's own."""
        if self._is_there and list(turns) != list(self._turns):
            self._turns = turns
            self._shell.kernel.io_loop.add_callback(self._update)

    def _update(self) -> None:
        _doors.update_display(still(self._key, self._turns), raw=True, display_id=self._key)
