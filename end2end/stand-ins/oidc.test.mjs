// The authorization server is somebody else's work; these tests show that it is set up as the browser
// tests assume, by a whole code flow without a browser.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { CLIENTS, ISSUER, SHORT_LIFE_S, startAuthorizationServer } from "./oidc.mjs";

const REDIRECT_URI = "http://127.0.0.1:3000/oauth/callback/prv_7Hq2mXv9Tz4LkQ";

/** @type {Awaited<ReturnType<typeof startAuthorizationServer>>} */
let server;

before(async () => {
  server = await startAuthorizationServer();
  for (const client of Object.values(CLIENTS)) server.registerRedirectUris(client, [REDIRECT_URI]);
});
after(() => server.close());
beforeEach(() => server.reset());

/** A browser as far as this needs one: it keeps cookies and stops at the redirect URI. */
class Browser {
  /** @type {Map<string, string>} */
  #cookies = new Map();

  /** @param {string} url @param {Record<string, string>} [form] @returns {Promise<{ url: URL, page: string }>} */
  async open(url, form) {
    const response = await fetch(url, {
      method: form ? "POST" : "GET",
      body: form && new URLSearchParams(form),
      headers: { cookie: [...this.#cookies].map((pair) => pair.join("=")).join("; ") },
      redirect: "manual",
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0].split("=");
      this.#cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) return { url: new URL(url), page: await response.text() };
    const next = new URL(location, url);
    return next.href.startsWith(REDIRECT_URI) ? { url: next, page: "" } : this.open(next.href);
  }

  /** Presses the only button of a page. @param {{ url: URL, page: string }} at @param {Record<string, string>} typed */
  submit({ url, page }, typed = {}) {
    const action = page.match(/action="([^"]+)"/)?.[1] ?? "";
    const prompt = page.match(/name="prompt" value="([^"]+)"/)?.[1] ?? "";
    return this.open(new URL(action, url).href, { prompt, ...typed });
  }
}

const verifier = randomBytes(32).toString("base64url");
const challenge = createHash("sha256").update(verifier).digest("base64url");

/** @param {{ id: string }} client @param {Record<string, string>} more */
function authorizeUrl(client, more = {}) {
  const query = new URLSearchParams({
    client_id: client.id,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: "openid offline_access email",
    prompt: "consent",
    state: "the-state",
    ...more,
  });
  return `${server.origin}/auth?${query}`;
}

const withPkce = { code_challenge: challenge, code_challenge_method: "S256" };

/** @param {string} url */
async function approve(url) {
  const browser = new Browser();
  const signIn = await browser.open(url);
  const consent = await browser.submit(signIn, { login: "dana", password: "any" });
  return (await browser.submit(consent)).url.searchParams;
}

/** @param {string} path @param {{ id: string, secret: string }} client @param {Record<string, string>} fields */
async function post(path, client, fields) {
  const credentials = [client.id, client.secret].map(encodeURIComponent).join(":");
  const inBody = client.id === CLIENTS.post.id;
  const response = await fetch(server.origin + path, {
    method: "POST",
    headers: inBody ? {} : { authorization: `Basic ${btoa(credentials)}` },
    body: new URLSearchParams(inBody ? { client_id: client.id, client_secret: client.secret, ...fields } : fields),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

/** @param {{ id: string, secret: string }} client */
async function connect(client) {
  const pkce = client.id !== CLIENTS.post.id;
  const answer = await approve(authorizeUrl(client, pkce ? withPkce : {}));
  const { status, body } = await post("/token", client, {
    grant_type: "authorization_code",
    code: answer.get("code") ?? "",
    redirect_uri: REDIRECT_URI,
    ...(pkce ? { code_verifier: verifier } : {}),
  });
  assert.equal(status, 200, JSON.stringify(body));
  return { answer, tokens: body };
}

/** @param {{ id: string, secret: string }} client @param {string} refresh_token */
const refresh = (client, refresh_token) =>
  post("/token", client, { grant_type: "refresh_token", refresh_token });

test("a whole code flow: consent, iss, tokens, identity", async () => {
  const { answer, tokens } = await connect(CLIENTS.basic);
  assert.equal(answer.get("iss"), ISSUER);
  assert.equal(answer.get("state"), "the-state");
  assert.equal(tokens.expires_in, 3600);
  const response = await fetch(`${server.origin}/me`, {
    headers: { authorization: `Bearer ${tokens.access_token}` },
  });
  assert.deepEqual(await response.json(), { sub: "dana", email: "dana@northwind.example" });
  assert.equal(await server.isActive(tokens.access_token), true);
});

test("PKCE is required, and the verifier must fit", async () => {
  const browser = new Browser();
  const { url } = await browser.open(authorizeUrl(CLIENTS.basic));
  assert.equal(url.searchParams.get("error"), "invalid_request");
  const answer = await approve(authorizeUrl(CLIENTS.basic, withPkce));
  const { status, body } = await post("/token", CLIENTS.basic, {
    grant_type: "authorization_code",
    code: answer.get("code") ?? "",
    redirect_uri: REDIRECT_URI,
    code_verifier: randomBytes(32).toString("base64url"),
  });
  assert.deepEqual([status, body.error], [400, "invalid_grant"]);
});

test("a client in the body needs no PKCE", async () => {
  const { tokens } = await connect(CLIENTS.post);
  assert.equal(await server.isActive(tokens.access_token), true);
});

test("a secret that was not form-encoded before Basic is refused", async () => {
  const response = await fetch(`${server.origin}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${CLIENTS.basic.id}:${CLIENTS.basic.secret}`)}` },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: "x" }),
  });
  assert.ok([400, 401].includes(response.status));
  assert.notEqual((await response.json()).error, "invalid_grant");
});

test("refresh tokens rotate, and using one twice ends the grant", async () => {
  const { tokens: first } = await connect(CLIENTS.basic);
  const { body: second } = await refresh(CLIENTS.basic, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await refresh(CLIENTS.basic, first.refresh_token)).body.error, "invalid_grant");
  assert.equal((await refresh(CLIENTS.basic, second.refresh_token)).body.error, "invalid_grant");
  assert.equal(await server.isActive(second.access_token), false);
});

test("revoking the refresh token ends the access token", async () => {
  const { tokens } = await connect(CLIENTS.basic);
  const { status } = await post("/token/revocation", CLIENTS.basic, { token: tokens.refresh_token });
  assert.equal(status, 200);
  assert.equal(await server.isActive(tokens.access_token), false);
  assert.equal((await refresh(CLIENTS.basic, tokens.refresh_token)).body.error, "invalid_grant");
});

test("access tokens of the short-lived client end by themselves", async () => {
  const { tokens } = await connect(CLIENTS.shortLived);
  assert.equal(tokens.expires_in, SHORT_LIFE_S);
  await new Promise((resolve) => setTimeout(resolve, (SHORT_LIFE_S + 0.5) * 1000));
  assert.equal(await server.isActive(tokens.access_token), false);
  assert.equal((await refresh(CLIENTS.shortLived, tokens.refresh_token)).status, 200);
});

test("a grant that the customer removed is gone", async () => {
  const { tokens } = await connect(CLIENTS.basic);
  server.endGrants("someone else");
  assert.equal(await server.isActive(tokens.access_token), true);
  server.endGrants("dana");
  assert.equal(await server.isActive(tokens.access_token), false);
  assert.equal((await refresh(CLIENTS.basic, tokens.refresh_token)).body.error, "invalid_grant");
});

test("saying no comes back as access_denied", async () => {
  const browser = new Browser();
  const { page, url } = await browser.open(authorizeUrl(CLIENTS.basic, withPkce));
  const abort = page.match(/href="([^"]+abort[^"]*)"/)?.[1] ?? "";
  const { url: back } = await browser.open(new URL(abort, url).href);
  assert.equal(back.searchParams.get("error"), "access_denied");
  assert.equal(back.searchParams.get("iss"), ISSUER);
});

test("it logs what backends send, and can be down", async () => {
  const { tokens } = await connect(CLIENTS.post);
  await refresh(CLIENTS.post, tokens.refresh_token);
  assert.equal(server.tokenRequests("authorization_code").length, 1);
  assert.equal(server.tokenRequests("refresh_token")[0].fields.client_secret, CLIENTS.post.secret);
  server.down = true;
  assert.equal((await refresh(CLIENTS.post, "x")).status, 503);
});

test("its pages ask for nothing from elsewhere", async () => {
  const { page } = await new Browser().open(authorizeUrl(CLIENTS.basic, withPkce));
  assert.match(page, /Sign-in/);
  assert.doesNotMatch(page, /(?:src=|href=|action=|url\()"?https?:\/\/(?!localhost)/);
});
