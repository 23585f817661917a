// Providers that do one thing in a way of their own, each in front of the real authorization server of
// `oidc.mjs`: codes, tokens, rotation, revocation and who may do what are the real server's, and a
// quirk rewrites what passes. A quirk is a path, `/q/<quirk>/authorize|token|me|revoke|introspect`, and
// an entry of {@link QUIRKS}. The definitions are those of `support/quirks.ts`.
//
// The real server is served here too, at the same origin, as one vendor's pages are: browsers apply the
// connect page's policy to every redirect that follows its form.

import { createHmac } from "node:crypto";
import { answer, listen, readFields } from "./http.mjs";
import { CLIENTS, startAuthorizationServer } from "./oidc.mjs";

/** Where the real server sends browsers back to: here, where a quirk can change what they bring. */
const BACK = "/q/back";

/**
 * @typedef {Record<string, string>} Fields
 * @typedef {Record<string, any>} Tokens an answer of the real server's token endpoint
 *
 * @typedef {object} Seen one request of a backend's, as it came
 * @property {string} quirk
 * @property {string} route
 * @property {string | undefined} method
 * @property {string | undefined} host
 * @property {"form" | "json" | "none"} format
 * @property {Record<string, any>} fields of the body
 * @property {Fields} query
 * @property {string | undefined} authorization
 *
 * @typedef {object} Quirk what is not here is as the standards say
 * @property {(query: URLSearchParams) => void} [asks] from what a browser brings to what the real server reads
 * @property {(back: URLSearchParams, shim: Quirks) => void} [returns] changes what a browser takes back
 * @property {(fields: Fields, seen: Seen, shim: Quirks) => void} [takes] the same for the token endpoint; throws a {@link Refused}
 * @property {(tokens: Tokens, fields: Fields, shim: Quirks) => unknown} [gives] the answer of the token endpoint; text is sent as it is
 * @property {(error: string, shim: Quirks) => unknown} [refuses] the body of its refusal, which then comes with status 200
 * @property {(claims: Fields, seen: Seen) => unknown} [tells] the answer of the profile
 * @property {string} [revokes] the method of revocations, if it is not POST
 * @property {(authorization: string) => string[]} [credentials] reads the client's ID and secret from that header, if it is not form-encoded Basic
 */

/** A request that the quirk's vendor would not take. */
class Refused extends Error {}

/** @param {boolean} right @param {string} [error] */
function demand(right, error = "invalid_request") {
  if (!right) throw new Refused(error);
}

/** @param {URLSearchParams | Fields} from @param {string} name @param {string} standard */
function rename(from, name, standard) {
  const into = from instanceof URLSearchParams ? from : undefined;
  const fields = /** @type {Fields} */ (from);
  const value = into ? into.get(name) : fields[name];
  demand(value !== undefined && value !== null);
  if (into) {
    into.delete(name);
    into.set(standard, String(value));
  } else {
    delete fields[name];
    fields[standard] = String(value);
  }
}

/** @param {unknown} value */
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A JWT around a token of the real server. @param {string} token @param {number} lifeS */
const wrapped = (token, lifeS) =>
  `${encoded({ alg: "none" })}.${encoded({ exp: Math.floor(Date.now() / 1000) + lifeS, token })}.unsigned`;

/** The real server's token in what was given out. @param {string} token */
export function plain(token) {
  const payload = token.split(".")[1];
  return payload === undefined ? token : JSON.parse(Buffer.from(payload, "base64url").toString()).token;
}

/** As Shopify signs. @param {URLSearchParams} back @param {string} secret */
function sign(back, secret) {
  const signed = [...back].sort(([one], [other]) => (one < other ? -1 : 1)).map((pair) => pair.join("="));
  back.set("hmac", createHmac("sha256", secret).update(signed.join("&")).digest("hex"));
}

/** Client ID and secret from a Basic header; the secret may hold colons. @param {string} authorization */
function basic(authorization) {
  const [id, ...secret] = atob(authorization.replace("Basic ", "")).split(":");
  return [id, secret.join(":")];
}

/** @type {(name: string) => (request: URLSearchParams) => void} */
const scopesIn = (name) => (query) => {
  rename(query, name, "scope");
  query.set("scope", (query.get("scope") ?? "").replaceAll(",", " "));
};

