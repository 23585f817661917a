// One provider for each way in which providers differ from the standards, in front of a certified
// authorization server: whatever stands between, that server has to take what arrives, and has to say
// that it is over when it is.

import { CLIENTS, SHORT_LIFE_S } from "../stand-ins/oidc.mjs";
import type { Quirks } from "../stand-ins/quirks.mjs";
import { NAME, QUIRKS, type QuirkName, type Story, expect, test, words } from "../support/quirks.ts";

test.describe.configure({ mode: "parallel" });

/** What was seen on the way from the invitation to the second refresh. */
interface Seen {
  quirks: Quirks;
  /** As the API tells them right after the approval. */
  connection: any;
  /** The first token's answer. */
  token: any;
  /** The last one's. */
  renewed: any;
  /** When that one came. */
  at: number;
  person: { id: string };
}

const sentWith = (quirks: Quirks, grantType: string) =>
  quirks.log.filter(({ fields, query }) => (fields.grant_type ?? query.grant_type) === grantType);

/** Seconds between two moments. */
const seconds = (from: number, to: string) => (Date.parse(to) - from) / 1000;

/** A token of the client with short-lived ones ends when it says so: refreshes have come by that alone. */
const endsInTime = ({ renewed, at }: Seen) => {
  expect(seconds(at, renewed.expires_at)).toBeGreaterThan(-1);
  expect(seconds(at, renewed.expires_at)).toBeLessThanOrEqual(SHORT_LIFE_S + 1);
};

