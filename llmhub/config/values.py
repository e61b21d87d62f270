"""What a web address and an API key must look like. The words for what is wrong never quote them: both may hold secrets."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def web_address(url: str) -> str:
    """`url` if it is a plain http(s) address, without a slash at the end; else a ValueError that does not quote it."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (raises for a port that is none)
    except ValueError:
        raise ValueError("is no web address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() or not c.isprintable() for c in url):
        raise ValueError("is no web address; it looks like https://host/v1")
    if parts.username or parts.password:
        raise ValueError("holds a user name or password; put the key under `api_key` and other secrets under `headers`")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own: `localhost` or a literal loopback address, however it is written."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def key_fault(key: str) -> str | None:
    """What is wrong with a key, in words that do not show it; None for a usable one."""
    if not key:
        return "is empty"
    if any(c.isspace() for c in key):
        return "has blanks or line breaks inside; was more than the key copied?"
    if not key.isascii() or not key.isprintable():
        return "has characters that no key has (accents, invisible characters, …); was the key copied as it is?"
    if len(key) > 16_384:
        return "is far too long for a key"
    return None
