"""What of a model's answer belongs where the cursor stands: no fence, nothing that is there already, no more than is needed."""

from __future__ import annotations

from typing import Final

_FENCE: Final = "```"
_THOUGHT: Final = ("<think>", "</think>")
_MOST_LINES: Final = 16
_SURE: Final = 4
"""Characters of a line that stand twice by chance no more."""


def trim(said: str, before: str, after: str, *, is_whole: bool = False) -> tuple[str, bool]:
    """What of `said` can be inserted between `before` and `after`, and whether that is all, whatever follows.

    While an answer comes, what may still turn out not to belong to it is held back; `is_whole`: nothing more comes.
    """
    text, is_done = _bare(said, is_whole)
    if text is None:
        return "", is_done
    text = _without_echo(text, before, is_whole=is_whole)
    if text is None:
        return "", is_done
    rest, _, below = after.partition("\n")
    if rest.strip():
        line, newline, _ = text.partition("\n")
        is_done = is_done or bool(newline)
        return _without_rest(line, rest.strip(), is_whole=is_whole or is_done), is_done
    lines, was_cut = _until_known(text.split("\n"), below, is_whole=is_whole or is_done)
    text = "\n".join(lines)
    return text.rstrip() if is_whole or is_done or was_cut else text.rstrip("\n"), is_done or was_cut


def _bare(said: str, is_whole: bool) -> tuple[str | None, bool]:
    """The text without thoughts and fences, None as long as it is unclear what it begins with; and whether its fence is closed."""
    begin, end = _THOUGHT
    lead = said.lstrip()
    if lead.startswith(begin):
        _, ended, said = lead.partition(end)
        if not ended:
            return None, False
        said = said.lstrip("\n")
        lead = said.lstrip()
    if lead.startswith(_FENCE):
        _, newline, inner = lead.partition("\n")
        if not newline:
            return None, False
        code, fence, _ = f"\n{inner}".partition(f"\n{_FENCE}")
        if not fence and not is_whole:  # its end may be coming
            code = code.rstrip("`")
        return code[1:], bool(fence)
    if lead and not is_whole and (begin.startswith(lead) or _FENCE.startswith(lead)):
        return None, False
    return said, False


def _without_echo(text: str, before: str, *, is_whole: bool) -> str | None:
    """Without the begun line, which some models say once more; None as long as it may be that."""
    line = before.rpartition("\n")[2]
    if line and not line.strip():  # an indentation, which they like to repeat
        return text.removeprefix(line) if text.startswith(line) or is_whole or not line.startswith(text) else None
    if len(line.strip()) >= _SURE:
        for begun in (line, line.lstrip()):
            if text.startswith(begun):
                return text[len(begun) :]
        if not is_whole and text and (line.startswith(text) or line.lstrip().startswith(text)):
            return None
    return text.lstrip(" ") if line.endswith(" ") else text


def _without_rest(line: str, rest: str, *, is_whole: bool) -> str:
    """A line without what stands behind the cursor already, if it ends with that."""
    if is_whole:
        line = line.rstrip()
        is_twice = line.endswith(rest) and (rest.strip(")]}:,;") != "" or _closes_too_much(line))
        return line[: -len(rest)] if is_twice else line
    return next((line[:-size] for size in range(min(len(rest), len(line)), 0, -1) if rest.startswith(line[-size:])), line)


def _closes_too_much(line: str) -> bool:
    return any(line.count(close) > line.count(begin) for begin, close in ("()", "[]", "{}"))


def _until_known(lines: list[str], below: str, *, is_whole: bool) -> tuple[list[str], bool]:
    """Lines up to what stands below the cursor already, to a gap of two, or to the most; and whether something was cut."""
    known = next((line.strip() for line in below.split("\n") if line.strip()), "")
    complete = len(lines) if is_whole else len(lines) - 1
    for at in range(1, complete):
        is_known = len(known) >= _SURE and lines[at].strip() == known
        is_gap = at > 1 and not lines[at].strip() and not lines[at - 1].strip()
        if is_known or is_gap or at == _MOST_LINES:
            return lines[:at], True
    if not is_whole and len(lines) > 1 and len(known) >= _SURE and known.startswith(lines[-1].strip()):
        return lines[:-1], False
    return lines, False
