"""What an application does with the official `openai` client, for the tests of the gateway.

    openai_client.py SCENARIO [ARGUMENT]

The address is in OPENAI_BASE_URL and the key in OPENAI_API_KEY, where the client itself looks for
them. Prints one JSON object: what the application saw. Whether that is right, and what was billed
for it, is for the test to say.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import openai

MESSAGES: Any = [{"role": "user", "content": "Say something about weirs and their keepers."}]


class Sent:
    """Counts the requests that the client really sends, and keeps what it says of retries."""

    def __init__(self) -> None:
        self.retry_counts: list[str | None] = []

    def note(self, request: Any) -> None:
        self.retry_counts.append(request.headers.get("x-stainless-retry-count"))


def client(retries: int = 0, sent: Sent | None = None) -> openai.OpenAI:
    hooks = {"request": [sent.note]} if sent else {}
    return openai.OpenAI(max_retries=retries, timeout=60,
                         http_client=openai.DefaultHttpxClient(event_hooks=hooks))


def error(failure: openai.APIError, sent: Sent | None = None) -> dict[str, Any]:
    """What an application learns from an exception of the client."""
    response = getattr(failure, "response", None)
    return {
        "class": type(failure).__name__,
        "classes": [base.__name__ for base in type(failure).__mro__],
        "status": getattr(failure, "status_code", None),
        "code": failure.code,
        "type": failure.type,
        "param": failure.param,
        "message": failure.message,
        "body": failure.body,
        "should_retry": response.headers.get("x-should-retry") if response else None,
        "retry_after": response.headers.get("retry-after") if response else None,
        "retry_counts": sent.retry_counts if sent else None,
    }


def whole(_: str) -> dict[str, Any]:
    answer = client().chat.completions.create(model="small", messages=MESSAGES, max_tokens=12)
    assert answer.usage
    return {"text": answer.choices[0].message.content,
            "finish_reason": answer.choices[0].finish_reason,
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens}


def stream(kind: str) -> dict[str, Any]:
    """`kind` is `usage`, to ask for it, or `plain`."""
    options: Any = {"stream_options": {"include_usage": True}} if kind == "usage" else {}
    texts: list[str] = []
    reasons: list[str | None] = []
    usages: list[int] = []
    empty = 0
    for chunk in client().chat.completions.create(
            model="small", messages=MESSAGES, max_tokens=12, stream=True, **options):
        if chunk.usage:
            usages.append(chunk.usage.total_tokens)
        if not chunk.choices:
            empty += 1
            continue
        if chunk.choices[0].delta.content:
            texts.append(chunk.choices[0].delta.content)
        if chunk.choices[0].finish_reason:
            reasons.append(chunk.choices[0].finish_reason)
    return {"text": "".join(texts), "pieces": len(texts), "finish_reasons": reasons,
            "usages": usages, "without_choices": empty}


def others(_: str) -> dict[str, Any]:
    """The other endpoints, one call each."""
    weir = client()
    completion = weir.completions.create(model="small", prompt="A weir is", max_tokens=7)
    pieces = [chunk.choices[0].text for chunk in weir.completions.create(
        model="small", prompt="A weir is", max_tokens=7, stream=True) if chunk.choices]
    embedding = weir.embeddings.create(model="small", input=["one", "two"], dimensions=8)
    response = weir.responses.create(model="small", input="A weir is", max_output_tokens=7)
    events = list(weir.responses.create(
        model="small", input="A weir is", max_output_tokens=7, stream=True))
    last = events[-1]
    assert last.type in ("response.completed", "response.incomplete"), last.type
    assert completion.usage and response.usage and last.response.usage
    return {
        "models": [model.id for model in weir.models.list()],
        "model": weir.models.retrieve("small").id,
        "completion": completion.choices[0].text,
        "completion_stream": "".join(pieces),
        "embeddings": [len(item.embedding) for item in embedding.data],
        "response": response.output_text,
        "response_stream": "".join(
            event.delta for event in events if event.type == "response.output_text.delta"),
        "tokens": [completion.usage.total_tokens, embedding.usage.total_tokens,
                   response.usage.total_tokens, last.response.usage.total_tokens],
    }


def burst(retries: str) -> dict[str, Any]:
    """More chats in a row than the rate allows, by a client that may try again so often."""
    sent = Sent()
    weir = client(int(retries), sent)
    answered = 0
    try:
        for _ in range(9):
            weir.chat.completions.create(model="small", messages=MESSAGES, max_tokens=2)
            answered += 1
    except openai.RateLimitError as failure:
        return {"answered": answered, "error": error(failure, sent)}
    return {"answered": answered, "retry_counts": sent.retry_counts}


def failing(model: str) -> dict[str, Any]:
    """One chat with a model, by a client that may try again; how it fails."""
    sent = Sent()
    try:
        client(2, sent).chat.completions.create(model=model, messages=MESSAGES, max_tokens=4)
    except openai.APIError as failure:
        return {"error": error(failure, sent)}
    return {"error": None}


def budget(_: str) -> dict[str, Any]:
    """Chats until the budget is spent, by a client that would try again five times."""
    sent = Sent()
    weir = client(5, sent)
    answered = 0
    while answered < 20:
        try:
            weir.chat.completions.create(model="small", messages=MESSAGES, max_tokens=2)
        except openai.RateLimitError as failure:
            return {"answered": answered, "error": error(failure, sent)}
        answered += 1
    return {"answered": answered, "error": None}


def cut(fault: str) -> dict[str, Any]:
    """A stream in which the backend fails."""
    pieces = 0
    try:
        for chunk in client().chat.completions.create(
                model="small", messages=MESSAGES, max_tokens=40, stream=True,
                extra_body={"mock": {"fail": fault}}):
            if chunk.choices and chunk.choices[0].delta.content:
                pieces += 1
    except openai.APIError as failure:
        return {"pieces": pieces, "error": error(failure)}
    return {"pieces": pieces, "error": None}


SCENARIOS: dict[str, Callable[[str], dict[str, Any]]] = {
    function.__name__: function
    for function in (whole, stream, others, burst, failing, budget, cut)
}

if __name__ == "__main__":
    print(json.dumps(SCENARIOS[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else "")))
