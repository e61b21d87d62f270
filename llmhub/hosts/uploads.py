"""Files that come in: by themselves, or inside a message as a `data:` URL; both end in the file store."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from ..errors import TooLarge
from ..identity import Principal
from ..messages import FilePart, ImagePart, OutputPart, Part, QuotePart, TextPart, ToolCallPart, ToolResultPart
from .http import invalid, size_words, to_json

if TYPE_CHECKING:
    from ..workspace import Workspace

SAFE_IMAGES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"})
"""Pictures made of dots. Not SVG, which can hold a script."""
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}")


def media_type_of(header: str) -> str:
    """The media type in a `Content-Type`, or the one for "anything" where it says nothing usable."""
    kind = header.partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"


def check_size(size: int, limit: int, *, image: bool) -> TooLarge:
    """What to say of a file of `size` bytes."""
    thing = "image" if image else "file"
    return TooLarge(
        f"The {thing} is {size_words(size)}; at most {size_words(limit)} are taken.",
        hint=f"Attach a smaller {thing}, or raise limits.file_bytes in llmhub.yaml.",
        details={"size": size, "limit": limit},
    )


async def stored(
    parts: Sequence[Part], workspace: Workspace, principal: Principal, conversation_id: str, *, field: str = "message.parts"
) -> tuple[Part, ...]:
    """A message's parts as they are kept: within the limits, files known, pictures in the file store instead of in the message.

    The conversation is looked for before a file is kept for nothing. `field` is where the parts stood in the request.
    """
    within = [part for each in parts for part in (each, *(each.parts if isinstance(each, ToolResultPart) else ()))]
    if not all(isinstance(part, TextPart) for part in parts):
        await workspace.conversations.get(principal.id, conversation_id)
    rules = workspace.policy.of(principal)
    if any(isinstance(part, ImagePart | FilePart) for part in within):
        rules.check_feature("attachments")
    limit = rules.config.settings.limits.message_chars
    size = sum(len(part.text) for part in within if isinstance(part, TextPart | QuotePart))
    size += sum(len(part.arguments) for part in parts if isinstance(part, ToolCallPart))
    size += sum(len(to_json((part.mime_bundle, part.metadata))) for part in within if isinstance(part, OutputPart))
    if size > limit:
        raise TooLarge(
            f"The message has {size:,} characters; at most {limit:,} are taken.",
            hint="Attach the text as a file, send it in pieces, or raise limits.message_chars in llmhub.yaml.",
            details={"size": size, "limit": limit},
        )
    hushed = workspace.conversations.is_temporary(conversation_id)
    return tuple([await _stored(f"{field}.{index}", part, workspace, principal, hushed) for index, part in enumerate(parts)])


async def _stored(field: str, part: Part, workspace: Workspace, principal: Principal, hushed: bool) -> Part:
    match part:
        case FilePart(file_id=file_id):
            await workspace.files.get(principal.id, file_id)
        case ImagePart(file_id=str(file_id), url=None):
            file = await workspace.files.get(principal.id, file_id)
            return part.model_copy(update={"media_type": file.media_type})
        case ImagePart(file_id=None, url=str(url)) if url.startswith("data:"):
            kind, data = _data_url(field, url, workspace.policy.of(principal).config.settings.limits.file_bytes)
            name = f"image.{kind.partition('/')[2]}"
            if hushed:
                file = workspace.files.hold(principal.id, data, name=name, media_type=kind)
            else:
                file = await workspace.files.put(principal.id, data, name=name, media_type=kind)
            return part.model_copy(update={"file_id": file.id, "url": None, "media_type": kind})
        case ImagePart(file_id=None, url=str(url)) if url.startswith("https://"):
            pass
        case ToolResultPart():
            inner = [await _stored(f"{field}.parts.{at}", each, workspace, principal, hushed) for at, each in enumerate(part.parts)]
            return part.model_copy(update={"parts": tuple(inner)})
        case ImagePart():
            raise invalid((field, "an image has either a file_id or a url, and the url begins with https: or data:"))
        case _:
            pass
    return part


def _data_url(field: str, url: str, limit: int) -> tuple[str, bytes]:
    head, comma, body = url[len("data:") :].partition(",")
    kind = media_type_of(head)
    if not comma or kind not in SAFE_IMAGES:
        raise invalid((field, f"a data: URL holds a picture: {', '.join(sorted(SAFE_IMAGES))}"))
    try:
        data = base64.b64decode(body, validate=True) if head.endswith(";base64") else unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        raise invalid((field, "the data: URL is not in base64")) from None
    if len(data) > limit:
        raise check_size(len(data), limit, image=True)
    return kind, data
