"""`Socket`: what our two WebSockets have in common: the handshake, refused in our words where tornado would do it in plain text."""

from __future__ import annotations

from typing import Any

from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketHandler

from ... import errors
from .handler import FOREIGN_PAGE, Words


class Socket(WebSocketMixin, WebSocketHandler, Words):  # pyright: ignore[reportIncompatibleMethodOverride]
    """A connection that stays."""

    async def shake_hands(self, *args: Any, **kwargs: Any) -> None:
        """Called by `get`, which knows what one must be allowed to do."""
        if self.request.headers.get("Upgrade", "").lower() != "websocket":
            raise errors.Malformed("This address is a WebSocket.", hint="Connect with ws: or wss: instead of http: or https:.")
        origin = self.get_origin()
        same = self.request.headers.get("Sec-Fetch-Site") == "same-origin"
        if origin and not same and not self.check_origin(origin):  # pyright: ignore[reportUnknownMemberType]
            raise errors.AccessDenied(FOREIGN_PAGE, hint="Open llmhub from its own server.")
        self.workspace = await self.extension.workspace()
        self.check_access()
        await super().get(*args, **kwargs)

    def check_access(self) -> None:
        """Whether whoever connects may: raises `AccessDenied`."""

    def skip_check_origin(self) -> bool:
        """A token does not excuse a foreign page here: Jupyter would take one in the address from anywhere."""
        return False

    def get_compression_options(self) -> None:
        """Small frames, many of them: compressing costs more than it saves."""
