// The whole story on an empty server, with the shipped definition of Apollo.io: the admin sets it up,
// the end user connects, the backend gets tokens, support staff revoke.

import { ORGANIZATION, OTHER_APOLLO as APOLLO, OWNER } from "../support/instance.ts";
import { Backend } from "../support/backend.mjs";
import { Member } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

test("admin, end user, backend and support", async ({ page, fresh, endUser, person, upstreams: { apollo } }) => {
  test.setTimeout(120_000);
  const member = new Member(page, fresh.origin);
  let application = "";
  let redirectUri = "";

  await test.step("the owner sets Grantport up with the printed token", async () => {
    await member.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
    await expect(page.getByRole("navigation", { name: words.navigation.main })).toContainText(ORGANIZATION);
  });

  await test.step("an admin makes an application", async () => {
    application = await member.createApplication("CRM Sync");
    expect(application).toBe("crm-sync");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("CRM Sync");
  });

  await test.step("an admin adds Apollo.io from the gallery", async () => {
    await member.chooseDefinition(application, "Apollo.io");
    redirectUri = await member.redirectUri();
    expect(redirectUri).toMatch(new RegExp(`^${fresh.origin}/oauth/callback/prv_[0-9A-Za-z]{20}$`));
    await member.pasteCredentials(APOLLO.clientId, APOLLO.clientSecret);
    for (const scope of APOLLO.scopes) await member.tickScope(scope);
    await member.saveProvider();
    expect(await page.content()).not.toContain(APOLLO.clientSecret);
    await member.open(`/apps/${application}/providers/apollo`);
    await expect(member.main).toContainText(words.providers.active);
    await expect(member.main).toContainText(`${words.providers.endsIn} ..${APOLLO.clientSecret.slice(-4)}`);
    expect(await member.redirectUri()).toBe(redirectUri);
    expect(await page.content()).not.toContain(APOLLO.clientSecret);
    apollo.register({ ...APOLLO, redirectUris: [redirectUri] });
  });

  const backend = await test.step("an admin makes an API key, which is shown once", async () => {
    const key = await member.makeKey(application, "backend");
    await member.open(`/apps/${application}/keys`);
    expect(await page.content()).not.toContain(key);
    await expect(member.main).toContainText("backend");
    return new Backend(fresh.origin, key);
  });

  const session = await test.step("the backend invites an end user", async () => {
    const made = await backend.invite(person, { providers: ["apollo"] });
    expect(made.url).toMatch(new RegExp(`^${fresh.origin}/connect/`));
    expect((await backend.outcome(made)).status).toBe("pending");
    return made;
  });

  await test.step("the end user connects Apollo.io", async () => {
    apollo.faults.expiresIn = 2;
    await endUser.open(session);
    await expect(page.getByRole("heading", { level: 1, name: words.hosted.ask("CRM Sync", "Apollo.io") })).toBeVisible();
    await expect(page.getByRole("main")).toContainText(person.name);
    await expect(page.getByRole("main")).toContainText(person.email);
    await expect(page.getByRole("listitem").filter({ hasText: /contacts/i }).first()).toBeVisible();
    await endUser.pressConnect("Apollo.io");
    await endUser.atApollo("authorize");
    await endUser.seesConnected("Apollo.io");
    await expect(page.getByRole("main")).toContainText(person.email);
  });

  await test.step("Apollo was asked as its guide says", () => {
    const approval = apollo.log.find((entry) => entry.what === "approval");
    expect(Object.keys(approval?.fields ?? {}).sort()).toEqual(
      ["client_id", "redirect_uri", "response_type", "scope", "state"],
    );
    expect(approval?.fields.scope.split(" ").sort()).toEqual(APOLLO.scopes);
    // the first code was made up: the provider was tried when it was saved, before Apollo knew the app
    const [trial, exchange, ...more] = apollo.tokenRequests("authorization_code");
    expect(trial).toMatchObject({ status: 401, fields: { redirect_uri: redirectUri } });
    expect(more).toEqual([]);
    expect(exchange).toMatchObject({ format: "form", status: 200, fields: { redirect_uri: redirectUri } });
    expect(exchange.fields).not.toHaveProperty("code_verifier");
  });

  const connection = await test.step("the backend learns that it is connected", async () => {
    expect((await backend.outcome(session)).status).toBe("connected");
    const id = await backend.connectionOf(session);
    const { status, body } = await backend.call("GET", `/connections/${id}`);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toMatch(/access_token|refresh_token/);
    return id;
  });

  const token = await test.step("twenty calls on an expired token make one refresh", async () => {
    await page.waitForTimeout(2_100);
    apollo.faults.expiresIn = 2_592_000;
    const answers = await Promise.all(Array.from({ length: 20 }, () => backend.token(connection)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map((answer) => answer.body.access_token)).size).toBe(1);
    const [refresh, ...more] = apollo.tokenRequests("refresh_token");
    expect(more).toEqual([]);
    expect(refresh).toMatchObject({ format: "form", status: 200, fields: { redirect_uri: redirectUri } });
    return answers[0].body;
  });

  await test.step("Apollo accepts the token that was handed out", async () => {
    expect(token).toMatchObject({ connection_id: connection, provider: "apollo", token_type: "Bearer" });
    expect(token.owner).toEqual({ kind: "personal", id: person.id });
    expect(token.scopes).toEqual(expect.arrayContaining([...APOLLO.scopes, "read_user_profile", "app_scopes"]));
    expect(token).not.toHaveProperty("refresh_token");
    const profile = await fetch(`${apollo.origin}/api/v1/users/api_profile`, {
      headers: { authorization: `${token.token_type} ${token.access_token}` },
    });
    expect(profile.status).toBe(200);
    expect((await profile.json()).email).toBe(person.email);
    const again = await backend.token(connection);
    expect(again.body.access_token).toBe(token.access_token);
    expect(again.headers.get("cache-control")).toContain("no-store");
    expect(apollo.tokenRequests("refresh_token")).toHaveLength(1);
  });

  await test.step("support finds the connection and reads its history", async () => {
    await member.findConnection(application, person.email);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(person.name);
    await expect(member.main).toContainText(words.connections.active);
    await expect(member.main).toContainText(`Connected by ${person.name}`);
    await expect(member.main).toContainText("Refreshed.");
    expect(await page.content()).not.toContain(token.access_token);
  });

  await test.step("support revokes, and the receipt says what Apollo offers", async () => {
    await member.revoke(words.revocation.leaving, "Northwind ends its contract, ticket 4471.");
    await expect(member.main).toContainText("Northwind ends its contract, ticket 4471.");
    await expect(member.main).toContainText(words.revocation.leaving);
    await expect(member.main).toContainText(words.revocation.notOffered);
    await expect(member.main).toContainText("Apollo cannot be told from here");
  });

  await test.step("no token leaves any more", async () => {
    const { status, body } = await backend.token(connection);
    expect(status).toBe(410);
    expect(body.code).toBe("connection_revoked");
    expect(body.blame).toMatch(/^(caller|user|admin|provider)$/);
    const first = await backend.call("DELETE", `/connections/${connection}`);
    const second = await backend.call("DELETE", `/connections/${connection}`);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
    expect(apollo.tokenRequests("refresh_token")).toHaveLength(1);
  });

  await test.step("the connection is still there to be read, as revoked", async () => {
    await member.open(`/apps/${application}/connections?state=revoked`);
    await expect(member.main.getByRole("link", { name: person.email })).toBeVisible();
  });
});

test("support staff do all of that, and no more", async ({ page, support, instance, endUser, person, upstreams }) => {
  const { backend } = instance;
  const session = await backend.invite(person, { providers: ["apollo"] });
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  const connection = await backend.connectionOf(session);

  await support.open(`/apps/crm-sync/connections/${connection}`);
  await expect(page.getByRole("link", { name: words.providers.add })).toHaveCount(0);
  await support.revoke(words.revocation.incident, "Reported by the customer.");
  expect((await backend.token(connection)).status).toBe(410);

  const refused = await support.open("/apps/crm-sync/providers/new/apollo");
  expect(refused?.status()).toBe(403);
  await expect(support.main).toContainText("Your role does not include this");
  expect(upstreams.apollo.tokenRequests("refresh_token")).toEqual([]);
});
