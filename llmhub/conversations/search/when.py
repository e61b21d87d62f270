"""A time as people write it, in English or German: `2026`, `2026-10`, `2026-10-05`, `5.10.2026`, `yesterday`, `freitag`, `7d`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_DAYS: Final = (
    ("monday", "montag"), ("tuesday", "dienstag"), ("wednesday", "mittwoch"), ("thursday", "donnerstag"), ("friday", "freitag"),
    ("saturday", "samstag"), ("sunday", "sonntag"),
)  # fmt: skip
_ISO: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_POINTS: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_AGO: Final = re.compile(r"(\d{1,4})\s*([hdwmy])")
_UNITS: Final = {"h": 1 / 24, "d": 1, "w": 7, "m": 30, "y": 365}
EXAMPLES: Final = ("2026-10-05", "2026-10", "2026", "today", "yesterday", "monday", "7d", "2w", "3m", "1y")
"""Ways to write a time, for who wrote another one."""


def beginning(text: str, now: datetime) -> datetime | None:
    """When that time begins, in UTC; None for what is no time. `now` is aware, in the person's time zone."""
    said = text.strip().casefold()
    try:
        begins = _named(said, now) or _dated(said, now) or _exact(text.strip(), now)
        return None if begins is None else begins.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _named(said: str, now: datetime) -> datetime | None:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match said:
        case "now" | "jetzt":
            return now
        case "today" | "heute":
            return today
        case "yesterday" | "gestern":
            return today - timedelta(days=1)
        case "week" | "woche":
            return today - timedelta(days=today.weekday())
        case "month" | "monat":
            return today.replace(day=1)
        case "year" | "jahr":
            return today.replace(month=1, day=1)
        case _:
            pass
    for weekday, names in enumerate(_DAYS):
        if len(said) >= 3 and any(name.startswith(said) for name in names):
            return today - timedelta(days=(today.weekday() - weekday) % 7 or 7)
    if ago := _AGO.fullmatch(said):
        begins = (now if ago[2] == "h" else today) - timedelta(days=int(ago[1]) * _UNITS[ago[2]])
        return begins
    return None


def _dated(said: str, now: datetime) -> datetime | None:
    if found := _ISO.fullmatch(said):
        return datetime(int(found[1]), int(found[2] or 1), int(found[3] or 1), tzinfo=now.tzinfo)
    if found := _POINTS.fullmatch(said):
        return datetime(int(found[3]), int(found[2]), int(found[1]), tzinfo=now.tzinfo)
    return None


def _exact(text: str, now: datetime) -> datetime | None:
    if len(text) < 12:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=now.tzinfo)
