"""`Question`: a foreign request in the making as a `ModelRequest`. Files ride inside it; nothing is stored anywhere."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from ...messages import FilePart, ImagePart, Message, Part, Role, ToolCallPart, ToolResultPart
from ...providers.base import FileData, ModelRequest, ToolChoice, ToolSpec
from ..http import invalid

_IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
_NOW: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No wire sends a message's time."""


class Question:
    """Takes messages in order, each with the field of the request that it came from, so that what is wrong can be named."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._files: dict[str, FileData] = {}
        self._calls: set[str] = set()

    def say(self, role: Role, parts: Iterable[Part], *, field: str) -> None:
        """Add a message. A result needs its call before it."""
        parts = tuple(parts)
        for part in parts:
            if isinstance(part, ToolCallPart):
                self._calls.add(part.call_id)
            elif isinstance(part, ToolResultPart) and part.call_id not in self._calls:
                raise invalid((field, "is the result of a tool call that no message before it made"))
        number = str(len(self._messages))
        self._messages.append(
            Message(id=number, conversation_id="", parent_id=None, role=role, status="complete", parts=parts, created_at=_NOW)
        )

    def image(self, url: str, *, field: str) -> ImagePart:
        """An image by its address, or with all its bytes in a `data:` URL."""
        if url.startswith(("https://", "http://")):
            return ImagePart(url=url)
        if not url.startswith("data:"):
            raise invalid((field, "is neither a data: URL nor an https: address"))
        head, comma, text = url[len("data:") :].partition(",")
        if not comma:
            raise invalid((field, "is not a data: URL: it has no comma before its data"))
        media_type = head.partition(";")[0].strip().lower()
        if head.endswith(";base64"):
            return self.picture(text, media_type, field=field)
        return self._picture(unquote_to_bytes(text), media_type, field)

    def picture(self, data: str, media_type: str, *, field: str) -> ImagePart:
        """An image whose bytes are in base64."""
        return self._picture(decoded(data, field), media_type, field)

    def file(self, data: bytes, media_type: str, name: str) -> FilePart:
        """A file with its bytes."""
        return FilePart(file_id=self._keep(data, media_type, name), name=name, media_type=media_type)

    def request(
        self,
        model: str,
        *,
        system: str | None = None,
        params: Mapping[str, Any],
        tools: tuple[ToolSpec, ...] = (),
        tool_choice: ToolChoice | None = None,
        field: str = "messages",
    ) -> ModelRequest:
        """What was said, as a request; parameters that are None were not given."""
        if all(message.role == "system" for message in self._messages):
            raise invalid((field, "holds nothing to be answered: at least one message of the user is needed"))
        return ModelRequest(
            model=model,
            messages=tuple(self._messages),
            system=system,
            params={name: value for name, value in params.items() if value is not None},
            tools=tools,
            tool_choice=tool_choice if tools else None,
            load_file=self._load,
        )

    def _picture(self, data: bytes, media_type: str, field: str) -> ImagePart:
        if media_type not in _IMAGES:
            raise invalid((field, f"is no picture that is taken: {', '.join(sorted(_IMAGES))}"))
        if not data:
            raise invalid((field, "is a picture without a byte"))
        return ImagePart(file_id=self._keep(data, media_type, ""), media_type=media_type)

    def _keep(self, data: bytes, media_type: str, name: str) -> str:
        number = str(len(self._files))
        self._files[number] = FileData(data=data, media_type=media_type, name=name)
        return number

    async def _load(self, file_id: str) -> FileData:
        return self._files[file_id]


def decoded(data: str, field: str) -> bytes:
    """The bytes that base64 says. Raises `Invalid`."""
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise invalid((field, "is not base64")) from None
