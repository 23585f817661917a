// Connecting a user's account. It is completed here, where we know who is signed in: a link that was
// sent to somebody else connects nothing.

import { createHash, randomBytes, randomUUID } from "node:crypto";

export class Connecting {
  // A real application keeps the verifier in the session of its user, and so for as long as that lasts.
  #verifiers = new Map();

  constructor(grantport, returnUrl) {
    this.grantport = grantport;
    this.returnUrl = returnUrl;
  }

  /** The link by which this user connects an account. */
  async begin(user) {
    const verifier = randomBytes(32).toString("base64url");
    const wanted = {
      end_user: user,
      return_url: this.returnUrl,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    };
    // made once for a click and repeated with it: however often it is sent, one session comes of it
    const once = { "idempotency-key": randomUUID() };
    const session = await this.grantport.ask("POST", "/connect-sessions", wanted, once);
    this.#verifiers.set(session.id, verifier);
    return session.url;
  }

  /** The browser came back with a code: only now is anything connected, and for whoever is signed in here. */
  async complete(session, connectCode, user) {
    await this.grantport.ask("POST", `/connect-sessions/${encodeURIComponent(session)}/complete`, {
      connect_code: connectCode,
      end_user_id: user.id,
      code_verifier: this.#verifiers.get(session),
    });
    this.#verifiers.delete(session);
  }
}