/** @type {Record<string, Quirk>} */
export const QUIRKS = {
  plain: {},
  "ok-false": {
    gives: (tokens) => ({ ok: true, ...tokens }),
    refuses: (error, { vendorCode }) => ({ ok: false, error: error === "invalid_grant" ? vendorCode : error }),
  },
  "basic-raw": { credentials: basic },
  "secret-as-bearer": { credentials: (authorization) => [CLIENTS.basic.id, authorization.replace("Bearer ", "")] },
  "form-as-json": { gives: (tokens) => new URLSearchParams(tokens).toString() },
  nested: {
    gives: ({ access_token, refresh_token, expires_in, scope }) => ({
      user: "U1",
      authed_user: { access_token, refresh_token, expires_in, scope },
    }),
  },
  "two-tokens": {
    asks: (query) => query.delete("user_scope"),
    gives: async (tokens, { grant_type }, shim) => {
      if (grant_type !== "authorization_code") return tokens;
      const authed_user = await shim.grantAgain(tokens.access_token, "openid offline_access profile");
      return { ...tokens, authed_user };
    },
  },
  "no-token-type": { gives: ({ token_type: _, ...tokens }) => tokens },
  "scope-list": { gives: (tokens) => ({ ...tokens, scope: tokens.scope.split(" ") }) },
  "comma-scopes": {
    asks: scopesIn("scopes"),
    gives: ({ scope, ...tokens }) => ({ ...tokens, scopes: scope.replaceAll(" ", ",") }),
  },
  "jwt-exp": {
    gives: ({ expires_in, access_token, ...tokens }) => ({ ...tokens, access_token: wrapped(access_token, expires_in) }),
  },
  "expires-at": {
    // a date with the code, Unix seconds with a refresh
    gives: ({ expires_in, ...tokens }, { grant_type }) => {
      const at = Date.now() + expires_in * 1000;
      return { ...tokens, expires_at: grant_type === "refresh_token" ? Math.floor(at / 1000) : new Date(at).toISOString() };
    },
  },
  introspection: { gives: ({ expires_in: _, ...tokens }) => tokens },
  "callback-extras": { returns: (back) => back.set("realmId", "9130357") },
  "accounts-server": { returns: (back) => back.set("accounts-server", "https://accounts.eu.quirks.test") },
  echo: {
    returns: (back) => {
      back.set("context", "stores/q1w2e3");
      back.set("account_uuid", "5b1a");
    },
    takes: (fields) => demand(fields.grant_type === "refresh_token" || fields.context === "stores/q1w2e3"),
  },
  signed: {
    returns: (back) => {
      back.set("shop", "northwind.example");
      sign(back, CLIENTS.basic.secret);
    },
  },
  "other-code": {
    returns: (back) => {
      if (back.has("code")) rename(back, "code", "auth_code");
    },
  },
  "client-key": {
    asks: (query) => rename(query, "client_key", "client_id"),
    takes: (fields) => rename(fields, "client_key", "client_id"),
  },
  "json-body": { takes: (_, { format }) => demand(format === "json") },
  "query-params": { takes: (_, { format }) => demand(format === "none") },
  "refresh-elsewhere": {
    takes: ({ grant_type }, { route }) => demand((route === "refresh") === (grant_type === "refresh_token")),
  },
  "refresh-redirect-uri": {
    takes: ({ redirect_uri }, _, shim) => demand(redirect_uri === shim.redirectUri),
  },
  "refresh-scopes": {
    takes: ({ grant_type, scope }) => demand(grant_type !== "refresh_token" || scope !== undefined),
  },
  "static-refresh": {
    takes: (fields, _, { given }) => {
      if (fields.grant_type !== "refresh_token") return;
      demand(fields.refresh_token === given[0].refresh_token, "invalid_grant");
      fields.refresh_token = given[given.length - 1].refresh_token;
    },
    gives: ({ refresh_token, ...tokens }, { grant_type }) =>
      grant_type === "refresh_token" ? tokens : { ...tokens, refresh_token },
  },
  "exchange-access-token": {
    takes: (fields, _, shim) => {
      if (fields.grant_type !== "fb_exchange_token") return;
      const kept = shim.refreshTokenOf(fields.fb_exchange_token);
      demand(kept !== undefined, "invalid_grant");
      Object.assign(fields, { grant_type: "refresh_token", refresh_token: kept });
    },
    gives: ({ refresh_token: _, ...tokens }) => tokens,
  },
  "delete-bearer": { revokes: "DELETE" },
  "status-code": {
    returns: (back) => {
      if (back.get("error") === null) return;
      for (const name of ["error", "error_description"]) back.delete(name);
      back.set("status_code", "403");
      back.set("error_message", "Only an admin can <b>authorize</b> this.");
    },
  },
  graphql: {
    tells: (claims, { method, format, fields }) =>
      method === "POST" && format === "json" && fields.query === "{ viewer { sub email } }"
        ? { data: { viewer: claims } }
        : { errors: [{ message: "no such query" }] },
  },
  "default-of-list": {
    tells: ({ sub, email }) => ({
      accounts: [
        { account_id: "other", name: "Other", is_default: false },
        { account_id: sub, name: email, is_default: true, base_uri: "https://eu.quirks.test" },
      ],
    }),
  },
  "other-scheme": {
    tells: (claims, { authorization }) => (authorization?.startsWith("Zoho-oauthtoken ") ? claims : { error: "scheme" }),
  },
};

