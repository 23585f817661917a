"""Grantport's API, as a backend calls it: with the key, with patience, and with problems told apart."""

import json
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

# How long a request of our own users may be kept waiting, all in all, in seconds.
PATIENCE_S = 20


class Refused(Exception):
    """Grantport could not do it; `problem` says who can mend it and what to do."""

    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.problem = problem


class ReconnectRequired(Refused):
    """The end user has to approve again: send them to `url`."""

    @property
    def url(self):
        return self.problem.get("reconnect_url")


def refusal_of(answer):
    """What an answer that is no success says."""
    try:
        problem = json.load(answer)
    except ValueError:
        # what stands between us and Grantport answers in words of its own
        problem = {"code": f"http_{answer.status}", "detail": "This is no answer of Grantport."}
    return (ReconnectRequired if problem["code"] == "reconnect_required" else Refused)(problem)


class Grantport:
    def __init__(self, url, api_key):
        self.api = f"{url}/api/v1"
        self.key = api_key

    def ask(self, method, path, body=None, headers=None):
        """Calls the API and answers with what it says."""
        answer = self.send(
            method,
            path,
            {"Content-Type": "application/json", **(headers or {})},
            None if body is None else json.dumps(body).encode(),
            lambda given: given.status in (429, 503),
        )
        with answer:
            if answer.status >= 400:
                raise refusal_of(answer)
            return json.load(answer)

    def send(self, method, path, headers, body, passes):
        """Sends a request, and once more after each `Retry-After` of an answer that `passes` with time."""
        until = time.monotonic() + PATIENCE_S
        while True:
            answer = opened(method, self.api + path, {**headers, "Authorization": f"Bearer {self.key}"}, body)
            wait = answer.headers.get("Retry-After", "")
            if not passes(answer) or not wait.isdigit() or time.monotonic() + int(wait) > until:
                return answer
            answer.close()
            time.sleep(int(wait))


def opened(method, url, headers, body=None):
    """An answer of any status; `urlopen` raises those of 400 and above."""
    try:
        return urlopen(Request(url, method=method, headers=headers, data=body), timeout=30)
    except HTTPError as answer:
        return answer
