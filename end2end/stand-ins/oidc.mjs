// A real authorization server, certified for OpenID, as the provider of the definitions in
// `end2end/catalog`: they say `https://oidc.test`, and the origin is overridden with this one's.
// PKCE, one-time codes, rotating refresh tokens whose reuse ends the whole grant, revocation,
// introspection and the `iss` parameter are its own; nothing here plays them.
//
// On its own: node stand-ins/oidc.mjs [port]

import { Provider } from "oidc-provider";
import { answer, listen, readFields, serveUntilStopped } from "./http.mjs";

/** What the definitions and the `iss` parameter say. Issuers are not rewritten. */
export const ISSUER = "https://oidc.test";

/** Life of an access token of the client {@link CLIENTS.shortLived}, in seconds. */
export const SHORT_LIFE_S = 2;

/**
 * The registered clients. The secret of `basic` holds every character that HTTP Basic and forms
 * treat in a way of their own: who does not form-encode it first is refused (RFC 6749, 2.3.1).
 */
export const CLIENTS = {
  /** HTTP Basic, PKCE required. */
  basic: { id: "crm-sync-basic", secret: "s3cret+with/odd=signs%and&more:than_one" },
  /** In the body, without PKCE. */
  post: { id: "crm-sync-post", secret: "another-secret-for-the-body-4Tw5" },
  /** HTTP Basic, PKCE required, access tokens of {@link SHORT_LIFE_S} seconds. */
  shortLived: { id: "crm-sync-short", secret: "a-secret-of-tokens-that-end-soon" },
  /** HTTP Basic, PKCE required; for a provider that is made from what the issuer tells. */
  discovered: { id: "crm-sync-discovered", secret: "a-secret-that-no-catalog-knows-9kQ2" },
};

/** The sign-in pages ask for a font at a public host; nothing here needs the internet. */
const FONT_FROM_ELSEWHERE = /@import url\([^)]*\);/;

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/**
 * @typedef {object} LogEntry one request to an endpoint that backends call, secrets included
 * @property {string} route oidc-provider's name of the endpoint, e.g. `token`
 * @property {Record<string, any>} fields
 * @property {string | undefined} authorization the header, as it came
 * @property {number} status
 * @property {string | undefined} error
 */

/** The artefacts of the server, by model and id, for as long as it runs. */
class Memory {
  /** @param {string} model @param {Map<string, any>} stored */
  constructor(model, stored) {
    this.model = model;
    this.stored = stored;
  }

