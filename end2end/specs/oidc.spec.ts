// Against a certified authorization server: what is sent is right because the server takes it, and what
// has ended has ended because the server says so.

import { createHash } from "node:crypto";
import { CLIENTS, SHORT_LIFE_S } from "../stand-ins/oidc.mjs";
import type { Backend } from "../support/backend.mjs";
import type { EndUser } from "../support/people.ts";
import { type Person, expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const PROVIDERS = { oidc: "OIDC Test", "oidc-short": "OIDC Test", "oidc-post": "OIDC Test in the body" };

async function connect(endUser: EndUser, backend: Backend, person: Person, slug: keyof typeof PROVIDERS) {
  const session = await backend.invite(person, { providers: [slug] });
  await endUser.open(session);
  await endUser.pressConnect(PROVIDERS[slug]);
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected(PROVIDERS[slug]);
  return backend.connectionOf(session);
}

const basic = (client: { id: string; secret: string }) =>
  `Basic ${btoa([client.id, client.secret].map((part) => encodeURIComponent(part)).join(":"))}`;

test("HTTP Basic, PKCE and the issuer are as the server wants them", async ({ instance, endUser, person, upstreams: { oidc } }) => {
  const connection = await connect(endUser, instance.backend, person, "oidc");
  const [exchange, ...more] = oidc.tokenRequests("authorization_code");
  expect(more).toEqual([]);
  expect(exchange.status).toBe(200);
  expect(exchange.fields.code_verifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
  expect(exchange.fields).not.toHaveProperty("client_secret");
  expect(decodeURIComponent(atob(exchange.authorization?.replace("Basic ", "") ?? ""))).toBe(
    decodeURIComponent(atob(basic(CLIENTS.basic).replace("Basic ", ""))),
  );
  const { status, body } = await instance.backend.token(connection);
  expect(status).toBe(200);
  expect(await oidc.isActive(body.access_token)).toBe(true);
  expect(body.scopes).toEqual(expect.arrayContaining(["openid", "email", "offline_access"]));
});

test("credentials in the body, without PKCE", async ({ instance, endUser, person, upstreams: { oidc } }) => {
  const connection = await connect(endUser, instance.backend, person, "oidc-post");
  const [exchange] = oidc.tokenRequests("authorization_code");
  expect(exchange.authorization).toBeUndefined();
  expect(exchange.fields).toMatchObject({ client_id: CLIENTS.post.id, client_secret: CLIENTS.post.secret });
  expect(exchange.fields).not.toHaveProperty("code_verifier");
  const { body } = await instance.backend.token(connection);
  expect(await oidc.isActive(body.access_token)).toBe(true);
});

test("rotating refresh tokens are never used twice, however many calls come at once", async ({ instance, endUser, person, upstreams: { oidc } }) => {
  const { backend } = instance;
  const connection = await connect(endUser, backend, person, "oidc-short");
  for (let round = 0; round < 3; round += 1) {
    await new Promise((later) => setTimeout(later, SHORT_LIFE_S * 1000 + 100));
    const answers = await Promise.all(Array.from({ length: 20 }, () => backend.token(connection)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
  }
  const refreshes = oidc.tokenRequests("refresh_token");
  expect(refreshes.length).toBeGreaterThanOrEqual(3);
  expect(refreshes.map((entry) => entry.status)).toEqual(refreshes.map(() => 200));
  const used = refreshes.map((entry) => entry.fields.refresh_token);
  expect(new Set(used).size).toBe(used.length);
});

test("a token that its provider rejected is replaced once", async ({ instance, endUser, person, upstreams: { oidc } }) => {
  const { backend } = instance;
  const connection = await connect(endUser, backend, person, "oidc");
  const old = (await backend.token(connection)).body;
  const rejected_token_sha256 = createHash("sha256").update(old.access_token).digest("hex");
  const answers = await Promise.all(Array.from({ length: 10 }, () => backend.token(connection, { rejected_token_sha256 })));
  expect(new Set(answers.map((answer) => answer.body.access_token)).size).toBe(1);
  expect(answers[0].body.access_token).not.toBe(old.access_token);
  expect(answers[0].body.generation).toBeGreaterThan(old.generation);
  expect(oidc.tokenRequests("refresh_token")).toHaveLength(1);
});

test("revoking ends the token at the provider too", async ({ page, owner, instance, endUser, person, upstreams: { oidc } }) => {
  const connection = await connect(endUser, instance.backend, person, "oidc");
  const { access_token } = (await instance.backend.token(connection)).body;
  expect(await oidc.isActive(access_token)).toBe(true);
  await owner.open(`/apps/crm-sync/connections/${connection}`);
  await owner.revoke(words.revocation.incident, "A laptop was lost.");
  expect((await instance.backend.token(connection)).status).toBe(410);
  await expect.poll(() => oidc.isActive(access_token), { timeout: 20_000 }).toBe(false);
  await expect
    .poll(async () => {
      await page.reload();
      return owner.main.innerText();
    }, { timeout: 20_000 })
    .toContain(words.revocation.ended);
});

test("an end user who says no is told that nothing was connected, and can start again", async ({ page, instance, endUser, person }) => {
  const session = await instance.backend.invite(person, { providers: ["oidc"] });
  await endUser.open(session);
  await endUser.pressConnect("OIDC Test");
  await endUser.atOidc("cancel");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect((await instance.backend.outcome(session)).status).toBe("denied");
  await page.getByRole("button", { name: words.hosted.tryAgain }).click();
  if (/\/connect\//.test(page.url())) await endUser.pressConnect("OIDC Test");
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected("OIDC Test");
  expect((await instance.backend.outcome(session)).status).toBe("connected");
});

test("a provider that is down costs nobody a connection", async ({ instance, endUser, person, upstreams: { oidc } }) => {
  test.setTimeout(90_000);
  const { backend } = instance;
  const connection = await connect(endUser, backend, person, "oidc-short");
  await new Promise((later) => setTimeout(later, SHORT_LIFE_S * 1000 + 100));
  oidc.down = true;
  const during = await backend.token(connection);
  expect(during.status).toBe(503);
  expect(during.body).toMatchObject({ code: "provider_unavailable", blame: "provider" });
  expect(Number(during.headers.get("retry-after"))).toBeGreaterThan(0);
  oidc.down = false;
  await expect.poll(async () => (await backend.token(connection)).status, { timeout: 45_000 }).toBe(200);
});

test("a grant that ended at the provider asks for a reconnect, which keeps the connection's id", async ({ instance, endUser, person, upstreams: { oidc } }) => {
  const { backend } = instance;
  const connection = await connect(endUser, backend, person, "oidc-short");
  oidc.endGrants(person.id);
  await new Promise((later) => setTimeout(later, SHORT_LIFE_S * 1000 + 100));
  const { status, body } = await backend.token(connection);
  expect(status).toBe(409);
  expect(body).toMatchObject({ code: "reconnect_required", blame: "user" });
  expect(body.reconnect_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/connect\//);

  await endUser.open({ url: body.reconnect_url });
  await endUser.pressConnect(/connect/i);
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected("OIDC Test");
  const after = await backend.token(connection);
  expect(after.status).toBe(200);
  expect(after.body.connection_id).toBe(connection);
});
