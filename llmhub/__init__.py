"""llmhub: a workspace for large language models that lives in JupyterLab.

Importing this package loads next to nothing: names are resolved when they are first used. It gives data frames their `.llm`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .hosts.notebook.frames import watch

if TYPE_CHECKING:
    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .config import Config as Config
    from .config import load_config as load_config
    from .errors import LLMHubError as LLMHubError
    from .hosts.notebook.api import Chat as Chat
    from .hosts.notebook.api import ask as ask
    from .hosts.notebook.api import ask_async as ask_async
    from .hosts.notebook.api import chat as chat
    from .hosts.notebook.comparing import Compare as Compare
    from .hosts.notebook.mapping import map as map
    from .hosts.notebook.mapping import map_async as map_async
    from .hosts.notebook.tools import tool as tool
    from .identity import Principal as Principal
    from .messages import Message as Message
    from .workspace import Workspace as Workspace

__version__ = "0.1.0"

_HOMES = {
    "AsyncClient": "client",
    "Chat": "hosts.notebook.api",
    "Client": "client",
    "Compare": "hosts.notebook.comparing",
    "Config": "config",
    "LLMHubError": "errors",
    "Message": "messages",
    "Principal": "identity",
    "Workspace": "workspace",
    "ask": "hosts.notebook.api",
    "ask_async": "hosts.notebook.api",
    "chat": "hosts.notebook.api",
    "load_config": "config",
    "map": "hosts.notebook.mapping",
    "map_async": "hosts.notebook.mapping",
    "tool": "hosts.notebook.tools",
}
__all__ = [
    "AsyncClient",
    "Chat",
    "Client",
    "Compare",
    "Config",
    "LLMHubError",
    "Message",
    "Principal",
    "Workspace",
    "ask",
    "ask_async",
    "chat",
    "load_config",
    "map",
    "map_async",
    "tool",
]


watch()


def __getattr__(name: str) -> Any:
    """Public names come from their module on first use (PEP 562), so that `import llmhub` costs next to nothing."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)


# ---- the doors Jupyter knocks on


def _jupyter_server_extension_points() -> list[dict[str, Any]]:  # pyright: ignore[reportUnusedFunction]
    from .hosts.server.app import LLMHub

    return [{"module": "llmhub", "app": LLMHub}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:  # pyright: ignore[reportUnusedFunction]
    return [{"src": "labextension", "dest": "@llmhub/lab"}]


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext llmhub`: the magics `%llm` and `%%llm` (docs/magics.md)."""
    from .hosts.notebook.load import load

    load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext llmhub`."""
    from .hosts.notebook.load import unload

    unload(ipython)
