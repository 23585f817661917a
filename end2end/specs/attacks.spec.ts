// Two browsers, one of them a victim's: what somebody tries who wants another person's account.

import { createHash, randomBytes } from "node:crypto";
import type { Browser, Page } from "@playwright/test";
import type { Backend } from "../support/backend.mjs";
import { EndUser } from "../support/people.ts";
import { expect, newPerson, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

/** Another person at another computer. */
async function elsewhere<T>(browser: Browser, javaScriptEnabled: boolean, work: (endUser: EndUser, page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ javaScriptEnabled });
  try {
    const page = await context.newPage();
    return await work(new EndUser(page, browser, javaScriptEnabled), page);
  } finally {
    await context.close();
  }
}

/** What a backend keeps in its own user's session, and what it tells us of it. */
function proofKey() {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

async function connections(backend: Backend, endUser: string) {
  return (await backend.call("GET", `/connections?end_user=${encodeURIComponent(endUser)}`)).body.data;
}

test("fixation: a link that was begun for the attacker connects nothing of the victim's", async ({ page, browser, javaScriptEnabled, instance, endUser, person, upstreams }) => {
  const { backend } = instance;
  const { product } = upstreams;
  const attacker = { id: `${person.id}_attacker`, name: "Mallory Reyes", email: "mallory@evil.example" };
  const { challenge } = proofKey();
  const session = await backend.invite(attacker, { providers: ["apollo"], return_url: product.returnUrl, code_challenge: challenge });

  // the victim follows the link that was sent, and approves in their own browser
  await elsewhere(browser, javaScriptEnabled !== false, async (victim, theirs) => {
    await victim.open(session);
    await expect(theirs.getByRole("main")).toContainText("Mallory Reyes");
    await expect(theirs.getByRole("button", { name: words.hosted.stop })).toBeVisible();
    await victim.pressConnect("Apollo.io");
    await victim.atApollo("authorize");
    await expect(heading(theirs, "Integrations")).toBeVisible();
    const code = new URL(theirs.url()).searchParams.get("connect_code") ?? "";

    // the product's backend completes in the session of whoever came: the victim's
    const refused = await backend.call("POST", `/connect-sessions/${session.id}/complete`, {
      connect_code: code,
      end_user_id: person.id,
    });
    expect(refused).toMatchObject({ status: 409, body: { code: "completion_refused" } });
  });
  expect(upstreams.apollo.tokenRequests("authorization_code"), "nothing was exchanged").toEqual([]);
  expect(await connections(backend, attacker.id)).toEqual([]);
  expect(await connections(backend, person.id)).toEqual([]);
  expect(await backend.outcome(session)).toMatchObject({ status: "failed", error: { code: "other_person" } });
  await endUser.open(session);
  await expect(page.getByRole("main")).toContainText("Mallory Reyes");
});

test("fixation: a stolen connect code is worth nothing without the verifier", async ({ page, instance, endUser, person, upstreams: { apollo, product } }) => {
  const { backend } = instance;
  const { verifier, challenge } = proofKey();
  const invite = () => backend.invite(person, { providers: ["apollo"], return_url: product.returnUrl, code_challenge: challenge });
  const approve = async (session: { id: string; url: string }) => {
    await endUser.open(session);
    await endUser.pressConnect("Apollo.io");
    await endUser.atApollo("authorize");
    await expect(heading(page, "Integrations")).toBeVisible();
    return new URL(page.url()).searchParams.get("connect_code");
  };
  const complete = (session: { id: string }, proof: object) =>
    backend.call("POST", `/connect-sessions/${session.id}/complete`, { end_user_id: person.id, ...proof });

  const stolen = await invite();
  const code = await approve(stolen);
  expect(await backend.outcome(stolen)).toMatchObject({ status: "awaiting_completion" });
  expect(await complete(stolen, { connect_code: code, code_verifier: "guessed" })).toMatchObject({ status: 409 });
  expect(await complete(stolen, { connect_code: code, code_verifier: verifier })).toMatchObject({ status: 409 });
  expect(apollo.tokenRequests("authorization_code")).toEqual([]);

  const own = await invite();
  const done = await complete(own, { connect_code: await approve(own), code_verifier: verifier });
  expect(done).toMatchObject({ status: 200, body: { status: "connected" } });
  expect(apollo.tokenRequests("authorization_code")).toHaveLength(1);
});

test("link sharing: what was begun in one browser ends in no other", async ({ browser, javaScriptEnabled, instance, endUser, person }) => {
  const { backend } = instance;
  const session = await backend.invite(person, { providers: ["apollo"] });
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  const outcome = endUser.page.url();
  await elsewhere(browser, javaScriptEnabled !== false, async (_, theirs) => {
    expect((await theirs.goto(session.url))?.status()).toBe(410);
    await expect(heading(theirs, words.hosted.otherLink)).toBeVisible();
    expect((await theirs.goto(outcome))?.status()).toBe(400);
    await expect(heading(theirs, words.hosted.otherBrowser)).toBeVisible();
  });
  expect(await connections(backend, person.id)).toHaveLength(1);
});

/** Somebody approves at the authorization server, and what it sends back is caught before it arrives. */
async function caught({ page }: EndUser, origin: string, login: string): Promise<URL> {
  await page.waitForURL(/\/interaction\//);
  const signIn = page.getByRole("button", { name: words.standIns.oidc.signIn });
  if (await signIn.isVisible()) {
    await page.getByPlaceholder(words.standIns.oidc.login).fill(login);
    await page.getByPlaceholder(words.standIns.oidc.password).fill("any");
    await signIn.click();
  }
  await expect(page.getByRole("button", { name: words.standIns.oidc.consent })).toBeVisible();
  const form = await page.locator("form").getAttribute("action");
  let answer = await page.request.post(new URL(form ?? "", page.url()).href, { form: { prompt: "consent" }, maxRedirects: 0 });
  for (let hops = 0; hops < 5; hops += 1) {
    const next = new URL(answer.headers().location ?? "", answer.url());
    if (next.origin === origin) return next;
    answer = await page.request.get(next.href, { maxRedirects: 0 });
  }
  throw new Error("it never sent anybody back");
}

test("code injection: a code from another browser's attempt is refused by the provider", async ({ page, browser, javaScriptEnabled, instance, endUser, person }) => {
  const { backend, server } = instance;
  const victim = { ...person, id: `${person.id}_victim` };
  const theirs = await backend.invite(victim, { providers: ["oidc"] });
  const stolen = await elsewhere(browser, javaScriptEnabled !== false, async (they) => {
    await they.open(theirs);
    await they.pressConnect("OIDC Test");
    return caught(they, server.origin, victim.id);
  });

  // the attacker has an attempt of their own, and comes back with the victim's code
  const own = await backend.invite(person, { providers: ["oidc"] });
  await endUser.open(own);
  await endUser.pressConnect("OIDC Test");
  const injected = await caught(endUser, server.origin, person.id);
  injected.searchParams.set("code", stolen.searchParams.get("code") ?? "");
  await page.goto(injected.href);
  await expect(heading(page, words.hosted.providerError("OIDC Test"))).toBeVisible();
  expect(await connections(backend, person.id)).toEqual([]);
});

test("mix-up: the state of one provider is nothing at another", async ({ page, instance, endUser, person, upstreams: { apollo } }) => {
  const { backend } = instance;
  const session = await backend.invite(person, { providers: ["apollo"] });
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await page.waitForURL(/#\/oauth\/authorize\?/);
  const callback = apollo.decide([...new URLSearchParams(new URL(page.url()).hash.split("?")[1])] as [string, string][], "authorize");
  const elsewhere = new URL(callback);
  elsewhere.pathname = new URL(await backend.redirectUri("oidc")).pathname;
  expect((await page.goto(elsewhere.href))?.status()).toBe(400);
  await expect(heading(page, words.hosted.unknownAnswer)).toBeVisible();
  expect(apollo.tokenRequests("authorization_code")).toEqual([]);
  // nothing was used up on the wrong path
  await page.goto(callback);
  await endUser.seesConnected("Apollo.io");
});

test("no page of the flow can be framed, and no other site can press its buttons", async ({ page, instance, person, upstreams }) => {
  const { backend } = instance;
  newPerson(upstreams);
  const session = await backend.invite(person, { providers: ["apollo"] });
  const attack = `<iframe id="frame" src="${session.url}"></iframe>
    <form method="post" action="${session.url}/start"><input name="provider" value="apollo"><button>Win a prize</button></form>`;
  await page.route("https://evil.example/", (route) => route.fulfill({ contentType: "text/html", body: attack }));
  await page.goto("https://evil.example/");
  await expect(page.frameLocator("#frame").getByRole("button")).toHaveCount(0);
  const [answer] = await Promise.all([
    page.waitForResponse(`${session.url}/start`),
    page.getByRole("button", { name: "Win a prize" }).click(),
  ]);
  expect(answer.status()).toBe(403);
  expect(upstreams.apollo.log).toEqual([]);
  expect((await backend.outcome(session)).status).toBe("pending");
});
