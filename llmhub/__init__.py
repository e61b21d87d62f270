"""llmhub: a workspace for large language models that lives in JupyterLab.

Importing this package loads nothing else: names are resolved when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AsyncClient as AsyncClient
    from .client import Client as Client
    from .config import Config as Config
    from .config import load_config as load_config
    from .errors import LLMHubError as LLMHubError
    from .identity import Principal as Principal
    from .messages import Message as Message
    from .workspace import Workspace as Workspace

__version__ = "0.1.0"

_HOMES = {
    "AsyncClient": "client",
    "Client": "client",
    "Config": "config",
    "LLMHubError": "errors",
    "Message": "messages",
    "Principal": "identity",
    "Workspace": "workspace",
    "load_config": "config",
}
__all__ = ["AsyncClient", "Client", "Config", "LLMHubError", "Message", "Principal", "Workspace", "load_config"]


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
