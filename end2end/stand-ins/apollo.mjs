// A stand-in of Apollo.io for the shipped definition, reached through
//   GRANTPORT_ORIGIN_OVERRIDES={"https://app.apollo.io": "<origin of this>"}
//
// It behaves as Apollo's partner guide says: an approval page behind a fragment route, tokens of 30
// days, a refresh that wants `redirect_uri` and ends the old pair at once, a refusal that comes back
// as `status_code` and `error_message`. Everything that Apollo does not document (PKCE above all) is
// refused, so that a client which sends it is found out.
//
// `/__control` is for tests and for playing: it registers apps, switches faults and shows the log.
// On its own: node stand-ins/apollo.mjs [port]

import { randomBytes } from "node:crypto";
import { answer, listen, readFields, serveUntilStopped } from "./http.mjs";
import { APPROVAL_PAGE } from "./apollo-page.mjs";

const THIRTY_DAYS_S = 2_592_000;
const CODE_LIFE_MS = 10 * 60 * 1000;
const ALWAYS_GRANTED = ["read_user_profile", "app_scopes"];
const AUTHORIZE_PARAMETERS = ["client_id", "redirect_uri", "response_type", "scope", "state"];
const TOKEN_PARAMETERS = {
  authorization_code: ["grant_type", "code", "client_id", "client_secret", "redirect_uri"],
  refresh_token: ["grant_type", "refresh_token", "client_id", "client_secret", "redirect_uri", "scope"],
};

/**
 * @typedef {object} App an OAuth registration
 * @property {string} clientId
 * @property {string} clientSecret the newest
 * @property {string[]} [olderSecrets] taken too, while the newest takes over
 * @property {string} [name]
 * @property {string[]} redirectUris at most 4
 * @property {string[]} scopes what was ticked at the registration
 *
 * @typedef {object} Faults
 * @property {boolean} down every call of the API answers 503
 * @property {number} slowMs the token endpoint takes this long
 * @property {boolean} notPermitted the user may not authorize third-party apps
 * @property {boolean} loseAnswer the token endpoint does its work and hangs up without an answer
 * @property {number} expiresIn life of new access tokens, seconds
 * @property {string[] | undefined} grantsOnly scopes that are granted at most; undefined: all that were asked for
 *
 * @typedef {object} Grant
 * @property {App} app
 * @property {Account} account
 * @property {string[]} scopes
 * @property {string} redirectUri
 * @property {string} accessToken
 * @property {string} refreshToken
 * @property {number} endsAt Unix milliseconds
 * @property {boolean} live
 *
 * @typedef {object} Account who is signed in at Apollo
 * @property {string} id
 * @property {string} email
 * @property {string} name
 * @property {{ id: string, name: string }} team
 *
 * @typedef {object} LogEntry one request, secrets included: this is a test double
 * @property {number} at Unix milliseconds
 * @property {"approval" | "decision" | "token" | "profile"} what
 * @property {string} [grantType]
 * @property {"form" | "json" | "none"} [format]
 * @property {Record<string, string>} fields
 * @property {string | undefined} [authorization] the header, as it came
 * @property {number} status
 * @property {string} [error]
 */

/** What the token endpoint says when it refuses (RFC 6749 section 5.2). */
class Refusal extends Error {
  /** @param {number} status @param {string} error @param {string} description */
  constructor(status, error, description) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

const secretText = () => randomBytes(32).toString("base64url");

/** Apollo, as one process of the tests sees it. */
export class Apollo {
  /** @type {Map<string, App>} */
  #apps = new Map();
  /** @type {Map<string, { app: App, account: Account, scopes: string[], redirectUri: string, endsAt: number }>} */
  #codes = new Map();
  /** @type {Grant[]} */
  #grants = [];
  /**
   * Requests since the last reset.
   * @type {LogEntry[]}
   */
  log = [];
  /** Every secret that was sent here or issued here, since the start. @type {Set<string>} */
  secrets = new Set();
  /** @type {Faults} */
  faults = Apollo.noFaults();
  /** @type {Account} */
  account = {
    id: "5f2a1c7d9e",
    email: "dana@northwind.example",
    name: "Dana Whitfield",
    team: { id: "team_77", name: "Northwind" },
  };

