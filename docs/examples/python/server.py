"""An application's backend, in Python 3.9 or later and nothing else.

    GRANTPORT_URL=http://127.0.0.1:3000 GRANTPORT_API_KEY=gp_... PORT=8000 python3 server.py

At Grantport, the application's settings have `http://localhost:8000/` among the return URLs and
`http://localhost:8000` among the allowed origins.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

GRANTPORT_URL = os.environ["GRANTPORT_URL"]
GRANTPORT_API_KEY = os.environ["GRANTPORT_API_KEY"]
PORT = int(os.environ.get("PORT", "8000"))

OUR_URL = f"http://localhost:{PORT}/"
PAGE = Path(__file__).parent.parent / "page"


def user():
    """Whoever is signed in. A real application reads this from its own session, never from the request."""
    return {"id": "user_2291", "name": "Dana Whitfield", "email": "dana@northwind.example"}


def grantport(method, path, body=None):
    """Calls Grantport's API. The key stays here."""
    request = Request(
        f"{GRANTPORT_URL}/api/v1{path}",
        method=method,
        headers={"Authorization": f"Bearer {GRANTPORT_API_KEY}", "Content-Type": "application/json"},
        data=None if body is None else json.dumps(body).encode(),
    )
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def new_link():
    """The link by which this user connects an account."""
    session = grantport("POST", "/connect-sessions", {"end_user": user(), "return_url": OUR_URL})
    return session["url"]


def connections():
    """What this user has connected."""
    found = grantport("GET", f"/connections?end_user={quote(user()['id'])}")
    return [
        {"provider": one["provider"], "account": one["account"]["label"], "status": one["status"]}
        for one in found["data"]
    ]


class Application(BaseHTTPRequestHandler):
    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/":
            page = (PAGE / "index.html").read_text().replace("GRANTPORT_URL", GRANTPORT_URL)
            self.answer(200, "text/html; charset=utf-8", page)
        elif path == "/page.js":
            self.answer(200, "text/javascript; charset=utf-8", (PAGE / "page.js").read_text())
        elif path == "/connect":  # for browsers without JavaScript
            self.answer(303, "text/plain", "", {"Location": new_link()})
        elif path == "/connections":
            self.answer(200, "application/json", json.dumps(connections()))
        else:
            self.answer(404, "text/plain", "")

    def do_POST(self):
        if urlsplit(self.path).path == "/connect":
            self.answer(200, "application/json", json.dumps({"url": new_link()}))
        else:
            self.answer(404, "text/plain", "")

    def answer(self, status, content_type, body, headers=None):
        content = body.encode()
        # the script comes from Grantport, and asks Grantport how it ended
        policy = f"default-src 'self'; script-src 'self' {GRANTPORT_URL}; connect-src 'self' {GRANTPORT_URL}"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", policy)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("localhost", PORT), Application)
    print(f"Listening on {OUR_URL}", flush=True)
    server.serve_forever()
