// Access tokens for your calls to providers: kept as long as Grantport says, and asked for anew when a
// provider refuses one.

import { createHash } from "node:crypto";

/** One for all requests, so that it can keep tokens. */
export class Tokens {
  #kept = new Map();

  constructor(grantport) {
    this.grantport = grantport;
  }

  /** Calls the provider as this user. `send` gets the token, and the connection's metadata such as `instance_url`. */
  async call(provider, endUser, send) {
    const name = JSON.stringify([provider, endUser]);
    const token = this.#fresh(name) ?? (await this.#renew(name, "/tokens", { provider, end_user: endUser }));
    const answer = await send(token.access_token, token.metadata);
    if (answer.status !== 401) return answer;
    // refused before its time: Grantport renews it, once, however many of us say so
    const refused = createHash("sha256").update(token.access_token).digest("hex");
    const path = `/connections/${token.connection_id}/token`;
    const renewed = await this.#renew(name, path, { rejected_token_sha256: refused });
    return send(renewed.access_token, renewed.metadata);
  }

  /** Drops what is kept of a connection: its token was replaced, or it ended. */
  forget(connection) {
    for (const [name, { token }] of this.#kept) if (token.connection_id === connection) this.#kept.delete(name);
  }

  #fresh(name) {
    const kept = this.#kept.get(name);
    return kept && kept.until > Date.now() ? kept.token : undefined;
  }

  async #renew(name, path, wish) {
    const token = await this.grantport.ask("POST", path, wish);
    // `null`: not to be kept at all
    this.#kept.set(name, { token, until: Date.parse(token.cache_until ?? 0) });
    return token;
  }
}