  /** @returns {Faults} */
  static noFaults() {
    return { down: false, slowMs: 0, notPermitted: false, loseAnswer: false, expiresIn: THIRTY_DAYS_S, grantsOnly: undefined };
  }

  /**
   * Registers an app, or changes what is registered under its client ID.
   * @param {App} app
   */
  register(app) {
    if (app.redirectUris.length > 4) throw new Error("Apollo takes at most 4 redirect URLs");
    for (const secret of [app.clientSecret, ...(app.olderSecrets ?? [])]) this.secrets.add(secret);
    this.#apps.set(app.clientId, { name: "CRM Sync", ...app });
  }

  /** The customer removes the app in Apollo: every token of it ends. */
  removeGrants() {
    for (const grant of this.#grants) grant.live = false;
  }

  /** Nothing was asked and nothing is wrong; registrations and tokens stay. */
  reset() {
    this.log = [];
    this.faults = Apollo.noFaults();
  }

  /**
   * How many requests the token endpoint answered.
   * @param {"authorization_code" | "refresh_token"} grantType
   */
  tokenRequests(grantType) {
    return this.log.filter((entry) => entry.what === "token" && entry.grantType === grantType);
  }

  /**
   * Whether Apollo takes this access token now.
   * @param {string} accessToken
   */
  accepts(accessToken) {
    return this.#grantOf(accessToken) !== undefined;
  }

  /** @param {string} accessToken */
  #grantOf(accessToken) {
    return this.#grants.find(
      (grant) => grant.live && grant.accessToken === accessToken && grant.endsAt > Date.now(),
    );
  }

  /**
   * What the approval page shows for the parameters of its route.
   * @param {[string, string][]} parameters
   */
  readRequest(parameters) {
    const fields = Object.fromEntries(parameters);
    const problem = this.#problemOf(parameters, fields);
    this.#note({ what: "approval", fields, status: problem ? 400 : 200, error: problem });
    if (problem) return { problem };
    const app = this.#app(fields.client_id);
    return { app: app.name, account: this.account.email, scopes: this.#grantedScopes(app, fields.scope) };
  }

  /**
   * @param {[string, string][]} parameters
   * @param {Record<string, string>} fields
   * @returns {string | undefined}
   */
  #problemOf(parameters, fields) {
    const names = parameters.map(([name]) => name);
    const unknown = names.find((name) => !AUTHORIZE_PARAMETERS.includes(name));
    if (unknown !== undefined) return `Apollo does not know the parameter ${unknown}.`;
    if (new Set(names).size !== names.length) return "A parameter was sent twice.";
    const app = this.#apps.get(fields.client_id);
    if (app === undefined) return "Apollo does not know this client_id.";
    if (!app.redirectUris.includes(fields.redirect_uri)) return "This redirect_uri is not registered.";
    if (fields.response_type !== "code") return "response_type must be code.";
    const foreign = (fields.scope ?? "")
      .split(" ")
      .find((scope) => scope !== "" && !app.scopes.includes(scope) && !ALWAYS_GRANTED.includes(scope));
    if (foreign !== undefined) return `The scope ${foreign} is not among those of the registration.`;
    return undefined;
  }

