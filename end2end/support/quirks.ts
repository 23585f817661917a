// A Grantport whose providers each have one quirk (`stand-ins/quirks.mjs`): their definitions, and the
// fixtures of `specs/quirks.spec.ts`.

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ISSUER, CLIENTS } from "../stand-ins/oidc.mjs";
import { type Quirks, plain, startQuirks } from "../stand-ins/quirks.mjs";
import { Backend } from "./backend.mjs";
import type { EndUser } from "./people.ts";
import { API_KEY, Grantport } from "./server.mjs";
import { type Person, test as base, expect } from "./test.ts";
import * as words from "./words.ts";

/** What all quirks are called on pages; a session has one of them. */
export const NAME = "Quirky";

type Table = Record<string, unknown>;

/** What a definition says otherwise than {@link definitionOf}'s; a table is laid over the one there. */
interface Quirk extends Table {
  /** The quirk of the stand-in, if it is not the one of this name. */
  path?: string;
  /** The client at the real server, if it is not `basic`. */
  client?: keyof typeof CLIENTS;
  /** The scopes that the provider asks for. */
  asks?: string[];
  /** One account serves one owner. */
  oneOwner?: boolean;
}

const at = (path: string, route: string, origin = "https://quirks.test") => `${origin}/q/${path}/${route}`;

export const QUIRKS = {
  plain: { pkce: "required" },
  "without-pkce": { path: "plain", pkce: "unsupported" },
  "iss-always": { path: "plain", issuer_always_sent: true },
  "ok-false": { token_answer: { ok: "/ok", dead: ["token_revoked"], later: ["ratelimited"] }, revocation: { ok: "/ok" } },
  "basic-raw": { client_auth: "basic_raw", revocation: { client_auth: "basic_raw" } },
  "secret-as-bearer": { client_auth: "secret_bearer", revocation: { client_auth: "secret_bearer" } },
  "form-as-json": {},
  nested: {
    token_answer: {
      access_token: ["/authed_user/access_token"],
      refresh_token: ["/authed_user/refresh_token"],
      expires_in: ["/authed_user/expires_in"],
      scope: ["/authed_user/scope"],
    },
    token_metadata: ["user"],
  },
  "two-tokens": {
    asks: ["openid", "email", "user_scope:profile"],
    oneOwner: true,
    scopes: { more_params: ["user_scope"] },
    second_token: {
      kind: "user",
      access_token: ["/authed_user/access_token"],
      refresh_token: ["/authed_user/refresh_token"],
      expires_in: ["/authed_user/expires_in"],
      scope: ["/authed_user/scope"],
      scope_param: "user_scope",
      account_id: ["/authed_user/id"],
    },
  },
  "no-token-type": {},
  "scope-list": {},
  "comma-scopes": { scopes: { param: "scopes", separator: "," } },
  "jwt-exp": { client: "shortLived", expiry: { source: "jwt", usually_s: 3600 } },
  "expires-at": { client: "shortLived", expiry: { source: "expires_at", pointer: "/expires_at", usually_s: 3600 } },
  introspection: {
    client: "shortLived",
    expiry: { source: "introspection", url: at("introspection", "introspect"), client_auth: "basic", after_s: 7200 },
  },
  "callback-extras": {
    callback: { capture: [{ name: "realmId", required: true }] },
    identity: { account_id: ["callback:/realmId"] },
  },
  "accounts-server": {
    callback: {
      capture: [
        {
          name: "accounts-server",
          default: "https://accounts.quirks.test",
          allowed: ["https://accounts.quirks.test", "https://accounts.eu.quirks.test"],
        },
      ],
    },
    endpoints: { token: at("accounts-server", "token", "{accounts-server}") },
  },
  echo: { callback: { echo: ["context", "account_uuid", "never-sent"] } },
  signed: { callback: { signature: { param: "hmac", method: "hmac_sha256_sorted_query" } } },
  "other-code": { callback: { code_param: "auth_code" } },
  "client-key": { param_names: { client_id: "client_key" } },
  "json-body": { token_body: "json", token_params: { lasts_s: "3600" }, revocation: { body: "json" } },
  "query-params": { token_body: "query", revocation: { body: "query" } },
  "refresh-elsewhere": { endpoints: { refresh: at("refresh-elsewhere", "refresh") } },
  "refresh-redirect-uri": { refresh: { sends_redirect_uri: true } },
  "refresh-scopes": { refresh: { sends_scopes: true } },
  "static-refresh": { refresh: { rotation: "static" } },
  "exchange-access-token": {
    refresh: { rotation: "none", exchange: { grant_type: "fb_exchange_token", token_param: "fb_exchange_token" } },
    revocation: { token: "access_token" },
  },
  "delete-bearer": {
    revocation: { method: "DELETE", body: "none", client_auth: "token", token: "access_token", token_param: "", hint: false },
  },
  "status-code": {
    callback_errors: { code_param: "status_code", words_param: "error_message", not_allowed: ["403"] },
    who_may_approve: "An admin of your account can.",
  },
  graphql: {
    identity: {
      method: "POST",
      body: '{"query": "{ viewer { sub email } }"}',
      account_id: ["/data/viewer/sub"],
      account_label: ["/data/viewer/email"],
    },
  },
  "default-of-list": {
    identity: {
      account_id: ["/accounts/[is_default=true]/account_id"],
      account_label: ["/accounts/[is_default=true]/name"],
      metadata: { base_uri: "/accounts/[is_default=true]/base_uri" },
    },
  },
  "other-scheme": { api_auth: { scheme: "Zoho-oauthtoken" } },
  "own-client": { path: "plain", credentials: "per_connection" },
} satisfies Record<string, Quirk>;

