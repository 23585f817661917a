// The stand-in of Apollo keeps to Apollo's guide; without that, tests against it prove nothing.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startApollo } from "./apollo.mjs";

const REDIRECT_URI = "http://127.0.0.1:3000/oauth/callback/prv_7Hq2mXv9Tz4LkQ";
const APP = {
  clientId: "vvZd-i_3MsfI6gmktGJY7F",
  clientSecret: "N6CW_m_0FNl8hapshH4Wy4Tw5",
  redirectUris: [REDIRECT_URI],
  scopes: ["contacts_search", "person_read"],
};

/** @type {Awaited<ReturnType<typeof startApollo>>} */
let apollo;

before(async () => {
  apollo = await startApollo();
});
after(() => apollo.close());
beforeEach(() => {
  apollo.reset();
  apollo.register(APP);
});

/** @param {string} path @param {unknown} body */
async function postJson(path, body) {
  const response = await fetch(apollo.origin + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** @param {Record<string, string>} fields */
async function postToken(fields) {
  const response = await fetch(`${apollo.origin}/api/v1/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: APP.clientId, client_secret: APP.clientSecret, ...fields }),
  });
  return { status: response.status, body: await response.json() };
}

/** @param {Record<string, string>} changes @returns {[string, string][]} */
function parameters(changes = {}) {
  return Object.entries({
    client_id: APP.clientId,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: "contacts_search person_read",
    state: "a state+with/signs",
    ...changes,
  });
}

/** @param {string} decision */
async function decide(decision) {
  const { body } = await postJson("/oauth/authorize/decide", { parameters: parameters(), decision });
  return new URL(body.location);
}

async function connect() {
  const code = (await decide("authorize")).searchParams.get("code") ?? "";
  const { body } = await postToken({ grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI });
  return body;
}

/** @param {string} refresh_token @param {Record<string, string>} more */
const refresh = (refresh_token, more = { redirect_uri: REDIRECT_URI }) =>
  postToken({ grant_type: "refresh_token", refresh_token, ...more });

/** @param {string} accessToken */
async function profile(accessToken) {
  const response = await fetch(`${apollo.origin}/api/v1/users/api_profile`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return { status: response.status, body: await response.json() };
}

test("a code becomes a pair of 30 days whose owner the profile tells", async () => {
  const tokens = await connect();
  assert.equal(tokens.expires_in, 2_592_000);
  assert.equal(tokens.token_type, "Bearer");
  assert.equal(tokens.scope, "read_user_profile app_scopes contacts_search person_read");
  assert.ok(Math.abs(tokens.created_at - Date.now() / 1000) < 5);
  const { status, body } = await profile(tokens.access_token);
  assert.equal(status, 200);
  assert.equal(body.email, "dana@northwind.example");
  assert.equal(body.team.name, "Northwind");
});

test("without a scope parameter the registered scopes are granted", async () => {
  const { body } = await postJson("/oauth/authorize/read", { parameters: parameters({ scope: "" }) });
  assert.deepEqual(body.scopes, ["read_user_profile", "app_scopes", "contacts_search", "person_read"]);
});

test("the approval page decodes as a script does, and refuses what Apollo does not know", async () => {
  for (const [changes, words] of /** @type {[Record<string, string>, RegExp][]} */ ([
    [{ scope: "contacts_search+person_read" }, /scope contacts_search\+person_read/],
    [{ scope: "api:default" }, /scope api:default/],
    [{ code_challenge: "x", code_challenge_method: "S256" }, /parameter code_challenge/],
    [{ redirect_uri: `${REDIRECT_URI}/` }, /redirect_uri is not registered/],
    [{ response_type: "token" }, /must be code/],
    [{ client_id: "someone" }, /client_id/],
  ])) {
    const { body } = await postJson("/oauth/authorize/read", { parameters: parameters(changes) });
    assert.match(body.problem, words);
  }
  const page = await (await fetch(apollo.origin)).text();
  assert.match(page, /decodeURIComponent/);
  assert.doesNotMatch(page, /URLSearchParams/);
});

test("saying no comes back as status_code and error_message", async () => {
  const cancelled = (await decide("cancel")).searchParams;
  assert.deepEqual([...cancelled.keys()], ["state", "status_code", "error_message"]);
  assert.equal(cancelled.get("status_code"), "403");
  assert.equal(cancelled.get("state"), "a state+with/signs");
});

test("a user without the permission is refused in the same way", async () => {
  apollo.faults.notPermitted = true;
  const refused = (await decide("authorize")).searchParams;
  assert.equal(refused.get("status_code"), "403");
  assert.match(refused.get("error_message") ?? "", /permission/);
  assert.equal(refused.get("code"), null);
});

test("a code works once, for its own redirect_uri", async () => {
  const code = (await decide("authorize")).searchParams.get("code") ?? "";
  const grant = { grant_type: "authorization_code", code, redirect_uri: REDIRECT_URI };
  assert.equal((await postToken(grant)).status, 200);
  const again = await postToken(grant);
  assert.deepEqual([again.status, again.body.error], [400, "invalid_grant"]);
  const other = (await decide("authorize")).searchParams.get("code") ?? "";
  const moved = await postToken({ ...grant, code: other, redirect_uri: `${REDIRECT_URI}?` });
  assert.deepEqual([moved.status, moved.body.error], [400, "invalid_grant"]);
});

test("a refresh ends the old pair at once", async () => {
  const first = await connect();
  const { status, body: second } = await refresh(first.refresh_token);
  assert.equal(status, 200);
  assert.equal((await profile(first.access_token)).status, 401);
  assert.equal((await profile(second.access_token)).status, 200);
  const again = await refresh(first.refresh_token);
  assert.deepEqual([again.status, again.body.error], [400, "invalid_grant"]);
});

test("a refresh wants redirect_uri, byte for byte", async () => {
  const { refresh_token } = await connect();
  assert.equal((await refresh(refresh_token, {})).body.error, "invalid_request");
  assert.equal((await refresh(refresh_token, { redirect_uri: `${REDIRECT_URI}/` })).body.error, "invalid_grant");
  assert.equal((await refresh(refresh_token)).status, 200);
});

test("a refresh may narrow the scopes and not widen them", async () => {
  const { refresh_token } = await connect();
  const wide = { redirect_uri: REDIRECT_URI, scope: "contacts_search opportunity_write" };
  assert.equal((await refresh(refresh_token, wide)).body.error, "invalid_scope");
  const { body } = await refresh(refresh_token, { ...wide, scope: "contacts_search" });
  assert.equal(body.scope, "read_user_profile app_scopes contacts_search");
});

test("a wrong secret is 401 invalid_client, in a form and in JSON", async () => {
  const fields = { grant_type: "refresh_token", refresh_token: "x", redirect_uri: REDIRECT_URI };
  const form = await postToken({ ...fields, client_secret: "wrong" });
  assert.deepEqual([form.status, form.body.error], [401, "invalid_client"]);
  const json = await postJson("/api/v1/oauth/token", { ...fields, client_id: APP.clientId, client_secret: "wrong" });
  assert.deepEqual([json.status, json.body.error], [401, "invalid_client"]);
});

test("a code_verifier is not known to Apollo", async () => {
  const sent = await refresh("x", { redirect_uri: REDIRECT_URI, code_verifier: "y" });
  assert.deepEqual([sent.status, sent.body.error], [400, "invalid_request"]);
});

test("tokens end when they are told to, and when the customer removes the app", async () => {
  apollo.faults.expiresIn = 1;
  const short = await connect();
  assert.equal(short.expires_in, 1);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal((await profile(short.access_token)).status, 401);
  apollo.faults.expiresIn = 60;
  const { body: renewed } = await refresh(short.refresh_token);
  apollo.removeGrants();
  assert.equal((await profile(renewed.access_token)).status, 401);
  assert.equal((await refresh(renewed.refresh_token)).body.error, "invalid_grant");
});

test("down, slow and lost answers can be switched on", async () => {
  apollo.faults.down = true;
  assert.equal((await profile("x")).status, 503);
  apollo.faults = { ...apollo.faults, down: false, slowMs: 120 };
  const began = Date.now();
  const { refresh_token } = await connect();
  assert.ok(Date.now() - began >= 115);
  apollo.faults = { ...apollo.faults, slowMs: 0, loseAnswer: true };
  await assert.rejects(refresh(refresh_token));
  apollo.faults.loseAnswer = false;
  assert.equal((await refresh(refresh_token)).body.error, "invalid_grant");
});

test("the control API registers, switches, counts and shows the log", async () => {
  await postJson("/__control/apps", { ...APP, clientId: "another" });
  const { access_token } = await connect();
  await profile(access_token);
  const counts = await (await fetch(`${apollo.origin}/__control/counts`)).json();
  assert.deepEqual(counts, { approvals: 0, exchanges: 1, refreshes: 0, profiles: 1 });
  const log = await (await fetch(`${apollo.origin}/__control/log`)).json();
  assert.equal(log.find((/** @type {any} */ entry) => entry.what === "token").fields.client_secret, APP.clientSecret);
  await fetch(`${apollo.origin}/__control/faults`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ down: true }),
  });
  assert.equal((await profile(access_token)).status, 503);
  assert.equal((await fetch(`${apollo.origin}/__control/nothing`)).status, 404);
});
