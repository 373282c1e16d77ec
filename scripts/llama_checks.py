"""Chats through the gateway with a real inference server, and compares what is booked.

    llama_checks.py ADDRESS
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from typing import Any

import openai

ADDRESS = sys.argv[1]
TENANT = "acme"
MESSAGES: Any = [{"role": "user", "content": "the weir and the river"}]
LIMITS = [{"meter": meter, "window": "month", "limit": 10**12}
          for meter in ("api_calls", "ai_tokens", "cost_usd")]


def administer(method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        ADDRESS + path, method=method, data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {os.environ['WEIR_ADMIN_TOKEN']}",
                 "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def used() -> dict[str, int]:
    """What the tenant has used, once nothing is held."""
    for _ in range(3000):
        limits = administer("GET", f"/api/v1/usage?tenant={TENANT}")["limits"]
        if not any(limit["held"] for limit in limits):
            return {limit["meter"]: limit["used"] for limit in limits}
        time.sleep(0.01)
    raise AssertionError(f"units stay held: {limits}")


def booking() -> dict[str, Any]:
    """The note of the last booking."""
    return administer(
        "GET", f"/api/admin/tenants/{TENANT}/events?meter=ai_tokens&limit=1")["items"][0]["metadata"]


def main() -> None:
    administer("POST", "/api/admin/plans", {"id": "test", "limits": LIMITS})
    administer("POST", "/api/admin/tenants", {"id": TENANT, "plan": "test"})
    key = administer("POST", "/api/admin/keys", {"tenant": TENANT, "name": "torture"})["key"]
    weir = openai.OpenAI(base_url=f"{ADDRESS}/v1", api_key=key, max_retries=0, timeout=120)

    calls = 0
    for number in range(20):
        for create in (
                lambda asked: weir.chat.completions.create(
                    model="small", messages=MESSAGES, max_tokens=asked, seed=asked),
                lambda asked: weir.completions.create(
                    model="small", prompt="the river", max_tokens=asked, seed=asked)):
            before, asked = used()["ai_tokens"], 1 + number
            usage = create(asked).usage
            calls += 1
            now, note = used(), booking()
            assert usage and now["api_calls"] == calls, now
            if usage.completion_tokens <= asked:
                assert now["ai_tokens"] - before == usage.total_tokens, (note, usage)
                assert note["estimated"] is False, note
            else:
                # Of a character that is cut in two this server counts a token more than it may.
                assert note["output_tokens"] in range(1, usage.completion_tokens + 1), (note, usage)

    for number in range(20):
        before = used()["ai_tokens"]
        pieces, usage = 0, None
        for chunk in weir.chat.completions.create(
                model="small", messages=MESSAGES, max_tokens=10 + number, seed=number, stream=True,
                stream_options={"include_usage": True}):
            usage = chunk.usage or usage
            pieces += bool(chunk.choices and chunk.choices[0].delta.content)
        booked, note = used()["ai_tokens"] - before, booking()
        if usage:
            assert booked == usage.total_tokens, (booked, usage)
        else:
            # This server may not say what a stream used: each piece was a token, or some bytes
            # of one.
            assert note["estimated"] is True, note
            assert min(1, pieces) <= note["output_tokens"] <= 10 + number, (pieces, note)

    stream = weir.chat.completions.create(
        model="small", messages=MESSAGES, max_tokens=350, seed=1, stream=True)
    pieces = 0
    for chunk in stream:
        pieces += bool(chunk.choices and chunk.choices[0].delta.content)
        if pieces == 5:
            break
    stream.close()
    used()
    note = booking()
    if note["outcome"] == "cancelled":
        assert pieces <= note["output_tokens"] <= 350, note

    before = used()
    for call, kind in (
            (lambda: weir.completions.create(
                model="small", prompt="river " * 2000, max_tokens=5), openai.APIStatusError),
            (lambda: weir.embeddings.create(model="small", input="x"), openai.APIStatusError),
            (lambda: weir.models.retrieve("tiny"), openai.NotFoundError)):
        try:
            call()
        except kind as failure:
            assert failure.status_code >= 400 and failure.message, failure
        else:
            raise AssertionError("no error")
    assert used() == before, (used(), before)
    assert weir.models.list().data[0].id == "small"


if __name__ == "__main__":
    main()
