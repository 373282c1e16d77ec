"""Verifies webhooks with the official `standardwebhooks` library, for the tests.

    verify_webhooks.py FILE

FILE is a JSON array of messages, each with `secret`, `headers` and `body`. Prints a JSON array with
`verified` or the library's error for each of them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


def verify(message: dict[str, Any]) -> str:
    try:
        Webhook(message["secret"]).verify(message["body"], message["headers"])
    except WebhookVerificationError as failure:
        return f"{type(failure).__name__}: {failure}"
    return "verified"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps([verify(message) for message in json.load(file)]))
