// What the README promises a newcomer: every part played in a minute, with no account anywhere.

import type { Page } from "@playwright/test";
import { Backend } from "../support/backend.mjs";
import { ORGANIZATION, OWNER } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import type { Grantport } from "../support/server.mjs";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const DANA = { id: "user_2291", name: "Dana Whitfield" };

/** From an empty server to an API key for an application with the practice provider. */
async function walk(page: Page, fresh: Grantport) {
  const member = new Member(page, fresh.origin);
  await member.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  const application = await member.createApplication("CRM Sync");
  await expect(page.getByRole("heading", { level: 1, name: "CRM Sync has no connections yet" })).toBeVisible();
  await member.main.getByRole("button", { name: words.practice.add }).click();
  await expect(member.main.getByText(words.providers.active, { exact: true }).first()).toBeVisible();
  const backend = new Backend(fresh.origin, await member.makeKey(application, "backend"));
  return { member, application, backend };
}

async function connect(page: Page, backend: Backend, decision = words.practice.approve) {
  const session = await backend.invite(DANA, { providers: [words.practice.slug] });
  await page.goto(session.url);
  await expect(page.getByRole("heading", { level: 1, name: words.hosted.ask("CRM Sync", words.practice.name) })).toBeVisible();
  await page.getByRole("button", { name: words.hosted.connect(words.practice.name) }).click();
  await page.getByRole("radio", { name: words.practice.person }).check();
  await page.getByRole("button", { name: decision, exact: true }).click();
  return session;
}

async function atTheDesk(page: Page, fresh: Grantport, press: string) {
  await page.goto(fresh.origin + words.practice.path);
  await page.getByRole("button", { name: press, exact: true }).click();
  await expect(page.getByRole("status")).toBeVisible();
}

test("the README's walk, and a bad day of every kind", async ({ page, fresh }) => {
  test.setTimeout(180_000);
  const { member, application, backend } = await test.step("set up, application, practice provider, key", () =>
    walk(page, fresh),
  );

  const connection = await test.step("approve, and get a token", async () => {
    const session = await connect(page, backend);
    await expect(page.getByRole("heading", { level: 1, name: words.hosted.done(words.practice.name) })).toBeVisible();
    const id = await backend.connectionOf(session);
    const { status, body } = await backend.token(id);
    expect(status).toBe(200);
    const profile = await fetch(`${fresh.origin}${words.practice.path}/me`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(await profile.json()).toMatchObject({ email: words.practice.account });
    return id;
  });

  await test.step("the overview says that it works", async () => {
    await member.open(`/apps/${application}`);
    await expect(member.main).toContainText("The one connection works.");
  });

  await test.step("tokens can be found by person, without knowing the connection", async () => {
    const { status, body } = await backend.call("POST", "/tokens", { provider: words.practice.slug, end_user: DANA.id });
    expect(status).toBe(200);
    expect(body).toMatchObject({ connection_id: connection, owner: { kind: "personal", id: DANA.id } });
    expect(body.resolved_by).toBeTruthy();
  });

  await test.step("denial: nothing is connected, and the page says so", async () => {
    const session = await connect(page, backend, words.practice.deny);
    await expect(page.getByRole("button", { name: words.hosted.tryAgain })).toBeVisible();
    expect(await backend.outcome(session)).toMatchObject({ status: "denied" });
    expect((await backend.token(connection)).status).toBe(200);
  });

  await test.step("expiry: a token that ends soon is refreshed when it is asked for", async () => {
    await page.goto(fresh.origin + words.practice.path);
    await page.getByRole("radio", { name: words.practice.shortLife }).check();
    await page.getByRole("button", { name: words.practice.saveLife, exact: true }).click();
    await connect(page, backend);
    await expect(page.getByRole("heading", { level: 1, name: words.hosted.done(words.practice.name) })).toBeVisible();
    const first = (await backend.call("POST", "/tokens", { provider: words.practice.slug, end_user: DANA.id })).body;
    const second = (await backend.token(first.connection_id, { min_valid_s: 30 })).body;
    expect(second.generation).toBeGreaterThan(first.generation);
    expect(second.access_token).not.toBe(first.access_token);
  });

  await test.step("outage: the backend is told to wait, and it passes", async () => {
    const { connection_id: id } = (await backend.call("POST", "/tokens", { provider: words.practice.slug, end_user: DANA.id })).body;
    await atTheDesk(page, fresh, words.practice.beginOutage);
    // nothing valid is left to be handed out
    await page.waitForTimeout(31_000);
    const during = await backend.token(id);
    expect(during.status).toBe(503);
    expect(during.body).toMatchObject({ code: "provider_unavailable", blame: "provider" });
    expect(during.headers.get("retry-after")).toBeTruthy();
    await atTheDesk(page, fresh, words.practice.endOutage);
    await expect.poll(async () => (await backend.token(id)).status, { timeout: 45_000 }).toBe(200);
  });

  await test.step("a grant that ended: a person has to approve again, by a link that the backend gets", async () => {
    await atTheDesk(page, fresh, words.practice.revokeAll);
    const { data } = (await backend.call("GET", `/connections?end_user=${DANA.id}`)).body;
    const { status, body } = await backend.token(data[0].id, { min_valid_s: 3600 });
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: "reconnect_required", blame: "user" });
    await member.open(`/apps/${application}/connections?state=reconnect_required`);
    await expect(member.main.getByRole("link", { name: words.practice.account }).first()).toBeVisible();
    await page.goto(body.reconnect_url);
    await page.getByRole("button", { name: /connect/i }).click();
    await page.getByRole("radio", { name: words.practice.person }).check();
    await page.getByRole("button", { name: words.practice.approve, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: words.hosted.done(words.practice.name) })).toBeVisible();
    expect((await backend.token(data[0].id)).status).toBe(200);
  });
});