/** What else has to hold of a quirk, beside that the whole way from connecting to revoking can be gone. */
const JOURNEYS: Partial<Record<QuirkName, (seen: Seen) => void>> = {
  plain: ({ quirks }) => {
    expect(quirks.asked[0]).toMatchObject({ response_type: "code", code_challenge_method: "S256", client_id: CLIENTS.basic.id });
    const [exchange] = sentWith(quirks, "authorization_code");
    expect(exchange.fields.code_verifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
    expect(sentWith(quirks, "refresh_token")[0].fields).not.toHaveProperty("redirect_uri");
  },
  "iss-always": () => {},
  "ok-false": () => {},
  "basic-raw": ({ quirks }) => {
    for (const { authorization, fields } of [...quirks.sent("token"), ...quirks.sent("revoke")]) {
      expect(authorization).toBe(`Basic ${btoa(`${CLIENTS.basic.id}:${CLIENTS.basic.secret}`)}`);
      expect(fields).not.toHaveProperty("client_id");
    }
  },
  "secret-as-bearer": ({ quirks }) => {
    for (const { authorization, fields } of [...quirks.sent("token"), ...quirks.sent("revoke")]) {
      expect(authorization).toBe(`Bearer ${CLIENTS.basic.secret}`);
      expect(fields).not.toHaveProperty("client_secret");
    }
  },
  "form-as-json": ({ token }) => expect(seconds(Date.now(), token.expires_at)).toBeGreaterThan(3500),
  nested: ({ token }) => {
    expect(token.metadata).toEqual({ user: "U1" });
    expect(token.scopes).toEqual(expect.arrayContaining(["openid", "email"]));
  },
  "no-token-type": ({ token }) => expect(token.token_type).toBe("Bearer"),
  "scope-list": ({ connection }) => {
    expect(connection.scopes.toSorted()).toEqual(["email", "offline_access", "openid"]);
    expect(connection.missing_scopes).toEqual([]);
  },
  "comma-scopes": ({ quirks, connection }) => {
    expect(quirks.asked[0].scopes.split(",").toSorted()).toEqual(["email", "offline_access", "openid"]);
    expect(quirks.asked[0]).not.toHaveProperty("scope");
    expect(connection.scopes.toSorted()).toEqual(["email", "offline_access", "openid"]);
  },
  "jwt-exp": endsInTime,
  "expires-at": endsInTime,
  introspection: (seen) => {
    endsInTime(seen);
    for (const { fields } of seen.quirks.sent("introspect")) expect(fields).not.toHaveProperty("client_secret");
  },
  "callback-extras": ({ connection, renewed, person }) => {
    expect(connection.account).toEqual({ id: "9130357", label: `${person.id}@northwind.example` });
    expect(renewed.metadata).toEqual({ realmId: "9130357" });
  },
  "accounts-server": ({ quirks }) => {
    expect(new Set(quirks.sent("token").map(({ host }) => host?.split(":")[0]))).toEqual(new Set(["127.0.0.1"]));
  },
  echo: ({ quirks }) => {
    const [exchange] = sentWith(quirks, "authorization_code");
    expect(exchange.fields).toMatchObject({ context: "stores/q1w2e3", account_uuid: "5b1a" });
    expect(sentWith(quirks, "refresh_token")[0].fields).not.toHaveProperty("context");
  },
  signed: () => {},
  "other-code": ({ quirks }) => expect(sentWith(quirks, "authorization_code")[0].fields).toHaveProperty("code"),
  "client-key": ({ quirks }) => {
    for (const { fields } of [...quirks.sent("token"), ...quirks.sent("revoke")]) {
      expect(fields).toMatchObject({ client_key: CLIENTS.basic.id, client_secret: CLIENTS.basic.secret });
      expect(fields).not.toHaveProperty("client_id");
    }
  },
  "json-body": ({ quirks }) => {
    expect(sentWith(quirks, "authorization_code")[0].fields).toMatchObject({ lasts_s: 3600 });
    for (const { format, query } of [...quirks.sent("token"), ...quirks.sent("revoke")]) {
      expect({ format, query }).toEqual({ format: "json", query: {} });
    }
  },
  "query-params": ({ quirks }) => {
    for (const { fields, query } of [...quirks.sent("token"), ...quirks.sent("revoke")]) {
      expect(fields).toEqual({});
      expect(query).toHaveProperty("client_secret");
    }
  },
  "refresh-elsewhere": ({ quirks }) => {
    expect(quirks.sent("token")).toHaveLength(1);
    expect(quirks.sent("refresh")).toHaveLength(2);
  },
  "refresh-redirect-uri": ({ quirks }) => {
    for (const { fields } of sentWith(quirks, "refresh_token")) expect(fields.redirect_uri).toBe(quirks.redirectUri);
  },
  "refresh-scopes": ({ quirks, token }) => {
    for (const { fields } of sentWith(quirks, "refresh_token")) {
      expect(fields.scope.split(" ").toSorted()).toEqual(token.scopes.toSorted());
    }
  },
  "static-refresh": ({ quirks }) => expect(sentWith(quirks, "refresh_token")).toHaveLength(2),
  "exchange-access-token": ({ quirks, token }) => {
    // right after the code, and for both refreshes
    const [afterCode, next] = sentWith(quirks, "fb_exchange_token");
    expect(afterCode.fields.fb_exchange_token).toBe(quirks.given[0].access_token);
    expect(next.fields.fb_exchange_token).toBe(token.access_token);
    expect(sentWith(quirks, "fb_exchange_token")).toHaveLength(3);
    expect(sentWith(quirks, "refresh_token")).toEqual([]);
  },
  "delete-bearer": ({ quirks, renewed }) => {
    const [revocation, ...more] = quirks.sent("revoke");
    expect(more).toEqual([]);
    expect(revocation).toMatchObject({
      ...{ method: "DELETE", format: "none", fields: {}, query: {} },
      authorization: `Bearer ${renewed.access_token}`,
    });
  },
  graphql: ({ connection, person }) => {
    expect(connection.account).toEqual({ id: person.id, label: `${person.id}@northwind.example` });
  },
  "default-of-list": ({ connection, renewed, person }) => {
    expect(connection.account).toEqual({ id: person.id, label: `${person.id}@northwind.example` });
    expect(renewed.metadata).toEqual({ base_uri: "https://eu.quirks.test" });
  },
  "other-scheme": ({ connection, person }) => expect(connection.account.id).toBe(person.id),
};

for (const [slug, check] of Object.entries(JOURNEYS) as [QuirkName, (seen: Seen) => void][]) {
  test(`${slug}: connected, refreshed twice, revoked`, async ({ story }) => {
    const one = story(slug);
    const { quirks, person } = one;
    const [connection, ...more] = await one.connect();
    expect(more).toEqual([]);
    const token = await one.token(connection.id);
    const renewed = await one.renew("client" in QUIRKS[slug] ? await endOf(one, token) : await one.renew(token));
    const at = Date.now();
    const used = sentWith(quirks, "refresh_token").map(({ fields, query }) => fields.refresh_token ?? query.refresh_token);
    const rotates = slug !== "static-refresh";
    expect(new Set(used).size, "one that is replaced is not used again").toBe(rotates ? used.length : 1);
    await one.revoke(connection.id);
    check({ quirks, connection, token, renewed, at, person });
  });
}

/** Waits until a short-lived token has ended, and gets the next one without asking for another. */
async function endOf(story: Story, old: { connection_id: string; access_token: string }) {
  await new Promise((later) => setTimeout(later, SHORT_LIFE_S * 1000 + 100));
  const next = await story.token(old.connection_id);
  expect(next.access_token).not.toBe(old.access_token);
  return next;
}

/** Nothing came of it: the provider was not asked for tokens, and there is no connection. */
async function expectNothing(story: Story) {
  expect(story.quirks.sent("token")).toEqual([]);
  expect(await story.connections()).toEqual([]);
}

const TAMPERED: [name: string, slug: QuirkName, tamper: (back: URLSearchParams) => void][] = [
  ["a callback without the issuer that is always sent", "iss-always", (back) => back.delete("iss")],
  ["a callback of another issuer", "plain", (back) => back.set("iss", "https://oidc.test.evil.example")],
  ["a callback without a parameter that has to be there", "callback-extras", (back) => back.delete("realmId")],
  [
    "a callback that sends to a server that is not on the list",
    "accounts-server",
    (back) => back.set("accounts-server", "https://accounts.quirks.test.evil.example"),
  ],
  ["a signed callback that was changed", "signed", (back) => back.set("shop", "fabrikam.example")],
  ["a callback without its signature", "signed", (back) => back.delete("hmac")],
];

for (const [name, slug, tamper] of TAMPERED) {
  test(`${name} is refused, and nothing is exchanged`, async ({ story }) => {
    const one = story(slug);
    one.quirks.tamper = tamper;
    expect(await one.fails(/./)).toMatchObject({ status: "failed", error: { code: "provider_error" } });
    await expectNothing(one);
  });
}

test("a callback that names no server means the usual one", async ({ story }) => {
  const one = story("accounts-server");
  one.quirks.tamper = (back) => back.delete("accounts-server");
  const [connection] = await one.connect();
  await one.renew(await one.token(connection.id));
  expect(new Set(one.quirks.sent("token").map(({ host }) => host?.split(":")[0]))).toEqual(new Set(["localhost"]));
});

test("a code that is refused with status 200 makes no connection", async ({ story }) => {
  const one = story("ok-false");
  one.quirks.tamper = (back) => back.set("code", "a-code-that-nobody-gave");
  one.quirks.vendorCode = "invalid_code";
  expect((await one.fails(/./)).status).toBe("failed");
  expect(one.quirks.sent("token")).toHaveLength(1);
});

test("a refresh that is refused with status 200 condemns by a listed code alone", async ({ story }) => {
  const one = story("ok-false");
  const [connection] = await one.connect();
  const token = await one.token(connection.id);
  one.quirks.real.endGrants(one.person.id);
  one.quirks.vendorCode = "something_else";
  expect(await one.force(token)).toMatchObject({ status: 503, body: { code: "provider_unavailable" } });
  one.quirks.vendorCode = "token_revoked";
  await expect.poll(async () => (await one.force(token)).status, { timeout: 20_000 }).toBe(409);
  expect((await one.force(token)).body).toMatchObject({ code: "reconnect_required" });
});

test("two tokens in one answer are two connections, which live and end on their own", async ({ story }) => {
  const one = story("two-tokens");
  const connections = await one.connect();
  expect(connections).toHaveLength(2);
  const [bot, user] = connections;
  expect(one.quirks.asked[0].user_scope).toBe("profile");
  expect(bot).toMatchObject({ account: { id: one.person.id }, metadata: {}, missing_scopes: [] });
  expect(user).toMatchObject({ account: { id: `user-${one.person.id}` }, metadata: { token_kind: "user" }, missing_scopes: [] });
  const renewed: { connection_id: string; access_token: string }[] = [];
  for (const { id } of connections) renewed.push(await one.renew(await one.renew(await one.token(id))));
  expect(renewed[0].access_token).not.toBe(renewed[1].access_token);
  await one.revoke(bot.id);
  await one.renew(renewed[1]);
  await one.revoke(user.id);
});

test("two tokens of an account that serves someone else are both given back", async ({ story }) => {
  const one = story("two-tokens");
  const connections = await one.connect();
  const other = await one.ofAnother();
  const outcome = await other.fails(words.hosted.otherOwner(NAME));
  expect(outcome).toMatchObject({ status: "failed", error: { code: "account_already_connected" } });
  const alive = one.quirks.given.map(({ access_token }) => one.isActive(access_token));
  expect(await Promise.all(alive)).toEqual([true, true, false, false]);
  for (const { id } of connections) await one.renew(await one.token(id));
});

test("two tokens whose account cannot be found out are both given back", async ({ story }) => {
  const one = story("two-tokens");
  one.quirks.profileDown = true;
  expect((await one.fails(/./)).status).toBe("failed");
  const alive = one.quirks.given.map(({ access_token }) => one.isActive(access_token));
  expect(await Promise.all(alive)).toEqual([false, false]);
});

test("who approves the second of two tokens again keeps both connections", async ({ story }) => {
  const one = story("two-tokens");
  const [bot, user] = await one.connect();
  const token = await one.token(user.id);
  await one.quirks.end(token.access_token);
  const { status, body } = await one.force(token);
  expect(status).toBe(409);
  await one.token(bot.id);
  await one.endUser.open({ url: body.reconnect_url });
  await one.submit({});
  await one.approve();
  expect((await one.connections()).map(({ id, status }) => [id, status])).toEqual([
    [bot.id, "active"],
    [user.id, "active"],
  ]);
  for (const { id } of [bot, user]) await one.renew(await one.token(id));
});

test("a provider that requires PKCE and is not sent it refuses for the admin", async ({ story }) => {
  const one = story("without-pkce");
  const session = await one.begin();
  await expect(one.endUser.page.getByRole("heading", { level: 1, name: `${NAME} does not accept CRM Sync` })).toBeVisible();
  expect(one.quirks.asked[0]).not.toHaveProperty("code_challenge");
  expect((await one.backend.outcome(session)).status).toBe("failed");
  await expectNothing(one);
});

test("an end user who says no connects nothing", async ({ story }) => {
  const one = story("plain");
  const session = await one.begin();
  await one.endUser.atOidc("cancel");
  await expect(one.endUser.page.getByRole("heading", { level: 1, name: words.hosted.denied(NAME) })).toBeVisible();
  expect(await one.backend.outcome(session)).toMatchObject({ status: "denied" });
  await expectNothing(one);
});

for (const [name, tamper] of [
  ["with its state", () => {}],
  ["without its state", (back: URLSearchParams) => back.delete("state")],
] as const) {
  test(`a refusal in a provider's own words, ${name}, is repeated as text`, async ({ page, story }) => {
    const one = story("status-code");
    one.quirks.tamper = tamper;
    const session = await one.begin();
    await one.endUser.atOidc("cancel");
    await expect(page.getByRole("heading", { level: 1, name: words.hosted.notAllowed(NAME) })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("Only an admin can <b>authorize</b> this.");
    expect(await one.backend.outcome(session)).toMatchObject({ error: { code: "not_allowed_to_approve" } });
    await expectNothing(one);
  });
}

test.describe("credentials of one's own", () => {
  const fields = ({ id, secret }: { id: string; secret: string }) => ({ "Client ID": id, "Client Secret": secret });

  test("serve the exchange, refreshes and the revocation of their connection", async ({ story }) => {
    const one = story("own-client");
    for (const client of [CLIENTS.post, CLIENTS.basic]) {
      one.quirks.reset();
      const [connection, ...more] = await one.connect(fields(client));
      expect(more).toEqual([]);
      await one.renew(await one.renew(await one.token(connection.id)));
      await one.revoke(connection.id);
      // the refresh token is given back first, then the access token
      await expect.poll(() => one.quirks.sent("revoke").length).toBe(2);
      const asked = [...one.quirks.sent("token"), ...one.quirks.sent("revoke")];
      expect(asked).toHaveLength(5);
      for (const sent of asked) {
        expect(sent.fields).toMatchObject({ client_id: client.id, client_secret: client.secret });
      }
    }
  });

  test("are asked for again where they cannot be right, without the secret", async ({ page, story }) => {
    const one = story("own-client");
    const secret = "two words-7Jq1";
    one.quirks.real.secrets.add(secret);
    const session = await one.begin({ "Client ID": CLIENTS.post.id, "Client Secret": secret });
    const field = page.getByLabel("Client Secret", { exact: true });
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAttribute("type", "password");
    await expect(field).toHaveValue("");
    await expect(page.getByLabel("Client ID", { exact: true })).toHaveValue(CLIENTS.post.id);
    expect(await page.content()).not.toContain(secret);
    expect(one.quirks.asked).toEqual([]);
    await one.submit({ "Client Secret": CLIENTS.post.secret });
    await one.approve();
    await one.token(await one.backend.connectionOf(session));
  });

  test("that the provider refuses connect nothing", async ({ story }) => {
    const one = story("own-client");
    const secret = "not-the-secret-of-this-one-4Kd";
    one.quirks.real.secrets.add(secret);
    const outcome = await one.fails(/./, fields({ id: CLIENTS.post.id, secret }));
    expect(outcome.status).toBe("failed");
    expect(await one.connections()).toEqual([]);
    const { body } = await one.backend.call("GET", "/providers");
    expect(body.data.find(({ slug }: any) => slug === one.slug).state, "nobody else's trouble").toBe("active");
  });
});
