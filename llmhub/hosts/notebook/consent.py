"""Whether code that a model wrote may be run, asked of the person at the keyboard. Where nobody can be asked, the answer is no."""

from __future__ import annotations

from typing import Any


class Consent:
    """For one shell. "always" holds until the kernel ends."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._always = False

    def may_run(self) -> bool | None:
        """None: nobody can be asked."""
        if self._always:
            return True
        try:
            said = input("Run this code? [y]es, [n]o, [a]lways in this kernel: ").strip().lower()
        except KeyboardInterrupt:
            return False
        except (EOFError, NotImplementedError, RuntimeError, OSError):  # a kernel without a person says it in its own ways
            return None
        self._always = said in ("a", "always")
        return self._always or said in ("y", "yes")
