// The people of the story, as far as they touch pages: the admin (and support staff) in the portal,
// and the end user on the hosted pages and at the provider.

import { type Browser, type Locator, type Page, expect } from "@playwright/test";
import { API_KEY } from "./server.mjs";
import * as words from "./words.ts";

const SUPPORT_CODE = /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/;

/** Waits until a page says something of this shape, since the press of a button does not wait, and answers it. */
export async function read(page: Page, shape: RegExp) {
  let found = "";
  await expect(async () => {
    found = (await page.content()).match(shape)?.[0] ?? "";
    expect(found, `the page says ${shape}`).not.toBe("");
  }).toPass({ timeout: 10_000 });
  return found;
}

/** A member at the portal. */
export class Member {
  constructor(
    readonly page: Page,
    readonly origin: string,
  ) {}

  open(path: string) {
    return this.page.goto(this.origin + path);
  }

  get main(): Locator {
    return this.page.getByRole("main");
  }

  async setUp(token: string, member: { organization: string; name: string; email: string; password: string }) {
    await this.open(words.setUp.path);
    const { page } = this;
    await page.getByLabel(words.setUp.token, { exact: true }).fill(token);
    await page.getByLabel(words.setUp.organization, { exact: true }).fill(member.organization);
    await page.getByLabel(words.setUp.name, { exact: true }).fill(member.name);
    await page.getByLabel(words.setUp.email, { exact: true }).fill(member.email);
    await page.getByLabel(words.setUp.password, { exact: true }).fill(member.password);
    await page.getByRole("button", { name: words.setUp.submit, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: words.applications.heading })).toBeVisible();
  }

  async signIn(email: string, password: string) {
    await this.open(words.signIn.path);
    await this.fillSignIn(email, password);
    await expect(this.page.getByRole("heading", { level: 1, name: words.applications.heading })).toBeVisible();
  }

  async fillSignIn(email: string, password: string) {
    await this.page.getByLabel(words.signIn.email, { exact: true }).fill(email);
    await this.page.getByLabel(words.signIn.password, { exact: true }).fill(password);
    await this.page.getByRole("button", { name: words.signIn.submit, exact: true }).click();
  }

  async signOut() {
    // the menu of the account is folded at first, and on a phone the navigation is too
    const button = this.page.getByRole("button", { name: words.navigation.signOut });
    if (!(await button.isVisible())) await this.page.locator("details.side__foot > summary").click();
    await button.click();
    await expect(this.page.getByRole("heading", { level: 1, name: words.signIn.heading })).toBeVisible();
  }

  /** Makes an application by its form; answers its slug. */
  async createApplication(name: string, returnUrl = "https://app.acme.example/integrations") {
    await this.open(words.applications.path);
    await this.page.getByRole("link", { name: words.applications.add }).first().click();
    await this.main.getByLabel(words.applications.name, { exact: true }).fill(name);
    await this.main.getByLabel(words.applications.returnUrls, { exact: true }).fill(returnUrl);
    await this.main.getByRole("button", { name: words.applications.save, exact: true }).click();
    await this.page.waitForURL(/\/apps\/(?!new\b)[a-z0-9-]+(\?|$)/);
    return new URL(this.page.url()).pathname.split("/")[2];
  }

  /** From the list of providers to the form of a definition, by search. */
  async chooseDefinition(application: string, name: string) {
    await this.open(`/apps/${application}/providers`);
    await this.page.getByRole("link", { name: words.providers.add }).first().click();
    await expect(this.page.getByRole("heading", { level: 1, name: words.providers.add })).toBeVisible();
    await this.page.getByLabel(words.providers.search).fill(name);
    await this.main.getByRole("button", { name: words.providers.searchButton, exact: true }).click();
    await this.main.getByRole("link", { name, exact: true }).click();
    await expect(this.page.getByRole("heading", { level: 1, name })).toBeVisible();
  }

  /** Ticks a scope wherever it is folded away. */
  async tickScope(name: string) {
    const fold = this.main.locator("details", { has: this.page.locator(`input[type=checkbox][value="${name}"]`) });
    if ((await fold.count()) > 0 && (await fold.getAttribute("open")) === null) {
      await fold.locator("summary").click();
    }
    await this.main.getByRole("checkbox", { name: new RegExp(`(^|\\s)${name}(\\s|$)`) }).check();
  }

  redirectUri() {
    return this.main.getByLabel(words.providers.redirectUri, { exact: true }).inputValue();
  }

  async pasteCredentials(clientId: string, clientSecret: string) {
    await this.main.getByLabel(words.providers.clientId, { exact: true }).fill(clientId);
    await this.main.getByLabel(words.providers.clientSecret, { exact: true }).fill(clientSecret);
  }

  /** Saves the provider form, and reads that it is active. */
  async saveProvider() {
    await this.main.getByRole("button", { name: words.providers.save, exact: true }).click();
    await expect(this.main.getByText(words.providers.active, { exact: true }).first()).toBeVisible();
  }

  /** Makes an API key and reads it, the only time that it is shown. */
  async makeKey(application: string, name: string) {
    await this.open(`/apps/${application}/keys`);
    await this.main.getByLabel(words.keys.name, { exact: true }).fill(name);
    await this.main.getByRole("button", { name: words.keys.make, exact: true }).click();
    return read(this.page, API_KEY);
  }

  /** Finds a connection by its account and opens it. */
  async findConnection(application: string, account: string) {
    await this.open(`/apps/${application}/connections`);
    await this.main.getByLabel(words.connections.search).fill(account);
    await this.main.getByRole("button", { name: words.connections.filter, exact: true }).click();
    await this.main.getByRole("row", { name: account }).getByRole("link").first().click();
    await expect(this.page.getByRole("heading", { name: words.connections.history })).toBeVisible();
  }

  /** Revokes the connection that is open; ends on the receipt. */
  async revoke(reason: string, note: string) {
    await this.main.getByRole("link", { name: words.connections.revoke, exact: true }).click();
    await this.main.getByRole("radio", { name: reason }).check();
    await this.main.getByLabel(words.revocation.note, { exact: true }).fill(note);
    await this.main.getByRole("button", { name: words.revocation.submit, exact: true }).click();
    await expect(this.page.getByRole("heading", { level: 1, name: /^Revoked: / })).toBeVisible();
  }
}