  /** @param {string} clientId */
  #app(clientId) {
    const app = this.#apps.get(clientId);
    if (app === undefined) throw new Error(`no app ${clientId}`);
    return app;
  }

  /** @param {App} app @param {string | undefined} asked */
  #grantedScopes(app, asked) {
    const chosen = asked === undefined || asked === "" ? app.scopes : asked.split(" ");
    return [...new Set([...ALWAYS_GRANTED, ...chosen])];
  }

  /**
   * Where the browser goes after "Authorize" or "Cancel".
   * @param {[string, string][]} parameters
   * @param {string} decision
   */
  decide(parameters, decision) {
    const fields = Object.fromEntries(parameters);
    if (this.#problemOf(parameters, fields) !== undefined) throw new Error("the request was not shown");
    this.#note({ what: "decision", fields: { decision, ...fields }, status: 200 });
    const back = new URL(fields.redirect_uri);
    if (fields.state !== undefined) back.searchParams.set("state", fields.state);
    if (decision !== "authorize" || this.faults.notPermitted) {
      back.searchParams.set("status_code", "403");
      back.searchParams.set(
        "error_message",
        decision === "authorize"
          ? "You do not have permission to authorize third-party apps. Contact your Apollo admin."
          : "The user cancelled the authorization.",
      );
      return back.href;
    }
    const app = this.#app(fields.client_id);
    const code = secretText();
    this.secrets.add(code);
    this.#codes.set(code, {
      app,
      account: this.account,
      scopes: this.#grantedScopes(app, fields.scope),
      redirectUri: fields.redirect_uri,
      endsAt: Date.now() + CODE_LIFE_MS,
    });
    back.searchParams.set("code", code);
    return back.href;
  }

  /**
   * The token endpoint.
   * @param {Record<string, any>} fields
   * @param {"form" | "json" | "none"} format
   * @param {string | undefined} authorization
   */
  token(fields, format, authorization) {
    /** @type {LogEntry} */
    const entry = this.#note({
      what: "token",
      grantType: fields.grant_type,
      format,
      fields,
      authorization,
      status: 200,
    });
    try {
      return { status: 200, body: this.#issue(fields, format) };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      entry.status = refusal.status;
      entry.error = refusal.error;
      return {
        status: refusal.status,
        body: { error: refusal.error, error_description: refusal.message },
      };
    }
  }

  /** @param {Record<string, any>} fields @param {"form" | "json" | "none"} format */
  #issue(fields, format) {
    if (format === "none") throw new Refusal(400, "invalid_request", "The body must be a form or JSON.");
    const known = TOKEN_PARAMETERS[/** @type {keyof typeof TOKEN_PARAMETERS} */ (fields.grant_type)];
    if (known === undefined) throw new Refusal(400, "unsupported_grant_type", "Unknown grant_type.");
    const unknown = Object.keys(fields).find((name) => !known.includes(name));
    if (unknown !== undefined) throw new Refusal(400, "invalid_request", `Unknown parameter ${unknown}.`);
    const app = this.#apps.get(fields.client_id);
    if (app === undefined || ![app.clientSecret, ...(app.olderSecrets ?? [])].includes(fields.client_secret)) {
      throw new Refusal(401, "invalid_client", "Client authentication failed.");
    }
    if (!fields.redirect_uri) throw new Refusal(400, "invalid_request", "redirect_uri is missing.");
    const grant =
      fields.grant_type === "authorization_code"
        ? this.#redeemCode(app, fields.code, fields.redirect_uri)
        : this.#redeemRefreshToken(app, fields.refresh_token, fields.redirect_uri, fields.scope);
    this.#grants.push(grant);
    this.secrets.add(grant.accessToken).add(grant.refreshToken);
    return {
      access_token: grant.accessToken,
      token_type: "Bearer",
      expires_in: Math.round((grant.endsAt - Date.now()) / 1000),
      refresh_token: grant.refreshToken,
      scope: grant.scopes.join(" "),
      created_at: Math.floor(Date.now() / 1000),
    };
  }

  /** @param {App} app @param {string} code @param {string} redirectUri @returns {Grant} */
  #redeemCode(app, code, redirectUri) {
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    if (issued === undefined || issued.app.clientId !== app.clientId || issued.endsAt < Date.now()) {
      throw new Refusal(400, "invalid_grant", "The code is unknown, used or too old.");
    }
    if (issued.redirectUri !== redirectUri) {
      throw new Refusal(400, "invalid_grant", "redirect_uri is not the one of the authorization.");
    }
    return this.#newGrant(app, issued.account, issued.scopes, redirectUri);
  }

  /**
   * @param {App} app @param {string} refreshToken @param {string} redirectUri
   * @param {string | undefined} narrower @returns {Grant}
   */
  #redeemRefreshToken(app, refreshToken, redirectUri, narrower) {
    const old = this.#grants.find(
      (grant) => grant.live && grant.refreshToken === refreshToken && grant.app.clientId === app.clientId,
    );
    if (old === undefined) throw new Refusal(400, "invalid_grant", "The refresh token is unknown or used.");
    if (old.redirectUri !== redirectUri) {
      throw new Refusal(400, "invalid_grant", "redirect_uri is not the one of the authorization.");
    }
    // what is always granted is never asked for, and stays
    const scopes = narrower ? [...new Set([...ALWAYS_GRANTED, ...narrower.split(" ")])] : old.scopes;
    if (scopes.some((scope) => !old.scopes.includes(scope))) {
      throw new Refusal(400, "invalid_scope", "The scope is wider than what was granted.");
    }
    old.live = false;
    return this.#newGrant(app, old.account, scopes, redirectUri);
  }

  /** @param {App} app @param {Account} account @param {string[]} scopes @param {string} redirectUri @returns {Grant} */
  #newGrant(app, account, scopes, redirectUri) {
    const { grantsOnly } = this.faults;
    return {
      app,
      account,
      scopes: grantsOnly === undefined ? scopes : scopes.filter((scope) => grantsOnly.includes(scope)),
      redirectUri,
      accessToken: secretText(),
      refreshToken: secretText(),
      endsAt: Date.now() + this.faults.expiresIn * 1000,
      live: true,
    };
  }

  /**
   * Who owns an access token.
   * @param {string | undefined} authorization
   */
  profile(authorization) {
    const grant = this.#grantOf((authorization ?? "").replace(/^Bearer /, ""));
    const status = grant === undefined ? 401 : 200;
    this.#note({ what: "profile", fields: {}, authorization, status });
    return grant === undefined
      ? { status, body: { error: "Invalid access token." } }
      : { status, body: grant.account };
  }

  /** @param {Omit<LogEntry, "at">} entry */
  #note(entry) {
    const noted = { at: Date.now(), ...entry };
    this.log.push(noted);
    return noted;
  }
}