  /** @param {string} id */
  #key(id) {
    return `${this.model}:${id}`;
  }

  /** @param {string} id @param {any} payload */
  async upsert(id, payload) {
    this.stored.set(this.#key(id), payload);
  }

  /** @param {string} id */
  async find(id) {
    return this.stored.get(this.#key(id));
  }

  /** @param {string} uid */
  async findByUid(uid) {
    return [...this.stored].find(([key, value]) => key.startsWith(`${this.model}:`) && value.uid === uid)?.[1];
  }

  /** @param {string} id */
  async consume(id) {
    this.stored.get(this.#key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  /** @param {string} id */
  async destroy(id) {
    this.stored.delete(this.#key(id));
  }

  /** @param {string} grantId */
  async revokeByGrantId(grantId) {
    for (const [key, value] of this.stored) if (value.grantId === grantId) this.stored.delete(key);
  }
}

/** @param {{ id: string, secret: string }} client @param {"client_secret_basic" | "client_secret_post"} method */
function registration({ id, secret }, method) {
  return {
    client_id: id,
    client_secret: secret,
    client_name: "CRM Sync",
    token_endpoint_auth_method: method,
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    redirect_uris: ["https://crm-sync.example/not-registered-yet"],
  };
}

/** The authorization server and what a test may ask of it. */
export class AuthorizationServer {
  /** @type {Map<string, any>} */
  #stored = new Map();
  /**
   * Requests since the last reset.
   * @type {LogEntry[]}
   */
  log = [];
  /** Every secret that was sent here or issued here, since the start. @type {Set<string>} */
  secrets = new Set(Object.values(CLIENTS).map((client) => client.secret));
  /** Every endpoint answers 503. */
  down = false;
  /** Its pages cut themselves off from whoever opened their window, as Microsoft's do. */
  alone = false;
  /** Set once it listens. */
  origin = "";

  constructor() {
    for (const [client, method] of /** @type {const} */ ([
      [CLIENTS.basic, "client_secret_basic"],
      [CLIENTS.post, "client_secret_post"],
      [CLIENTS.shortLived, "client_secret_basic"],
      [CLIENTS.discovered, "client_secret_basic"],
    ])) {
      this.#stored.set(`Client:${client.id}`, registration(client, method));
    }
    this.provider = this.#makeProvider();
  }

  #makeProvider() {
    const stored = this.#stored;
    const provider = new Provider(ISSUER, {
      adapter: class extends Memory {
        /** @param {string} model */
        constructor(model) {
          super(model, stored);
        }
      },
      cookies: { keys: ["a key of a stand-in"] },
      claims: { openid: ["sub"], email: ["email"], profile: ["name"] },
      scopes: ["openid", "offline_access", "email", "profile"],
      features: {
        devInteractions: { enabled: true },
        introspection: { enabled: true, allowedPolicy: () => true },
        revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
        rpInitiatedLogout: { enabled: false },
      },
      findAccount: (_ctx, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: `${id}@northwind.example`, name: id }),
      }),
      pkce: { required: (_ctx, client) => client.clientId !== CLIENTS.post.id },
      rotateRefreshToken: true,
      ttl: {
        AccessToken: (_ctx, _token, client) =>
          client.clientId === CLIENTS.shortLived.id ? SHORT_LIFE_S : HOUR_S,
        AuthorizationCode: 60,
        Grant: DAY_S,
        IdToken: HOUR_S,
        Interaction: HOUR_S,
        RefreshToken: DAY_S,
        Session: DAY_S,
      },
    });
    provider.proxy = true;
    provider.use(async (ctx, next) => {
      await next();
      if (typeof ctx.body === "string") ctx.body = ctx.body.replace(FONT_FROM_ELSEWHERE, "");
      const route = ctx.oidc?.route;
      if (!["token", "revocation", "userinfo"].includes(route)) return;
      const body = /** @type {Record<string, string> | undefined} */ (ctx.body);
      const fields = { ...ctx.oidc.body };
      this.log.push({
        route,
        fields,
        authorization: ctx.get("authorization") || undefined,
        status: ctx.status,
        error: ctx.status < 400 ? undefined : body?.error,
      });
      const seen = [fields.code, fields.code_verifier, body?.access_token, body?.refresh_token, body?.id_token];
      for (const secret of seen) if (typeof secret === "string") this.secrets.add(secret);
    });
    return provider;
  }

  /**
   * What an admin does with the Redirect URI that Grantport shows.
   * @param {{ id: string }} client
   * @param {string[]} redirectUris
   */
  registerRedirectUris(client, redirectUris) {
    const key = `Client:${client.id}`;
    const known = this.#stored.get(key);
    if (known === undefined) throw new Error(`no client ${client.id}`);
    this.#stored.set(key, { ...known, redirect_uris: redirectUris });
  }

  /** Requests to the token endpoint of one kind. @param {"authorization_code" | "refresh_token"} grantType */
  tokenRequests(grantType) {
    return this.log.filter((entry) => entry.route === "token" && entry.fields.grant_type === grantType);
  }

  /**
   * Asks the introspection endpoint (RFC 7662) whether a token is alive.
   * @param {string} token
   * @returns {Promise<boolean>}
   */
  async isActive(token) {
    const response = await fetch(`${this.origin}/token/introspection`, {
      method: "POST",
      body: new URLSearchParams({ token, client_id: CLIENTS.post.id, client_secret: CLIENTS.post.secret }),
    });
    if (!response.ok) throw new Error(`introspection answered ${response.status}`);
    return (await response.json()).active;
  }

  /**
   * The customer removes the app: every grant and token of an account ends.
   * @param {string} accountId
   */
  endGrants(accountId) {
    for (const [key, value] of this.#stored) {
      if (!key.startsWith("Session:") && value.accountId === accountId) this.#stored.delete(key);
    }
  }

  /** Nothing was asked and nothing is wrong; clients and tokens stay. */
  reset() {
    this.log = [];
    this.down = false;
    this.alone = false;
  }
}

/**
 * Starts an authorization server.
 * @param {number} port 0 takes a free one
 */
export async function startAuthorizationServer(port = 0) {
  const server = new AuthorizationServer();
  const callback = server.provider.callback();
  const { origin, close } = await listen(async (request, response) => {
    if (request.method === "POST" && request.url === "/__control/redirect-uris") {
      const { fields } = await readFields(request);
      server.registerRedirectUris({ id: fields.client_id }, fields.redirect_uris);
      return answer(response, 200, fields);
    }
    if (request.url?.startsWith("/.well-known/")) {
      // what it tells of itself is meant for everyone, so the addresses are those behind the override
      request.headers["x-forwarded-proto"] = "https";
      request.headers["x-forwarded-host"] = new URL(ISSUER).host;
    }
    if (server.alone) response.setHeader("cross-origin-opener-policy", "same-origin");
    if (server.down) return answer(response, 503, { error: "temporarily_unavailable" });
    return callback(request, response);
  }, port);
  return Object.assign(server, { origin, close });
}

if (import.meta.filename === process.argv[1]) {
  serveUntilStopped("The authorization server", await startAuthorizationServer(Number(process.argv[2] ?? 9401)));
}
