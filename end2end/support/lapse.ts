// Time passes: what a person would wait a quarter of an hour for. The server's file is changed as an
// operator's tool would change it, beside the running server; its clock stays right.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Grantport } from "./server.mjs";

const SCRIPT = `
import sqlite3, sys
database, session = sys.argv[1:]
with sqlite3.connect(database, timeout=10) as db:
    db.execute("UPDATE connect_sessions SET expires_at = 1 WHERE id = ?", (session,))
    db.execute("UPDATE flows SET expires_at = 1 WHERE connect_session_id = ?", (session,))
`;

/** The link of a session and its attempts have run out. */
export function lapse(server: Grantport, session: { id: string }) {
  execFileSync("python3", ["-c", SCRIPT, join(server.directory, "data/grantport.db"), session.id]);
}
