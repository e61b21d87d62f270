"""All of them, or those that are named."""

from __future__ import annotations

import asyncio
import sys

from ..figures import show
from .all import measure

if __name__ == "__main__":
    asyncio.run(measure(*sys.argv[1:], known=show))
