"""A server that speaks as much of S3's protocol as a store of files needs (PUT, in parts too, GET, Range, HEAD, LIST),
in a thread of its own.

A client that signs with another key than `KEY` is refused, a bucket other than `BUCKET` is missing, as S3 says both. While
`is_down` it hangs up on everybody.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

KEY, SECRET, BUCKET = "AKIA-TEST", "sk-canary-of-the-bucket", "papers"


class S3Server:
    """`with S3Server.running() as s3: s3.url, s3.objects`."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, str]] = []
        """Method, path and Range of each request."""
        self._parts: dict[str, dict[int, bytes]] = {}
        """What came of uploads that are not complete: parts by number, by upload."""
        self.is_down = False
        self.url = ""

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[S3Server]:
        server = cls()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        runner = asyncio.run_coroutine_threadsafe(server._start(), loop).result()
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.is_down:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        bucket, _, key = request.match_info["path"].partition("/")
        self.requests.append((request.method, key, request.headers.get("Range", "")))
        signed = request.headers.get("Authorization", "")
        if not signed.startswith("AWS4-HMAC-SHA256 ") or f"Credential={KEY}/" not in signed or "Signature=" not in signed:
            return _fault(403, "InvalidAccessKeyId")
        if bucket != BUCKET:
            return _fault(404, "NoSuchBucket")
        if not key:
            return self._list(request.query.get("prefix", ""))
        upload = request.query.get("uploadId")
        match request.method:
            case "POST" if upload is None:
                self._parts[upload := f"upload-{len(self._parts)}"] = {}
                return _xml(f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>")
            case "PUT" if upload is not None:
                part = self._parts[upload][int(request.query["partNumber"])] = await _body(request)
                return web.Response(headers={"ETag": _tag(part)})
            case "POST" if upload is not None:
                self.objects[key] = b"".join(part for _, part in sorted(self._parts.pop(upload).items()))
                tag = _tag(self.objects[key])
                return _xml(f"<CompleteMultipartUploadResult><ETag>{tag}</ETag></CompleteMultipartUploadResult>")
            case "PUT":
                self.objects[key] = await _body(request)
                return web.Response(headers={"ETag": _tag(self.objects[key])})
            case "GET" | "HEAD" if key in self.objects:
                return _slice(self.objects[key], request)
            case _:
                return _fault(404, "NoSuchKey")

    def _list(self, prefix: str) -> web.Response:
        found = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(data)}</Size><ETag>{_tag(data)}</ETag></Contents>"
            for key, data in self.objects.items()
            if key.startswith(prefix)
        )
        return _xml(f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{found}</ListBucketResult>")


def _xml(body: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=f'<?xml version="1.0" encoding="UTF-8"?>{body}', content_type="application/xml")


def _tag(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def _fault(status: int, code: str) -> web.Response:
    return _xml(f"<Error><Code>{code}</Code><Message>{code}</Message></Error>", status)


def _slice(data: bytes, request: web.Request) -> web.Response:
    ask = request.http_range
    part = data[ask]
    start = ask.start or 0
    headers = {"ETag": f'"{_tag(data)}"', "Last-Modified": "Sat, 21 Nov 2026 12:00:00 GMT"}
    if "Range" not in request.headers:
        return web.Response(body=part, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{len(data)}"
    return web.Response(status=206, body=part, headers=headers)


async def _body(request: web.Request) -> bytes:
    """The bytes, out of the signed chunks in which clients may send them."""
    data = await request.read()
    if "aws-chunked" not in request.headers.get("Content-Encoding", ""):
        return data
    whole = b""
    while data:
        head, _, data = data.partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        if size == 0:
            break
        whole, data = whole + data[:size], data[size + 2 :]
    return whole