/** An end user with a browser, who was given the address of a connect session. */
export class EndUser {
  constructor(
    readonly page: Page,
    private readonly browser: Browser,
    private readonly javaScript: boolean,
  ) {}

  open(session: { url: string }) {
    return this.page.goto(session.url);
  }

  /** Reads the code that somebody would read out on the phone. */
  supportCode() {
    return read(this.page, SUPPORT_CODE);
  }

  async pressConnect(provider: string | RegExp) {
    const name = typeof provider === "string" ? words.hosted.connect(provider) : provider;
    await this.page.getByRole("button", { name }).click();
  }

  /**
   * Decides on Apollo's page. That page is a script; where this browser runs none, another one reads it
   * and this one goes on from the address to which Apollo sends it back.
   */
  async atApollo(decision: "authorize" | "cancel") {
    await this.page.waitForURL(/#\/oauth\/authorize\?/);
    const name = words.standIns.apollo[decision];
    if (this.javaScript) {
      await this.page.getByRole("button", { name }).click();
      return;
    }
    const context = await this.browser.newContext({ javaScriptEnabled: true });
    try {
      const other = await context.newPage();
      const back = new Promise<string>((found) =>
        other.route("**/oauth/callback/**", (route) => {
          found(route.request().url());
          return route.abort();
        }),
      );
      await other.goto(this.page.url());
      await other.getByRole("button", { name }).click();
      await this.page.goto(await back);
    } finally {
      await context.close();
    }
  }

  /** Signs in (unless that was done before) and consents at the authorization server, or cancels. */
  async atOidc(decision: "consent" | "cancel", login = "dana") {
    const { page } = this;
    await page.waitForURL(/\/interaction\//);
    if (decision === "cancel") {
      await page.getByRole("link", { name: words.standIns.oidc.cancel }).click();
      return;
    }
    const signIn = page.getByRole("button", { name: words.standIns.oidc.signIn });
    if (await signIn.isVisible()) {
      await page.getByPlaceholder(words.standIns.oidc.login).fill(login);
      await page.getByPlaceholder(words.standIns.oidc.password).fill("any");
      await signIn.click();
    }
    await page.getByRole("button", { name: words.standIns.oidc.consent }).click();
  }

  async seesConnected(provider: string | RegExp) {
    const name = typeof provider === "string" ? words.hosted.done(provider) : provider;
    await expect(this.page.getByRole("heading", { level: 1, name })).toBeVisible();
  }
}
