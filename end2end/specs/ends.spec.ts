// No dead ends: each way of not arriving has a page of its own, a sentence, one button that goes on
// with the same intent, and a code that staff can look up.

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { SUPPORT } from "../support/instance.ts";
import { lapse } from "../support/lapse.ts";
import { test as base, expect, newPerson } from "../support/test.ts";
import * as words from "../support/words.ts";

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

/** The one thing to do on a page that did not work out: a button that goes on, or the way back. */
async function goesOn(page: Page, name: string) {
  const main = page.getByRole("main");
  const ways = main.locator(".connect__act :is(button, a)");
  await expect(ways).toHaveCount(1);
  await expect(ways).toHaveText(name);
  return ways;
}

/** Staff read out what became of it. */
async function isLookedUp(page: Page, look: (code: string) => Promise<string>, what: RegExp) {
  const code = await page.locator(".connect__code strong").innerText();
  expect(code).toMatch(/^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/);
  expect(await look(code)).toMatch(what);
}

/** What the portal says about a support code, typed as people type it. */
function staff(browser: Browser, origin: string, cookies: () => Promise<Parameters<BrowserContext["addCookies"]>[0]>) {
  return async (code: string) => {
    const context = await browser.newContext();
    try {
      await context.addCookies(await cookies());
      const page = await context.newPage();
      await page.goto(`${origin}/apps/crm-sync/connections?q=${encodeURIComponent(code.toLowerCase().replace("-", " "))}`);
      return await page.getByRole("region", { name: `Support code ${code}` }).innerText();
    } finally {
      await context.close();
    }
  };
}

const test = base.extend<{ look: (code: string) => Promise<string> }>({
  look: async ({ browser, instance, signedIn }, use) => {
    await use(staff(browser, instance.server.origin, () => signedIn(SUPPORT)));
  },
});

test("they said no", async ({ page, instance, endUser, person, look }) => {
  const session = await instance.backend.invite(person, { providers: ["oidc"] });
  await endUser.open(session);
  await endUser.pressConnect("OIDC Test");
  await endUser.atOidc("cancel");
  await expect(heading(page, words.hosted.denied("OIDC Test"))).toBeVisible();
  await isLookedUp(page, look, /They said no at the provider/);
  await (await goesOn(page, words.hosted.tryAgain)).click();
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected("OIDC Test");
});

test("the link has expired", async ({ page, instance, endUser, person, look, upstreams: { product } }) => {
  const session = await instance.backend.invite(person, { providers: ["oidc"], return_url: product.returnUrl });
  lapse(instance.server, session);
  expect((await endUser.open(session))?.status()).toBe(410);
  await expect(heading(page, words.hosted.expired)).toBeVisible();
  await isLookedUp(page, look, /was invited to connect/);
  await (await goesOn(page, words.hosted.back("CRM Sync"))).click();
  await expect(heading(page, "Integrations")).toBeVisible();
});