/**
 * Answers one request of the control API.
 * @param {Apollo} apollo
 * @param {string} route method and path
 * @param {Record<string, any>} fields
 */
function control(apollo, route, fields) {
  switch (route) {
    case "GET /__control/log":
      return apollo.log;
    case "GET /__control/counts":
      return {
        approvals: apollo.log.filter((entry) => entry.what === "approval").length,
        exchanges: apollo.tokenRequests("authorization_code").length,
        refreshes: apollo.tokenRequests("refresh_token").length,
        profiles: apollo.log.filter((entry) => entry.what === "profile").length,
      };
    case "PUT /__control/faults":
      return (apollo.faults = { ...Apollo.noFaults(), ...fields });
    case "PUT /__control/account":
      return (apollo.account = { ...apollo.account, ...fields });
    case "POST /__control/apps":
      apollo.register(/** @type {App} */ (fields));
      return fields;
    case "POST /__control/remove-grants":
      return apollo.removeGrants() ?? {};
    case "POST /__control/reset":
      return apollo.reset() ?? {};
    default:
      return undefined;
  }
}

/**
 * Answers one request to Apollo itself.
 * @param {Apollo} apollo
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {string} route method and path
 */
async function serve(apollo, request, response, route) {
  const { format, fields } = await readFields(request);
  if (route.includes(" /__control/")) {
    const shown = control(apollo, route, fields);
    return shown === undefined ? answer(response, 404, { error: "Not found" }) : answer(response, 200, shown);
  }
  const { down, slowMs, loseAnswer } = apollo.faults;
  if (down) return answer(response, 503, { error: "Service unavailable" });
  switch (route) {
    case "GET /":
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      return response.end(APPROVAL_PAGE);
    case "POST /oauth/authorize/read":
      return answer(response, 200, apollo.readRequest(fields.parameters));
    case "POST /oauth/authorize/decide":
      return answer(response, 200, { location: apollo.decide(fields.parameters, fields.decision) });
    case "POST /api/v1/oauth/token": {
      const { status, body } = apollo.token(fields, format, request.headers.authorization);
      if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
      return loseAnswer ? response.destroy() : answer(response, status, body);
    }
    case "GET /api/v1/users/api_profile": {
      const { status, body } = apollo.profile(request.headers.authorization);
      return answer(response, status, body);
    }
    default:
      return answer(response, 404, { error: "Not found" });
  }
}

/**
 * Starts a stand-in.
 * @param {number} port 0 takes a free one
 */
export async function startApollo(port = 0) {
  const apollo = new Apollo();
  const { origin, close } = await listen((request, response) => {
    const path = new URL(request.url ?? "/", "http://stand-in").pathname;
    serve(apollo, request, response, `${request.method} ${path}`).catch((error) =>
      answer(response, 400, { error: String(error) }),
    );
  }, port);
  return Object.assign(apollo, { origin, close });
}

if (import.meta.filename === process.argv[1]) {
  serveUntilStopped("The stand-in of Apollo.io", await startApollo(Number(process.argv[2] ?? 9400)));
}
