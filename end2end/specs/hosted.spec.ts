// The end user's pages, on a desk and on a phone: every way in which connecting can end.

import type { Page } from "@playwright/test";
import type { Backend } from "../support/backend.mjs";
import { type Person, expect, newPerson, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

/** A page fits the screen, and what is to be pressed can be met with a thumb. */
async function fits(page: Page) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(width, "nothing is wider than the screen").toBeLessThanOrEqual(0);
  for (const button of await page.getByRole("main").getByRole("button").all()) {
    const box = await button.boundingBox();
    expect(box?.height ?? 0, await button.innerText()).toBeGreaterThanOrEqual(24);
  }
}

const invite = (backend: Backend, person: Person, more = {}) =>
  backend.invite(person, { providers: ["apollo"], ...more });

test("the page names who asks, for whom and for what, before anything happens", async ({ page, instance, endUser, person, upstreams }) => {
  const session = await invite(instance.backend, person);
  await endUser.open(session);
  await expect(heading(page, words.hosted.ask("CRM Sync", "Apollo.io"))).toBeVisible();
  const main = page.getByRole("main");
  for (const part of ["Acme", person.name, person.email, "Search the team’s contacts", "Read one person profile"]) {
    await expect(main).toContainText(part);
  }
  await expect(page.getByRole("img", { name: "CRM Sync and Apollo.io, not connected yet" })).toBeVisible();
  await fits(page);
  expect(upstreams.apollo.log).toEqual([]);
  expect((await instance.backend.outcome(session)).status).toBe("pending");
});

test("connected, and ended again by the person alone", async ({ page, instance, endUser, person }) => {
  const { backend } = instance;
  const session = await invite(backend, person);
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  await fits(page);
  expect(page.url(), "no code and no state stay in the address").not.toMatch(/[?&](code|state)=/);
  const connection = await backend.connectionOf(session);

  await page.getByRole("link", { name: words.hosted.accounts }).click();
  await expect(heading(page, words.hosted.accounts)).toBeVisible();
  await fits(page);
  await page.locator("summary").filter({ hasText: "Disconnect" }).click();
  await page.getByRole("button", { name: words.hosted.disconnect("Apollo.io"), exact: true }).click();
  await expect(page.getByRole("button", { name: words.hosted.disconnect("Apollo.io"), exact: true })).toHaveCount(0);
  expect(await backend.token(connection)).toMatchObject({ status: 410, body: { code: "connection_revoked" } });
});

test("Apollo does not let this person approve: who can help, and a way to try again", async ({ page, instance, endUser, person, upstreams: { apollo } }) => {
  const { backend } = instance;
  const session = await invite(backend, person);
  apollo.faults.notPermitted = true;
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await expect(heading(page, words.hosted.notAllowed("Apollo"))).toBeVisible();
  await expect(page.getByRole("main")).toContainText("You do not have permission to authorize third-party apps");
  await expect(page.getByText(words.hosted.messageForAdmin)).toBeVisible();
  await expect(page.getByRole("main")).toContainText(words.hosted.supportCode);
  await fits(page);
  expect((await backend.outcome(session)).status).toMatch(/^(denied|failed)$/);
  expect(apollo.tokenRequests("authorization_code")).toEqual([]);

  apollo.faults.notPermitted = false;
  await page.getByRole("button", { name: words.hosted.tryAgain }).click();
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  expect((await backend.outcome(session)).status).toBe("connected");
});

