"""Where a text stands in the messages of one path, letter by letter, as a browser finds it in a page.

Case, accents and the breaking of lines do not count, nor do the marks of emphasis and code that nobody sees in an answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection

from ..trees import NO_LIMIT, PATH, PATH_PARTS, no_message
from ..values import Mention
from . import contents
from .words import fold

_UNSEEN: Final = re.compile(r"\*\*|__|~~|[*`]")
_BLANKS: Final = re.compile(r"\s+")


def within(c: Connection, conversation_id: str, leaf: str, wanted: str) -> list[Mention]:
    """The messages from the root to `leaf` in which `wanted` stands, in the order of the path."""
    where = {"leaf": leaf, "conversation": conversation_id, "limit": NO_LIMIT}
    path = [(row.id, row.role, row.instruction) for row in c.execute(PATH, where)]
    if not path:
        raise no_message(leaf)
    needle = fold(_BLANKS.sub(" ", wanted.strip()))
    if not needle:
        return []
    is_source = _UNSEEN.search(needle) is not None
    bodies: dict[str, list[Any]] = defaultdict(list)
    for id, body in c.execute(PATH_PARTS, where):
        bodies[id].append(body)
    found: list[Mention] = []
    for id, role, instruction in path:
        text = "\n".join(contents.texts_of(bodies[id], {}, instruction))
        seen = text if is_source or role == "user" else _UNSEEN.sub("", text)
        if count := fold(_BLANKS.sub(" ", seen)).count(needle):
            found.append(Mention(message_id=id, count=count))
    return found