export type QuirkName = keyof typeof QUIRKS;

/** A definition of the real server, reached by a quirk's path, with what `quirk` says laid over it. */
function definitionOf(name: string, { path = name, client: _, asks: __, oneOwner: ___, ...quirk }: Quirk): Table {
  const scope = (name: string) => ({ name, words: `See the ${name}` });
  const usual: Table = {
    id: `quirk-${name}`,
    name: NAME,
    short_name: NAME,
    category: "Identity",
    mark: { initials: "Qu", hue: 7 },
    remark: "One quirk in front of a certified authorization server.",
    trust: { level: "contract_tested", since: "2026-11-26" },
    issuer: ISSUER,
    authorize_params: { prompt: "consent" },
    endpoints: { authorize: at(path, "authorize"), token: at(path, "token") },
    scopes: {
      needed_for_refresh: ["offline_access"],
      groups: [{ title: "Identity", scopes: ["openid", "email", "profile"].map(scope) }],
    },
    expiry: { source: "expires_in", usually_s: 3600 },
    refresh: { rotation: "rotates" },
    identity: { url: at(path, "me"), account_id: ["/sub"], account_label: ["/email"] },
    revocation: { url: at(path, "revoke") },
    guide: { lead: "A minute.", steps: [{ title: "Nothing", text: "Nothing is to be done." }] },
  };
  const isTable = (value: unknown): value is Table => typeof value === "object" && !Array.isArray(value);
  const laid = Object.entries(quirk).map(([key, over]) => {
    const below = usual[key];
    return [key, key !== "expiry" && isTable(over) && isTable(below) ? { ...below, ...over } : over];
  });
  return { ...usual, ...Object.fromEntries(laid) };
}