/** The quirks and what a test may ask of them. */
export class Quirks {
  /** Requests of backends since the last reset. @type {Seen[]} */
  log = [];
  /** What browsers brought to authorize since the last reset. @type {Fields[]} */
  asked = [];
  /** Token sets of the real server since the last reset, as it gave them. @type {Tokens[]} */
  given = [];
  /** What a vendor calls `invalid_grant`. */
  vendorCode = "";
  /** The last change to what a browser takes back: an attack, or a fault. @type {(back: URLSearchParams) => void} */
  tamper = () => {};
  /** The profile answers 503. */
  profileDown = false;
  /** Of the flow that was begun last. */
  redirectUri = "";
  /** Set once it listens. */
  origin = "";
  /** Quirks by the state of a flow under way. @type {Map<string, string>} */
  #flows = new Map();

  /** @param {Awaited<ReturnType<typeof startAuthorizationServer>>} real */
  constructor(real) {
    this.real = real;
    this.callback = real.provider.callback();
  }

  /** Nothing was asked and nothing is wrong; clients and tokens stay. */
  reset() {
    this.real.reset();
    Object.assign(this, { log: [], asked: [], given: [], vendorCode: "", tamper: () => {}, profileDown: false });
  }

  /** Requests to one route. @param {string} route */
  sent(route) {
    return this.log.filter((seen) => seen.route === route);
  }

  /** The refresh token that came with an access token. @param {string} accessToken */
  refreshTokenOf(accessToken) {
    return this.given.find((tokens) => tokens.access_token === accessToken)?.refresh_token;
  }

  /** Another grant of the same person to the same client. @param {string} accessToken @param {string} scope */
  async grantAgain(accessToken, scope) {
    const { provider } = this.real;
    const { accountId, clientId } = /** @type {any} */ (await provider.AccessToken.find(accessToken));
    const client = await provider.Client.find(clientId);
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(scope);
    const common = { accountId, client, grantId: await grant.save(), gty: "authorization_code", scope };
    const tokens = {
      access_token: await new provider.AccessToken(/** @type {any} */ (common)).save(),
      refresh_token: await new provider.RefreshToken(/** @type {any} */ (common)).save(),
    };
    this.given.push(tokens);
    for (const secret of Object.values(tokens)) this.real.secrets.add(secret);
    return { id: `user-${accountId}`, ...tokens, expires_in: 3600, scope };
  }

  /** Somebody ends the grant of one access token. @param {string} token */
  async end(token) {
    const { id, secret } = CLIENTS.basic;
    await this.#ask("/token/revocation", { client_id: id, client_secret: secret, token: plain(token) });
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  async handle(request, response) {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.origin);
    if (pathname === BACK) return this.#back(searchParams, response);
    const [, quirk, route] = pathname.match(/^\/q\/([a-z-]+)\/([a-z]+)$/) ?? [];
    if (quirk === undefined) return this.callback(request, response);
    if (QUIRKS[quirk] === undefined) return answer(response, 404, { error: "no such quirk" });
    if (route === "authorize") return this.#authorize(quirk, searchParams, response);
    const { format, fields } = await readFields(request);
    const { method, headers } = request;
    /** @type {Seen} */
    const seen = {
      ...{ quirk, route, method, host: headers.host, format, fields },
      ...{ query: Object.fromEntries(searchParams), authorization: headers.authorization },
    };
    this.log.push(seen);
    const { status, body } = await this.#answerTo(seen, QUIRKS[quirk]);
    if (typeof body !== "string") return answer(response, status, body);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  }

