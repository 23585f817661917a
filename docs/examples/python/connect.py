"""Connecting a user's account. It is completed here, where we know who is signed in: a link that was
sent to somebody else connects nothing.
"""

import base64
import hashlib
import secrets
import uuid
from urllib.parse import quote


class Connecting:
    def __init__(self, grantport, return_url):
        self.grantport = grantport
        self.return_url = return_url
        # A real application keeps the verifier in the session of its user, and so for as long as that lasts.
        self.verifiers = {}

    def begin(self, user):
        """The link by which this user connects an account."""
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
        wanted = {"end_user": user, "return_url": self.return_url, "code_challenge": challenge.decode()}
        # made once for a click and repeated with it: however often it is sent, one session comes of it
        once = {"Idempotency-Key": str(uuid.uuid4())}
        session = self.grantport.ask("POST", "/connect-sessions", wanted, once)
        self.verifiers[session["id"]] = verifier
        return session["url"]

    def complete(self, session, connect_code, user):
        """The browser came back with a code: only now is anything connected, and for whoever is signed in here."""
        proof = {"connect_code": connect_code, "end_user_id": user["id"]}
        if session in self.verifiers:
            proof["code_verifier"] = self.verifiers[session]
        self.grantport.ask("POST", f"/connect-sessions/{quote(session, safe='')}/complete", proof)
        self.verifiers.pop(session, None)