/** A value as TOML writes it on one line. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, held]) => `${JSON.stringify(key)} = ${inline(held)}`).join(", ")} }`;
}

const toml = (table: Table) => Object.entries(table).map(([key, value]) => `${key} = ${inline(value)}\n`).join("");

const providerOf = (name: string, { client = "basic", asks = ["openid", "email"], oneOwner = false, credentials }: Quirk) => {
  const { id, secret } = CLIENTS[client];
  // else whoever connects brings them
  const ours = credentials === undefined ? `client_id = "${id}"\nclient_secrets = ["${secret}"]` : "";
  return `
[[applications.providers]]
definition = "quirk-${name}"
slug = "${name}"
${ours}
scopes = ${JSON.stringify(asks)}
one_owner_per_account = ${oneOwner}
`;
};

const INSTANCE = `
[organization]
name = "Acme"

[[applications]]
slug = "crm-sync"
name = "CRM Sync"
return_urls = ["https://app.acme.example/integrations"]

[[applications.api_keys]]
name = "backend"
${Object.entries<Quirk>(QUIRKS).map(([name, quirk]) => providerOf(name, quirk)).join("")}`;

/** Serves an application with a provider for every quirk. */
async function startQuirkyInstance(quirks: Quirks) {
  const loopback = quirks.origin.replace("localhost", "127.0.0.1");
  const origins = {
    "https://quirks.test": quirks.origin,
    "https://accounts.quirks.test": quirks.origin,
    "https://accounts.eu.quirks.test": loopback,
  };
  const server = await Grantport.inEmptyDirectory({ origins });
  try {
    const catalog = join(server.directory, "catalog");
    await mkdir(catalog);
    for (const [name, quirk] of Object.entries<Quirk>(QUIRKS)) {
      await writeFile(join(catalog, `quirk-${name}.toml`), toml(definitionOf(name, quirk)));
    }
    server.env.GRANTPORT_CATALOG_DIR = catalog;
    const key = (await server.apply(INSTANCE, {})).match(API_KEY)?.[0] ?? "";
    await server.start();
    return { server, backend: new Backend(server.origin, key) };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

/** One person and one provider with a quirk. */
export class Story {
  constructor(
    readonly backend: Backend,
    readonly quirks: Quirks,
    readonly endUser: EndUser,
    readonly person: Person,
    readonly slug: QuirkName,
    /** Who that is at the provider. */
    readonly account = person.id,
  ) {}

  /** The same for another person who has the same account at the provider, in another browser. */
  async ofAnother() {
    await this.endUser.page.context().clearCookies();
    const person = { ...this.person, id: `${this.person.id}_other` };
    return new Story(this.backend, this.quirks, this.endUser, person, this.slug, this.account);
  }

  /** Opens an invitation and goes to the provider, having filled in what is asked for. */
  async begin(fields: Record<string, string> = {}) {
    const session = await this.backend.invite(this.person, { providers: [this.slug] });
    await this.endUser.open(session);
    await this.submit(fields);
    return session;
  }

  async submit(fields: Record<string, string>) {
    for (const [label, text] of Object.entries(fields)) {
      await this.endUser.page.getByLabel(label, { exact: true }).fill(text);
    }
    await this.endUser.pressConnect(NAME);
  }

  /** Connects; answers the connections that came about, the first token set's first. */
  async connect(fields: Record<string, string> = {}): Promise<any[]> {
    await this.begin(fields);
    await this.approve();
    return this.connections();
  }

  /** Says yes at the provider, and sees that it worked. */
  async approve() {
    await this.endUser.atOidc("consent", this.account);
    await this.endUser.seesConnected(NAME);
  }

  /** The person's connections that were not revoked, the first token set's first. */
  async connections(): Promise<any[]> {
    const { body } = await this.backend.call("GET", `/connections?end_user=${this.person.id}`);
    const alive = body.data.filter((connection: any) => connection.status !== "revoked");
    return alive.sort((one: any) => (one.metadata.token_kind === undefined ? -1 : 1));
  }

  /** Approves, and is told that it did not work; answers what the session says. */
  async fails(heading: string | RegExp, fields: Record<string, string> = {}) {
    const session = await this.begin(fields);
    await this.endUser.atOidc("consent", this.account);
    await expect(this.endUser.page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    return this.backend.outcome(session);
  }

  /** A token that the real server gave out last, and which it takes. */
  async token(connection: string, wishes: Record<string, unknown> = {}) {
    const { status, body } = await this.backend.token(connection, wishes);
    expect(status, JSON.stringify(body)).toBe(200);
    this.quirks.real.secrets.add(body.access_token);
    return body;
  }

  /** Asks for another token than `old`, as one does whose request the provider has refused. */
  async force(old: { connection_id: string; access_token: string }) {
    return this.backend.token(old.connection_id, {
      rejected_token_sha256: createHash("sha256").update(old.access_token).digest("hex"),
    });
  }

  /** The same, and the real server takes what comes. */
  async renew(old: { connection_id: string; access_token: string }) {
    const { status, body } = await this.force(old);
    expect(status, JSON.stringify(body)).toBe(200);
    this.quirks.real.secrets.add(body.access_token);
    expect(body.access_token).not.toBe(old.access_token);
    expect(await this.isActive(body.access_token)).toBe(true);
    return body;
  }

  /** Whether the real server takes a token, in whatever it was wrapped. */
  isActive(token: string) {
    return this.quirks.real.isActive(plain(token));
  }

  /** Revokes, and waits until the real server takes neither token any more. */
  async revoke(connection: string) {
    const token = await this.token(connection);
    const refreshToken = this.quirks.refreshTokenOf(plain(token.access_token));
    expect(await this.quirks.real.isActive(refreshToken), "alive until now").toBe(true);
    // the receipt stays the first one, however often it is asked for
    const receipt = () => this.backend.call("DELETE", `/connections/${connection}`);
    expect((await receipt()).status).toBe(200);
    await expect.poll(async () => (await receipt()).body.upstream.result, { intervals: [100] }).toBe("revoked");
    expect(await this.isActive(token.access_token)).toBe(false);
    expect(await this.quirks.real.isActive(refreshToken)).toBe(false);
  }
}

interface QuirkyFixtures {
  /** Begins the story of the provider with a quirk. */
  story: (slug: QuirkName) => Story;
}

interface QuirkyWorkerFixtures {
  quirky: { quirks: Quirks; backend: Backend };
}

export const test = base.extend<QuirkyFixtures, QuirkyWorkerFixtures>({
  quirky: [
    async ({}, use) => {
      const quirks = await startQuirks();
      const { server, backend } = await startQuirkyInstance(quirks);
      await use({ quirks, backend });
      await server.remove();
      await quirks.close();
      expect([...quirks.real.secrets].filter((secret) => server.output.includes(secret))).toEqual([]);
    },
    { scope: "worker", timeout: 60_000 },
  ],

  story: async ({ quirky: { quirks, backend }, endUser }, use, { testId, repeatEachIndex }) => {
    quirks.reset();
    const id = `user_${testId.slice(-8)}_${repeatEachIndex}`;
    const person = { id, name: "Dana Whitfield", email: "dana@northwind.example" };
    await use((slug) => new Story(backend, quirks, endUser, person, slug));
  },
});

export { expect, words };
