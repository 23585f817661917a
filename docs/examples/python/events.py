"""What happens to connections: told by webhooks, and read from the log, which has what no webhook brought."""

from threading import Lock

from grantport import Refused


class Events:
    """`happened` is called with each event, once. `cursor_file` keeps where the log was left."""

    def __init__(self, grantport, cursor_file, happened):
        self.grantport = grantport
        self.cursor_file = cursor_file
        self.happened = happened
        # `webhook-id` and the log's `id` are the same. A real application keeps them in its database, for 30 days.
        self.known = set()
        self.lock = Lock()

    def take(self, event):
        with self.lock:
            if event["id"] in self.known:
                return
            self.happened(event)
            self.known.add(event["id"])

    def read_on(self):
        """Reads what is new in the log."""
        more = True
        while more:
            page = self._page_after(self._cursor())
            for event in page["data"]:
                self.take(event)
            # afterwards, so that what a crash interrupts is read again
            self.cursor_file.write_text(page["next_cursor"])
            more = page["has_more"]

    def _page_after(self, cursor):
        try:
            return self.grantport.ask("GET", "/events" if cursor is None else f"/events?after={cursor}")
        except Refused as refused:
            if refused.problem["code"] != "cursor_expired":
                raise
            # whoever keeps a copy of the connections reads them anew here; our pages ask for them each time
            self.cursor_file.unlink()
            return self._page_after(None)

    def _cursor(self):
        return self.cursor_file.read_text() if self.cursor_file.exists() else None
