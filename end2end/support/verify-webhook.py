"""Verifies a webhook with the package of PyPI. Standard input: {"secret", "headers", "body"} as JSON."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

arrived = json.load(sys.stdin)
try:
    Webhook(arrived["secret"]).verify(arrived["body"], arrived["headers"])
    print("verified")
except WebhookVerificationError as refusal:
    print(f"refused: {refusal}")