test("Apollo is down while the code is exchanged", async ({ page, instance, endUser, person, upstreams: { apollo } }) => {
  const session = await invite(instance.backend, person);
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await page.waitForURL(/#\/oauth\/authorize\?/);
  const callback = apollo.decide([...new URLSearchParams(new URL(page.url()).hash.split("?")[1])] as [string, string][], "authorize");
  apollo.faults.down = true;
  await page.goto(callback);
  await expect(heading(page, words.hosted.unavailable("Apollo"))).toBeVisible();
  await expect(page.getByRole("button", { name: words.hosted.tryAgain })).toBeVisible();
  await fits(page);
  apollo.faults.down = false;
  await page.getByRole("button", { name: words.hosted.tryAgain }).click();
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
});

test("a link that was followed by someone else can be stopped", async ({ page, instance, endUser, person }) => {
  const session = await invite(instance.backend, person);
  await endUser.open(session);
  await page.getByRole("button", { name: words.hosted.stop }).click();
  await expect(heading(page, words.hosted.stopped)).toBeVisible();
  expect((await instance.backend.outcome(session)).status).toBe("denied");
});

test("a link that is not one of ours", async ({ page, instance }) => {
  const response = await page.goto(`${instance.server.origin}/connect/nothing-that-was-made`);
  expect(response?.status()).toBe(404);
  await expect(heading(page, words.hosted.unknownLink)).toBeVisible();
  await fits(page);
});

test("an answer that arrives in another browser is not used", async ({ page, browser, javaScriptEnabled, instance, endUser, person, upstreams: { apollo } }) => {
  const session = await invite(instance.backend, person);
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await page.waitForURL(/#\/oauth\/authorize\?/);
  const callback = apollo.decide([...new URLSearchParams(new URL(page.url()).hash.split("?")[1])] as [string, string][], "authorize");
  const elsewhere = await browser.newContext({ javaScriptEnabled });
  try {
    const other = await elsewhere.newPage();
    await other.goto(callback);
    await expect(heading(other, words.hosted.otherBrowser)).toBeVisible();
  } finally {
    await elsewhere.close();
  }
  expect(apollo.tokenRequests("authorization_code")).toEqual([]);

  // nothing was used up: the browser that began goes on, and coming twice changes nothing
  await page.goto(callback);
  await endUser.seesConnected("Apollo.io");
  await page.goto(callback);
  await endUser.seesConnected("Apollo.io");
  expect(apollo.tokenRequests("authorization_code")).toHaveLength(1);
});

test("an account that serves someone already is not given to another", async ({ page, instance, endUser, person, upstreams }) => {
  const { backend } = instance;
  const first = await invite(backend, person);
  await endUser.open(first);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");

  const account = upstreams.apollo.account;
  const someoneElse = newPerson(upstreams);
  upstreams.apollo.account = account;
  const second = await invite(backend, someoneElse);
  await endUser.open(second);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await expect(heading(page, words.hosted.otherOwner("Apollo"))).toBeVisible();
  expect((await backend.outcome(second)).status).toBe("failed");
  expect((await backend.token(await backend.connectionOf(first))).status).toBe(200);
});

test("a return URL gets its user back, with what came of it and no secret", async ({ page, instance, endUser, person, upstreams: { product } }) => {
  const session = await invite(instance.backend, person, { return_url: product.returnUrl });
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await expect(heading(page, "Integrations")).toBeVisible();
  const back = new URL(page.url());
  expect(back.searchParams.get("status")).toBe("connected");
  expect(back.searchParams.get("session")).toBe(session.id);
  expect([...back.searchParams.keys()].sort()).toEqual(["session", "status"]);
  expect((await instance.backend.call("POST", "/connect-sessions", { end_user: person, return_url: "https://evil.example/" })).status).toBe(422);
});

test("a team connection is asked for in the team's name", async ({ page, instance, endUser, person }) => {
  const { backend } = instance;
  const session = await backend.invite(person, { providers: ["oidc"], owner: "team", team_id: "northwind" });
  await endUser.open(session);
  await expect(page.getByRole("main")).toContainText(/team/i);
  await endUser.pressConnect("OIDC Test");
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected("OIDC Test");
  const { body } = await backend.call("POST", "/tokens", { provider: "oidc", end_user: person.id, team_id: "northwind" });
  expect(body.owner).toEqual({ kind: "team", id: "northwind" });
});
