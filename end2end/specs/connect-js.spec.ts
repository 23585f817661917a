// `connect.js` in the pages of a product on another origin: the window, a window that a provider cut off,
// no window at all, and what an origin hears that the application did not register.

import { type Browser, type Page, chromium, devices } from "@playwright/test";
import { type Noted, type Product, startProduct } from "../stand-ins/product.mjs";
import type { Backend } from "../support/backend.mjs";
import { CHROMIUM } from "../support/browser.ts";
import { policy } from "../support/headers.ts";
import type { Instance } from "../support/instance.ts";
import { EndUser } from "../support/people.ts";
import { type Person, expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

declare global {
  interface Window {
    noted: Noted[];
  }
}

const PROVIDER = "OIDC Test";
const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

/** The sessions that the product's backend made for one person, the newest last. */
function invites(product: Product, backend: Backend, person: Person, more = {}) {
  const sessions: Awaited<ReturnType<Backend["invite"]>>[] = [];
  product.invite = async () => {
    const session = await backend.invite(person, { providers: ["oidc"], return_url: product.returnUrl, ...more });
    sessions.push(session);
    return session.url;
  };
  return sessions;
}

const script = (instance: Instance) => `<script src="${instance.server.origin}/connect.js" defer></script>`;
const BUTTON = '<grantport-connect endpoint="/connect" label="Connect"><a href="/connect">Connect here</a></grantport-connect>';

/** A page of the product with the button. */
const withButton = (product: Product, instance: Instance) => product.put("/button", { head: script(instance), body: BUTTON });

const connectButton = (page: Page) => page.getByRole("button", { name: "Connect", exact: true });

/** Presses the button; the window that opens. */
async function popupOf(page: Page) {
  const opened = page.waitForEvent("popup");
  await connectButton(page).click();
  return opened;
}

/** What the page of the product wrote down. */
const noted = (page: Page, event: string) =>
  page.evaluate((wanted) => window.noted.filter((one) => one.event === wanted), event);

const resultsOf = async (page: Page) =>
  (await page.evaluate(() => window.noted.filter(({ event }) => event.startsWith("grantport:")))).map(({ event, detail }) => ({
    event,
    ...detail,
  }));

/** Connects on this page, and ends on the return URL with the result. */
async function comesBack(page: Page, browser: Browser, instance: Instance, product: Product, person: Person) {
  product.put("/integrations", { head: script(instance) });
  const endUser = new EndUser(page, browser, true);
  await endUser.pressConnect(PROVIDER);
  await endUser.atOidc("consent", person.id);
  await expect(heading(page, "Integrations")).toBeVisible();
  return page.evaluate(() => Grantport.result());
}

test.describe("in a browser with scripts", () => {
  test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, "connect.js is a script");

  test("a window opens in the click, closes itself, and the page knows", async ({ page, browser, instance, person, upstreams: { product } }) => {
    const sessions = invites(product, instance.backend, person);
    await page.goto(withButton(product, instance));
    await connectButton(page).focus();
    const opened = page.waitForEvent("popup");
    await page.keyboard.press("Enter");
    const popup = await opened;
    await expect(connectButton(page)).toBeDisabled();
    await expect(connectButton(page)).toHaveAttribute("aria-busy", "true");

    const inWindow = new EndUser(popup, browser, true);
    await expect(heading(popup, words.hosted.ask("CRM Sync", PROVIDER))).toBeVisible();
    expect(new URL(popup.url()).searchParams.get("opener")).toBe(product.origin);
    await inWindow.pressConnect(PROVIDER);
    const last = popup.waitForResponse((response) => response.url().includes("/outcome/"));
    const closed = popup.waitForEvent("close");
    await inWindow.atOidc("consent", person.id);
    expect(policy((await last).headers()).get("script-src"), "a file of ours, and no other script").toEqual(["'self'"]);
    await closed;

    const [session] = sessions;
    await expect.poll(() => resultsOf(page)).toEqual([
      { event: "grantport:connected", status: "connected", session: session.id },
    ]);
    expect(await noted(page, "message"), "a message holds nothing else").toEqual([
      {
        event: "message",
        origin: instance.server.origin,
        data: { source: "grantport", session: session.id, status: "connected" },
      },
    ]);
    await expect(connectButton(page)).toBeEnabled();
    await expect(connectButton(page)).toBeFocused();
    expect((await instance.backend.outcome(session)).status).toBe("connected");
    expect(sessions).toHaveLength(1);
  });

  test("a person says no, tries again in the same window, and the page hears both", async ({ page, browser, instance, person, upstreams: { product } }) => {
    const sessions = invites(product, instance.backend, person);
    await page.goto(withButton(product, instance));
    const popup = await popupOf(page);
    const inWindow = new EndUser(popup, browser, true);
    await inWindow.pressConnect(PROVIDER);
    await inWindow.atOidc("cancel");
    const session = () => sessions[0].id;
    await expect.poll(() => resultsOf(page)).toEqual([
      { event: "grantport:failed", status: "denied", session: session(), error: "access_denied" },
    ]);
    await expect(connectButton(page)).toBeEnabled();

    // longer than a window that worked stays
    await page.waitForTimeout(2_000);
    expect(popup.isClosed()).toBe(false);
    const closed = popup.waitForEvent("close");
    await popup.getByRole("button", { name: words.hosted.tryAgain }).click();
    await inWindow.atOidc("consent", person.id);
    await closed;
    await expect.poll(async () => (await resultsOf(page)).at(-1)).toEqual({
      event: "grantport:connected",
      status: "connected",
      session: session(),
    });
  });

  test("a provider that cuts the window off costs nothing", async ({ page, browser, instance, person, upstreams: { oidc, product } }) => {
    const sessions = invites(product, instance.backend, person);
    oidc.alone = true;
    await page.goto(withButton(product, instance));
    const popup = await popupOf(page);
    const inWindow = new EndUser(popup, browser, true);
    await inWindow.pressConnect(PROVIDER);
    await popup.waitForURL(/\/interaction\//);
    expect(await popup.evaluate(() => window.opener), "the provider's page is cut off").toBeNull();
    // it reads as closed, so the person may begin again; nothing is taken for a result
    await expect(connectButton(page)).toBeEnabled();
    expect(await resultsOf(page)).toEqual([]);

    await inWindow.atOidc("consent", person.id);
    await inWindow.seesConnected(PROVIDER);
    await expect.poll(() => resultsOf(page)).toEqual([
      { event: "grantport:connected", status: "connected", session: sessions[0].id },
    ]);
    expect(await noted(page, "message")).toEqual([]);
  });

  test("where the browser blocks windows, the page itself goes there and comes back", async ({ instance, person, upstreams: { product } }) => {
    const sessions = invites(product, instance.backend, person);
    const address = product.put("/begins-by-itself", {
      head: script(instance),
      body: `<script>
        addEventListener("DOMContentLoaded", () => {
          const url = () => fetch("/connect", { method: "POST" }).then((answer) => answer.json()).then(({ url }) => url);
          Grantport.connect({ url });
        });
      </script>`,
    });
    const { launchOptions } = test.info().project.use;
    // no click stands behind this window, and this browser minds
    const strict = await chromium.launch({
      ...launchOptions,
      executablePath: CHROMIUM,
      ignoreDefaultArgs: ["--disable-popup-blocking"],
    });
    try {
      const page = await strict.newPage();
      let windows = 0;
      page.on("popup", () => (windows += 1));
      await page.goto(address);
      await expect(heading(page, words.hosted.ask("CRM Sync", PROVIDER))).toBeVisible();
      expect(windows).toBe(0);
      expect(await comesBack(page, strict, instance, product, person)).toEqual({ session: sessions[0].id, status: "connected" });
    } finally {
      await strict.close();
    }
  });

  test("on a phone the page itself goes there and comes back", async ({ browser, instance, person, upstreams: { product } }) => {
    const { defaultBrowserType: _, ...phone } = devices["Pixel 7"];
    const sessions = invites(product, instance.backend, person);
    const context = await browser.newContext(phone);
    try {
      const page = await context.newPage();
      await page.goto(withButton(product, instance));
      await connectButton(page).tap();
      await expect(heading(page, words.hosted.ask("CRM Sync", PROVIDER))).toBeVisible();
      expect(context.pages()).toHaveLength(1);
      expect(new URL(page.url()).search, "nobody waits in another window").toBe("");

      // coming back by the back button, the button can be pressed again
      await page.goBack();
      await expect(connectButton(page)).toBeEnabled();
      await connectButton(page).tap();
      expect(await comesBack(page, browser, instance, product, person)).toEqual({ session: sessions[1].id, status: "connected" });
    } finally {
      await context.close();
    }
  });

  test("an origin that is not registered gets no message and no status", async ({ page, browser, instance, person, upstreams: { product } }) => {
    test.setTimeout(90_000);
    const stranger = await startProduct();
    try {
      const sessions = invites(stranger, instance.backend, person, { return_url: product.returnUrl });
      const address = stranger.put("/begins", {
        head: script(instance),
        body: `<button>Begin</button><script>
          document.querySelector("button").addEventListener("click", () => {
            const url = () => fetch("/connect", { method: "POST" }).then((answer) => answer.json()).then(({ url }) => url);
            Grantport.connect({ url }).then(
              (detail) => note("result", { detail }),
              ({ code }) => note("refused", { code }),
            );
          });
        </script>`,
      });
      await page.goto(address);
      const opened = page.waitForEvent("popup");
      await page.getByRole("button", { name: "Begin" }).click();
      const popup = await opened;
      await expect(heading(popup, words.hosted.ask("CRM Sync", PROVIDER))).toBeVisible();
      expect(await popup.locator("input[name=opener]").count(), "nothing is taken along").toBe(0);
      const inWindow = new EndUser(popup, browser, true);
      await inWindow.pressConnect(PROVIDER);
      await inWindow.atOidc("consent", person.id);
      // nobody waits for this window, as far as the application has said, so it ends where all others do
      await expect(heading(popup, "Integrations")).toBeVisible();
      expect(popup.url()).toContain(`${product.returnUrl}?session=${sessions[0].id}`);

      const status = `${new URL(sessions[0].url).href}/status`;
      const read = await page.evaluate((address) => fetch(address).then(() => "read", () => "refused"), status);
      expect(read).toBe("refused");
      await expect.poll(() => noted(page, "refused"), { timeout: 40_000 }).toEqual([{ event: "refused", code: "status_unreadable" }]);
      expect(await noted(page, "message")).toEqual([]);
      expect(await noted(page, "result")).toEqual([]);
      expect((await instance.backend.outcome(sessions[0])).status, "the backend knows").toBe("connected");
    } finally {
      await stranger.close();
    }
  });

  test("a message from elsewhere changes nothing, whatever it says", async ({ page, instance, person, upstreams: { product } }) => {
    const sessions = invites(product, instance.backend, person);
    await page.goto(withButton(product, instance));
    const popup = await popupOf(page);
    await expect(heading(popup, words.hosted.ask("CRM Sync", PROVIDER))).toBeVisible();
    await page.evaluate((session) => {
      postMessage({ source: "grantport", session, status: "connected" }, location.origin);
    }, sessions[0].id);
    await page.waitForTimeout(1_500);
    expect(await resultsOf(page)).toEqual([]);
    expect(popup.isClosed()).toBe(false);
    await popup.close();
    // closed by hand: the person may press the button again
    await expect(connectButton(page)).toBeEnabled();
    expect(await resultsOf(page)).toEqual([]);
  });

  test("what is no link of ours is not opened, and a backend that fails is told", async ({ page, instance, upstreams: { product } }) => {
    product.invite = async () => {
      throw new Error("down");
    };
    await page.goto(withButton(product, instance));
    const popup = await popupOf(page);
    await expect.poll(() => popup.isClosed()).toBe(true);
    await expect.poll(() => resultsOf(page)).toEqual([
      { event: "grantport:failed", status: "failed", session: "", error: "not_started" },
    ]);
    for (const url of ["javascript:document.title='ran'", "", "/connect"]) {
      const code = await page.evaluate((url) => Grantport.connect({ url }).catch((error) => error.code), url);
      expect(code, url).toBe("bad_url");
    }
    expect(await page.title()).toBe("Product");
  });
});

test("without JavaScript the link inside is a link", async ({ browser, instance, person, upstreams: { product } }) => {
  const sessions = invites(product, instance.backend, person);
  const context = await browser.newContext({ javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.goto(withButton(product, instance));
    await page.getByRole("link", { name: "Connect here" }).click();
    await expect(heading(page, words.hosted.ask("CRM Sync", PROVIDER))).toBeVisible();
    const endUser = new EndUser(page, browser, false);
    await endUser.pressConnect(PROVIDER);
    await endUser.atOidc("consent", person.id);
    await expect(heading(page, "Integrations")).toBeVisible();
    expect((await instance.backend.outcome(sessions[0])).status).toBe("connected");
  } finally {
    await context.close();
  }
});

test("the script may be loaded by every page, and what it weighs is little", async ({ instance, request }) => {
  const loaded = await request.get(`${instance.server.origin}/connect.js`, { headers: { "accept-encoding": "br" } });
  expect(loaded.status()).toBe(200);
  expect(loaded.headers()).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "content-encoding": "br",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=3600",
    "x-content-type-options": "nosniff",
  });
  expect(Number(loaded.headers()["content-length"])).toBeLessThan(4096);
});
