"""What the clouds put round the wires: Bedrock's Converse stream in its binary frames, signatures of AWS, a token of Google's.

Written from the public documentation (Amazon event stream encoding, Signature Version 4, OAuth 2.0 for service accounts), without
the libraries that llmhub's side uses: both can only agree on what is documented.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote
from zlib import crc32

from .dialects import JSON, Ask, Counts

ENTRA_SECRET = "entra~canary.secret"
"""Of an application that may use Azure OpenAI."""
AWS_KEY = {
    "access_key_id": "AKIDEXAMPLE12345",
    "secret_access_key": "wJalrXUtnFEMI-canary-K7MDENG",
    "session_token": "session-canary-1",
}


def aws_frame(payload: JSON, **headers: str) -> bytes:
    """One message of Amazon's event stream encoding."""
    named = {":message-type": "event", ":content-type": "application/json"} | {
        f":{name.replace('_', '-')}": value for name, value in headers.items()
    }
    head = b"".join(
        struct.pack("!B", len(name)) + name.encode() + b"\x07" + struct.pack("!H", len(value)) + value.encode()
        for name, value in named.items()
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", len(head) + len(body) + 16, len(head))
    message = prelude + struct.pack("!I", crc32(prelude)) + head + body
    return message + struct.pack("!I", crc32(message))


def is_signed(method: str, path: str, headers: Mapping[str, str], body: bytes, *, region: str, secret: str) -> bool:
    """Whether a request carries the AWS signature (version 4) that `secret` gives. `headers` have small names."""
    try:
        scheme, _, rest = headers["authorization"].partition(" ")
        said = dict(item.strip().split("=", 1) for item in rest.split(","))
        _, day, where, service, _ = said["Credential"].split("/")
        names = said["SignedHeaders"].split(";")
    except (LookupError, ValueError):
        return False
    if (scheme, where, service) != ("AWS4-HMAC-SHA256", region, "bedrock") or not {"host", "x-amz-date"} <= set(names):
        return False
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
    path, _, query = path.partition("?")
    request = "\n".join([method, quote(path, safe="/~"), query, lines, ";".join(names), hashlib.sha256(body).hexdigest()])
    scope = f"{day}/{region}/bedrock/aws4_request"
    text = "\n".join([scheme, headers["x-amz-date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for step in (day, region, service, "aws4_request"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), said["Signature"])


class Converse:
    """`POST /model/{model}/converse-stream` of Bedrock."""

    name = "bedrock"
    reported: Counts | None = None
    content_type = "application/vnd.amazon.eventstream"
    end_reasons: ClassVar = {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool_calls": "tool_use",
        "content_filter": "guardrail_intervened",
    }

    def __init__(self) -> None:
        self.model = ""
        self.index = -1
        self.open = ""

    def read(self, body: JSON, model: str | None = None) -> Ask:
        self.model = model or ""
        ask = Ask(self.model, "")
        for block in body["messages"][-1]["content"]:
            if "text" in block:
                ask.text += block["text"]
            elif "image" in block:
                data = block["image"]["source"]["bytes"]
                ask.images.append((f"image/{block['image']['format']}", len(data) * 3 // 4 - data.count("=")))
            elif "toolResult" in block:
                ask.tool_result = "".join(part.get("text", "") for part in block["toolResult"]["content"])
        return ask

    def whole(self, body: JSON) -> JSON:
        """The answer of `converse`, which does not stream: what was said, once more."""
        message = {"role": "assistant", "content": [{"text": self.read(body).text}]}
        usage = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
        return {"output": {"message": message}, "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 5}}

    def start(self, counts: Counts) -> bytes:
        return aws_frame({"role": "assistant"}, event_type="messageStart")

    def _close(self) -> bytes:
        if not self.open:
            return b""
        self.open = ""
        return aws_frame({"contentBlockIndex": self.index}, event_type="contentBlockStop")

    def _delta(self, kind: str, delta: JSON) -> bytes:
        head = b""
        if self.open != kind:
            head = self._close()
            self.index, self.open = self.index + 1, kind
        return head + aws_frame({"contentBlockIndex": self.index, "delta": delta}, event_type="contentBlockDelta")

    def text(self, text: str) -> bytes:
        return self._delta("text", {"text": text})

    def reasoning(self, text: str) -> bytes:
        return self._delta("reasoning", {"reasoningContent": {"text": text}})

    def reasoning_end(self) -> bytes:
        return self._delta("reasoning", {"reasoningContent": {"signature": "YmVkcm9jaw=="}}) + self._close()

    def call(self, call_id: str, name: str, fragments: list[str]) -> Iterator[bytes]:
        head = self._close()
        self.index, self.open = self.index + 1, f"call {self.index}"
        start = {"toolUse": {"toolUseId": call_id, "name": name}}
        yield head + aws_frame({"contentBlockIndex": self.index, "start": start}, event_type="contentBlockStart")
        for fragment in fragments:
            yield self._delta(self.open, {"toolUse": {"input": fragment}})

    def end(self, reason: str, counts: Counts) -> bytes:
        self.reported = replace(counts)
        usage = {
            "inputTokens": counts.input - counts.cached,
            "cacheReadInputTokens": counts.cached,
            "cacheWriteInputTokens": 0,
            "outputTokens": counts.output,
            "totalTokens": counts.input + counts.output,
        }
        stop = aws_frame({"stopReason": self.end_reasons[reason]}, event_type="messageStop")
        return self._close() + stop + aws_frame({"usage": usage, "metrics": {"latencyMs": 5}}, event_type="metadata")

    def broken(self) -> bytes:
        return aws_frame({"contentBlockIndex": 0, "delta": {"text": "torn"}}, event_type="contentBlockDelta")[:-9] + b"\0" * 9

    def stream_error(self) -> bytes:
        words = {"message": "Too many requests, please wait before trying again."}
        return aws_frame(words, message_type="exception", exception_type="throttlingException")

    def error(self, status: int, fault: str, message: str) -> JSON:
        return {"message": message}

    def context_words(self) -> tuple[int, str]:
        return 400, "The model returned the following errors: Input is too long for requested model."

    def filter_first(self) -> tuple[int, JSON | bytes]:
        return 200, self.start(Counts()) + self.end("content_filter", Counts())

    def models(self, names: list[str]) -> JSON:
        return {"modelSummaries": [{"modelId": name} for name in names]}


def service_account(token_uri: str) -> dict[str, Any]:
    """The JSON of a service account whose tokens come from `token_uri`, with a private key of its own."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return {
        "type": "service_account",
        "project_id": "proj-of-the-account",
        "private_key_id": "private-key-id-canary",
        "private_key": key.decode(),
        "client_email": "llmhub@proj-of-the-account.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }
