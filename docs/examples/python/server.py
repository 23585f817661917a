"""An application's backend, in Python 3.9 or later and nothing else. Each part has a file of its own.

    GRANTPORT_URL=http://127.0.0.1:3000 GRANTPORT_API_KEY=gp_... PORT=8000 python3 server.py

At Grantport, the application's settings have `http://localhost:8000/` among the return URLs and
`http://localhost:8000` among the allowed origins. With GRANTPORT_WEBHOOK_SECRET=whsec_... it takes
webhooks at `/hooks`.
"""

import json
import os
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from connect import Connecting
from events import Events
from grantport import Grantport, ReconnectRequired, Refused, opened
from proxy import through_proxy
from tokens import Tokens
from webhooks import is_genuine

GRANTPORT_URL = os.environ["GRANTPORT_URL"]
WEBHOOK_SECRET = os.environ.get("GRANTPORT_WEBHOOK_SECRET")
PORT = int(os.environ.get("PORT", "8000"))
EVENTS_CURSOR = Path(os.environ.get("EVENTS_CURSOR", "events.cursor"))
EVENTS_EVERY_S = float(os.environ.get("EVENTS_EVERY_S", "60"))
APOLLO_API = os.environ.get("APOLLO_API", "https://api.apollo.io")

OUR_URL = f"http://localhost:{PORT}/"
PAGE = Path(__file__).parent.parent / "page"
# The call that we make for our user: who they are at Apollo.
PROFILE = "/api/v1/users/api_profile"
# No event is nearly as long.
LONGEST_BODY = 64 * 1024

history = []


def happened(event):
    history.append({"id": event["id"], "type": event["type"]})
    tokens.forget(event["data"].get("connection_id"))


grantport = Grantport(GRANTPORT_URL, os.environ["GRANTPORT_API_KEY"])
connecting = Connecting(grantport, OUR_URL)
tokens = Tokens(grantport)
events = Events(grantport, EVENTS_CURSOR, happened)


def user():
    """Whoever is signed in. A real application reads this from its own session, never from the request."""
    return {"id": "user_2291", "name": "Dana Whitfield", "email": "dana@northwind.example"}


def connections():
    """What this user has connected."""
    found = grantport.ask("GET", f"/connections?end_user={quote(user()['id'])}")
    return [
        {"provider": one["provider"], "account": one["account"]["label"], "status": one["status"]}
        for one in found["data"]
    ]


def complete(session, connect_code):
    """Where the browser goes on that came back with a code."""
    try:
        connecting.complete(session, connect_code, user())
        return "/?" + urlencode({"session": session, "status": "connected"})
    except Refused as refused:
        # they approved another account than the one that was to be renewed, and choose at Grantport
        choice = refused.problem.get("choice_url")
        return choice or "/?" + urlencode({"session": session, "status": "failed", "error": refused.problem["code"]})


def profile_with_token():
    def send(token, _metadata):
        return opened("GET", APOLLO_API + PROFILE, {"Authorization": f"Bearer {token}"})

    return tokens.call("apollo", user()["id"], send)


def follow_events():
    while True:
        try:
            events.read_on()
        except (Refused, OSError, ValueError):
            traceback.print_exc()
        time.sleep(EVENTS_EVERY_S)


class Application(BaseHTTPRequestHandler):
    def do_GET(self):
        self.respond(self.get)

    def do_POST(self):
        self.respond(self.post)

    def respond(self, route):
        """What our own page is told, also when it did not work."""
        try:
            route(urlsplit(self.path).path)
        except ReconnectRequired as refused:
            self.answer_json({"reconnect_url": refused.url}, 409)
        except (Refused, OSError, ValueError):
            traceback.print_exc()
            self.answer(502)

    def get(self, path):
        if path == "/":
            self.front_page()
        elif path == "/page.js":
            self.answer(200, "text/javascript; charset=utf-8", (PAGE / "page.js").read_text())
        elif path == "/connect":  # for browsers without JavaScript
            self.see_other(connecting.begin(user()))
        elif path == "/connections":
            self.answer_json(connections())
        elif path == "/through-proxy":
            self.pass_on(through_proxy(grantport, "apollo", user()["id"], "GET", PROFILE))
        elif path == "/with-token":
            self.pass_on(profile_with_token())
        elif path == "/happened":
            self.answer_json(history)
        else:
            self.answer(404)

    def post(self, path):
        length = int(self.headers.get("Content-Length", "0"))
        if length > LONGEST_BODY:
            self.answer(413)
            return
        body = self.rfile.read(length)
        if path == "/connect":
            self.answer_json({"url": connecting.begin(user())})
        elif path == "/hooks":
            self.take_webhook({name.lower(): value for name, value in self.headers.items()}, body)
        else:
            self.answer(404)

    def front_page(self):
        query = parse_qs(urlsplit(self.path).query)
        if "connect_code" in query:
            self.see_other(complete(query.get("session", [""])[0], query["connect_code"][0]))
        else:
            page = (PAGE / "index.html").read_text().replace("GRANTPORT_URL", GRANTPORT_URL)
            self.answer(200, "text/html; charset=utf-8", page)

    def take_webhook(self, headers, body):
        if not WEBHOOK_SECRET or not is_genuine(WEBHOOK_SECRET, headers, body):
            self.answer(400)
            return
        events.take({"id": headers["webhook-id"], **json.loads(body)})
        self.answer(204)

    def pass_on(self, answer):
        with answer:
            self.answer_json(json.load(answer), answer.status)

    def answer_json(self, value, status=200):
        self.answer(status, "application/json", json.dumps(value))

    def see_other(self, location):
        self.answer(303, headers={"Location": location})

    def answer(self, status, content_type="text/plain", body="", headers=None):
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
    Thread(target=follow_events, daemon=True).start()
    print(f"Listening on {OUR_URL}", flush=True)
    server.serve_forever()