  /** @param {string} quirk @param {URLSearchParams} query @param {import("node:http").ServerResponse} response */
  #authorize(quirk, query, response) {
    this.asked.push(Object.fromEntries(query));
    this.#flows.set(query.get("state") ?? "", quirk);
    this.redirectUri = query.get("redirect_uri") ?? "";
    QUIRKS[quirk].asks?.(query);
    query.set("redirect_uri", this.origin + BACK);
    response.writeHead(303, { location: `${this.origin}/auth?${query}` }).end();
  }

  /** @param {URLSearchParams} query @param {import("node:http").ServerResponse} response */
  #back(query, response) {
    QUIRKS[this.#flows.get(query.get("state") ?? "") ?? ""]?.returns?.(query, this);
    this.tamper(query);
    response.writeHead(303, { location: `${this.redirectUri}?${query}` }).end();
  }

  /** @param {Seen} seen @param {Quirk} quirk @returns {Promise<{ status: number, body: unknown }>} */
  async #answerTo(seen, quirk) {
    const bearer = seen.authorization?.split(" ")[1] ?? "";
    switch (seen.route) {
      case "me": {
        if (this.profileDown) return { status: 503, body: {} };
        const { status, body } = await this.#ask("/me", undefined, { authorization: `Bearer ${plain(bearer)}` });
        return { status, body: status === 200 && quirk.tells ? quirk.tells(body, seen) : body };
      }
      case "token":
      case "refresh":
        return this.#exchange(seen, quirk);
      case "revoke": {
        if (seen.method !== (quirk.revokes ?? "POST")) return { status: 405, body: {} };
        const { id, secret } = CLIENTS.basic;
        const own = { client_id: id, client_secret: secret, token: bearer };
        const fields = /** @type {Fields} */ (seen.method === "DELETE" ? own : this.#standard(seen));
        if (fields.client_key !== undefined) rename(fields, "client_key", "client_id");
        const { status, body } = await this.#ask("/token/revocation", { ...fields, token: plain(fields.token) });
        return { status, body: seen.quirk === "ok-false" ? { ok: status === 200 } : body };
      }
      default: {
        const fields = this.#standard(seen);
        return this.#ask("/token/introspection", { ...fields, token: plain(fields.token) });
      }
    }
  }

  /** @param {Seen} seen @param {Quirk} quirk */
  async #exchange(seen, quirk) {
    const fields = this.#standard(seen);
    try {
      quirk.takes?.(fields, seen, this);
      if (fields.grant_type === "authorization_code") demand(fields.redirect_uri === this.redirectUri, "invalid_grant");
      const { status, body } = await this.#ask("/token", { ...fields, redirect_uri: this.origin + BACK });
      if (status !== 200) {
        return quirk.refuses ? { status: 200, body: quirk.refuses(body.error, this) } : { status, body };
      }
      this.given.push(body);
      return { status, body: quirk.gives ? await quirk.gives(body, fields, this) : body };
    } catch (error) {
      if (error instanceof Refused) return { status: 400, body: { error: error.message } };
      throw error;
    }
  }

  /** All that was sent, with the client's credentials in the body. @param {Seen} seen @returns {Fields} */
  #standard({ quirk, query, fields, authorization }) {
    const all = { ...query, ...fields };
    if (authorization === undefined) return all;
    const read = QUIRKS[quirk].credentials ?? ((header) => basic(header).map(decodeURIComponent));
    const [client_id, client_secret] = read(authorization);
    return { ...all, client_id, client_secret };
  }

  /**
   * Asks the real server.
   * @param {string} path
   * @param {Fields} [fields]
   * @param {Fields} [headers]
   */
  async #ask(path, fields, headers) {
    const body = fields && new URLSearchParams(fields);
    const response = await fetch(this.real.origin + path, { method: body ? "POST" : "GET", body, headers });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  }
}

/** Starts the quirks and the real server behind them. */
export async function startQuirks() {
  const real = await startAuthorizationServer();
  const quirks = new Quirks(real);
  const { origin, close } = await listen((request, response) => quirks.handle(request, response));
  for (const client of Object.values(CLIENTS)) real.registerRedirectUris(client, [origin + BACK]);
  return Object.assign(quirks, { origin, close: () => Promise.all([close(), real.close()]) });
}
