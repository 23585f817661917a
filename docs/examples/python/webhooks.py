"""Whether a webhook is Grantport's (Standard Webhooks). Hand over the body as it came, before it is parsed."""

import base64
import hashlib
import hmac
import time

# How old, or how far ahead, a message may be, in seconds: nobody can send it again later.
TOLERANCE_S = 300


def is_genuine(secret, headers, body, now=None):
    """`headers` by their names in small letters, `body` as bytes."""
    message, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs((now or time.time()) - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # two while a secret is rotated
    return any(
        hmac.compare_digest(given.encode(), expected.encode())
        for given in headers.get("webhook-signature", "").split(" ")
    )
