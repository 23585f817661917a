// Grantport's API, as a backend calls it: with the key, with patience, and with problems told apart.

import { setTimeout as sleep } from "node:timers/promises";

/** How long a request of our own users may be kept waiting, all in all. */
const PATIENCE_MS = 20_000;

/** Grantport could not do it; `problem` says who can mend it and what to do. */
export class Refused extends Error {
  constructor(problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

/** The end user has to approve again: send them to `url`. */
export class ReconnectRequired extends Refused {
  get connection() {
    return this.problem.connection_id;
  }

  get url() {
    return this.problem.reconnect_url;
  }
}

/** What an answer that is no success says. */
export async function refusalOf(answer) {
  // what stands between us and Grantport answers in words of its own
  const problem = await answer.json().catch(() => ({ code: `http_${answer.status}`, detail: "This is no answer of Grantport." }));
  return problem.code === "reconnect_required" ? new ReconnectRequired(problem) : new Refused(problem);
}

export class Grantport {
  constructor(url, apiKey) {
    this.api = `${url}/api/v1`;
    this.key = apiKey;
  }

  /** Calls the API and answers with what it says. */
  async ask(method, path, body, headers = {}) {
    const answer = await this.send(
      method,
      path,
      { headers: { "content-type": "application/json", ...headers }, body: body && JSON.stringify(body) },
      ({ status }) => status === 429 || status === 503,
    );
    if (!answer.ok) throw await refusalOf(answer);
    return answer.json();
  }

  /** Sends a request, and once more after each `Retry-After` of an answer that `passes` with time. */
  async send(method, path, { headers, body }, passes) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await fetch(this.api + path, {
        method,
        headers: { ...headers, authorization: `Bearer ${this.key}` },
        body,
      });
      const wait = 1000 * Number(answer.headers.get("retry-after"));
      if (!passes(answer) || !(wait > 0) || Date.now() + wait > until) return answer;
      await answer.body?.cancel();
      await sleep(wait);
    }
  }
}
