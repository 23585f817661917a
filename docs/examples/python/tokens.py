"""Access tokens for your calls to providers: kept as long as Grantport says, and asked for anew when a
provider refuses one.
"""

import hashlib
from datetime import datetime, timezone


class Tokens:
    """One for all requests, so that it can keep tokens."""

    def __init__(self, grantport):
        self.grantport = grantport
        self.kept = {}

    def call(self, provider, end_user, send):
        """Calls the provider as this user. `send` gets the token and the connection's metadata, such as
        `instance_url`, and answers with something that has a `status`."""
        name = (provider, end_user)
        token = self._fresh(name)
        if token is None:
            token = self._renew(name, "/tokens", {"provider": provider, "end_user": end_user})
        answer = send(token["access_token"], token["metadata"])
        if answer.status != 401:
            return answer
        # refused before its time: Grantport renews it, once, however many of us say so
        refused = hashlib.sha256(token["access_token"].encode()).hexdigest()
        path = f"/connections/{token['connection_id']}/token"
        token = self._renew(name, path, {"rejected_token_sha256": refused})
        return send(token["access_token"], token["metadata"])

    def forget(self, connection):
        """Drops what is kept of a connection: its token was replaced, or it ended."""
        for name, token in list(self.kept.items()):
            if token["connection_id"] == connection:
                self.kept.pop(name, None)

    def _fresh(self, name):
        token = self.kept.get(name)
        # `null`: not to be kept at all
        if token is None or token["cache_until"] is None:
            return None
        until = datetime.fromisoformat(token["cache_until"].replace("Z", "+00:00"))
        return token if until > datetime.now(timezone.utc) else None

    def _renew(self, name, path, wish):
        token = self.kept[name] = self.grantport.ask("POST", path, wish)
        return token
