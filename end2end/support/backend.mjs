// The application's backend: it holds an API key and calls `/api/v1`.

/** @typedef {{ status: number, body: any, headers: Headers }} Answer */

/** A backend with its key. */
export class Backend {
  /** @param {string} origin @param {string} key */
  constructor(origin, key) {
    this.origin = origin;
    this.key = key;
  }

  /**
   * @param {string} method
   * @param {string} path below `/api/v1`
   * @param {unknown} [body]
   * @returns {Promise<Answer>}
   */
  async call(method, path, body) {
    const response = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text), headers: response.headers };
  }

  /**
   * Makes a connect session.
   * @param {{ id: string, name?: string, email?: string }} endUser
   * @param {Record<string, unknown>} [more]
   * @returns {Promise<{ id: string, url: string, expires_at: string | number }>}
   */
  async invite(endUser, more = {}) {
    const { status, body } = await this.call("POST", "/connect-sessions", { end_user: endUser, ...more });
    if (status !== 201) throw new Error(`no connect session: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /**
   * What became of a connect session.
   * @param {{ id: string }} session
   * @returns {Promise<{ status: string, connections: any[], error?: any }>}
   */
  async outcome(session) {
    return (await this.call("GET", `/connect-sessions/${session.id}`)).body;
  }

  /**
   * Id of the connection that a session made.
   * @param {{ id: string }} session
   * @returns {Promise<string>}
   */
  async connectionOf(session) {
    const { status, connections } = await this.outcome(session);
    if (status !== "connected") throw new Error(`the session is ${status}`);
    const [first] = connections;
    return typeof first === "string" ? first : first.id;
  }

  /**
   * A fresh access token.
   * @param {string} connection
   * @param {Record<string, unknown>} [wishes]
   */
  token(connection, wishes = {}) {
    return this.call("POST", `/connections/${connection}/token`, wishes);
  }

  /**
   * The redirect URI of a provider, to be registered there.
   * @param {string} slug
   * @returns {Promise<string>}
   */
  async redirectUri(slug) {
    const { body } = await this.call("GET", "/providers");
    const found = (body.data ?? body).find((/** @type {any} */ provider) => provider.slug === slug);
    if (found === undefined) throw new Error(`no provider ${slug}`);
    return found.redirect_uri;
  }
}