test("the attempt took too long", async ({ page, instance, endUser, person, upstreams: { apollo } }) => {
  const session = await instance.backend.invite(person, { providers: ["apollo"] });
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await page.waitForURL(/#\/oauth\/authorize\?/);
  const callback = apollo.decide([...new URLSearchParams(new URL(page.url()).hash.split("?")[1])] as [string, string][], "authorize");
  lapse(instance.server, session);
  await page.goto(callback);
  await expect(heading(page, words.hosted.tooLong)).toBeVisible();
  await goesOn(page, words.hosted.tryAgain);
  expect(apollo.tokenRequests("authorization_code")).toEqual([]);
});

test("the link was stopped", async ({ page, instance, endUser, person, look }) => {
  const session = await instance.backend.invite(person, { providers: ["oidc"] });
  await endUser.open(session);
  await page.getByRole("button", { name: words.hosted.stop }).click();
  await expect(heading(page, words.hosted.stopped)).toBeVisible();
  await endUser.open(session);
  await expect(heading(page, words.hosted.stopped)).toBeVisible();
  await isLookedUp(page, look, /The link was stopped/);
});

test("pressed twice, and the back button afterwards", async ({ page, instance, endUser, person }) => {
  const { backend } = instance;
  const session = await backend.invite(person, { providers: ["oidc"] });
  await endUser.open(session);
  await page.getByRole("button", { name: words.hosted.connect("OIDC Test") }).dblclick();
  // the second press takes the place of the first while that is on its way
  await expect(page).toHaveURL(/\/interaction\//);
  await page.waitForLoadState("networkidle");
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected("OIDC Test");
  const { body } = await backend.call("GET", `/connections?end_user=${person.id}`);
  expect(body.data).toHaveLength(1);
  // whoever goes back to the question sees that it is answered
  await endUser.open(session);
  await endUser.seesConnected("OIDC Test");
});

test("a permission was not given", async ({ page, instance, endUser, person, upstreams: { apollo } }) => {
  const session = await instance.backend.invite(person, { providers: ["apollo"] });
  apollo.faults.grantsOnly = ["contacts_search"];
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  await expect(page.getByRole("main")).toContainText("Not everything was allowed");
  await expect(page.getByRole("main")).toContainText("Update contacts");
});

test("another account: what works stays, and the person chooses", async ({ page, instance, endUser, person, look, upstreams }) => {
  const { backend } = instance;
  const { apollo } = upstreams;
  const first = await backend.invite(person, { providers: ["apollo"] });
  await endUser.open(first);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  const connection = await backend.connectionOf(first);
  const before = await backend.token(connection);
  const old = apollo.account;

  const comesBackWithAnother = async () => {
    newPerson(upstreams);
    apollo.account = { ...apollo.account, email: "dana@private.example" };
    const again = await backend.invite(person, { reconnect: connection });
    await endUser.open(again);
    await endUser.pressConnect(/Reconnect/);
    await endUser.atApollo("authorize");
    await expect(heading(page, words.hosted.otherAccount("Apollo"))).toBeVisible();
    await expect(page.getByRole("main")).toContainText("dana@private.example");
    return again;
  };
  await comesBackWithAnother();
  await isLookedUp(page, look, /approved another account/);
  expect((await backend.token(connection)).body.access_token).toBe(before.body.access_token);

  await test.step("the account that it was", async () => {
    apollo.account = old;
    await page.getByRole("button", { name: words.hosted.sameAccount }).click();
    await endUser.atApollo("authorize");
    await endUser.seesConnected("Apollo.io");
    expect((await backend.call("GET", `/connections?end_user=${person.id}`)).body.data).toHaveLength(1);
  });
  await test.step("keep both", async () => {
    const again = await comesBackWithAnother();
    await page.getByRole("button", { name: words.hosted.keepBoth }).click();
    await endUser.seesConnected("Apollo.io");
    expect(await backend.connectionOf(again)).not.toBe(connection);
    expect((await backend.call("GET", `/connections?end_user=${person.id}`)).body.data).toHaveLength(2);
  });
  await test.step("replace it", async () => {
    const again = await comesBackWithAnother();
    await page.getByRole("button", { name: words.hosted.replaceAccount }).click();
    await endUser.seesConnected("Apollo.io");
    expect(await backend.connectionOf(again)).toBe(connection);
  });
});

test("the same account once more is the same connection", async ({ page, instance, endUser, person }) => {
  const { backend } = instance;
  const connect = async () => {
    const session = await backend.invite(person, { providers: ["oidc"] });
    await endUser.open(session);
    await endUser.pressConnect("OIDC Test");
    await endUser.atOidc("consent", person.id);
    await endUser.seesConnected("OIDC Test");
    return backend.connectionOf(session);
  };
  const first = await connect();
  await expect(page.getByRole("main")).not.toContainText("connected before");
  expect(await connect()).toBe(first);
  await expect(page.getByRole("main")).toContainText("This account was connected before");
});

test("the connection to be renewed was revoked meanwhile", async ({ page, instance, endUser, person }) => {
  const { backend } = instance;
  const first = await backend.invite(person, { providers: ["apollo"] });
  await endUser.open(first);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  const connection = await backend.connectionOf(first);
  const again = await backend.invite(person, { reconnect: connection });
  await endUser.open(again);
  await endUser.pressConnect(/Reconnect/);
  await page.waitForURL(/#\/oauth\/authorize\?/);
  await backend.call("DELETE", `/connections/${connection}`);
  await endUser.atApollo("authorize");
  await expect(heading(page, words.hosted.connectionEnded)).toBeVisible();
  await (await goesOn(page, words.hosted.tryAgain)).click();
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  expect(await backend.connectionOf(again)).not.toBe(connection);
});

test("the backend did not complete", async ({ page, instance, endUser, person, upstreams: { product } }) => {
  const { backend } = instance;
  const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
  const session = await backend.invite(person, { providers: ["oidc"], return_url: product.returnUrl, code_challenge: challenge });
  await endUser.open(session);
  await endUser.pressConnect("OIDC Test");
  await endUser.atOidc("consent", person.id);
  await expect(heading(page, "Integrations")).toBeVisible();
  lapse(instance.server, session);
  const late = await backend.call("POST", `/connect-sessions/${session.id}/complete`, {
    connect_code: new URL(page.url()).searchParams.get("connect_code"),
    end_user_id: person.id,
    code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  });
  expect(late).toMatchObject({ status: 410, body: { code: "connect_code_expired" } });
});
