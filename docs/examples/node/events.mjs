// What happens to connections: told by webhooks, and read from the log, which has what no webhook brought.

import { readFile, rm, writeFile } from "node:fs/promises";
import { Refused } from "./grantport.mjs";

export class Events {
  // `webhook-id` and the log's `id` are the same. A real application keeps them in its database, for 30 days.
  #known = new Set();

  /** `happened` is called with each event, once. `cursorFile` keeps where the log was left. */
  constructor(grantport, cursorFile, happened) {
    this.grantport = grantport;
    this.cursorFile = cursorFile;
    this.happened = happened;
  }

  take(event) {
    if (this.#known.has(event.id)) return;
    this.happened(event);
    this.#known.add(event.id);
  }

  /** Reads what is new in the log. */
  async readOn() {
    for (let more = true; more; ) {
      const page = await this.#pageAfter(await this.#cursor());
      for (const event of page.data) this.take(event);
      // afterwards, so that what a crash interrupts is read again
      await writeFile(this.cursorFile, page.next_cursor);
      more = page.has_more;
    }
  }

  async #pageAfter(cursor) {
    try {
      return await this.grantport.ask("GET", cursor === undefined ? "/events" : `/events?after=${cursor}`);
    } catch (error) {
      if (!(error instanceof Refused && error.problem.code === "cursor_expired")) throw error;
      // whoever keeps a copy of the connections reads them anew here; our pages ask for them each time
      await rm(this.cursorFile);
      return this.#pageAfter(undefined);
    }
  }

  async #cursor() {
    try {
      return await readFile(this.cursorFile, "utf8");
    } catch (error) {
      if (error.code === "ENOENT") return undefined;
      throw error;
    }
  }
}
