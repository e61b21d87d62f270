"""A thought's signature: what its provider wants back with it, as a text that a client of Anthropic's carries without reading it.

Anthropic's own signatures pass as they are. Those of other wires are packed into a text that only we unpack.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

import orjson

_OURS: Final = "llmhub."
_WIRE: Final = "anthropic"


def signature_of(metadata: Mapping[str, Any] | None) -> str:
    """The signature that carries `metadata`; empty where there is none."""
    if not metadata:
        return ""
    own = metadata.get(_WIRE)
    if isinstance(own, dict) and isinstance(signature := own.get("signature"), str):  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return signature
    return _OURS + urlsafe_b64encode(orjson.dumps(dict(metadata))).decode()


def metadata_of(signature: str) -> dict[str, Any] | None:
    """What a signature carries. One that nobody can read is left out, as a thought without a signature is."""
    if not signature:
        return None
    if not signature.startswith(_OURS):
        return {_WIRE: {"signature": signature}}
    try:
        packed: Any = orjson.loads(urlsafe_b64decode(signature[len(_OURS) :]))
    except (binascii.Error, ValueError):
        return None
    return packed if isinstance(packed, dict) else None  # pyright: ignore[reportUnknownVariableType]
