// A tour of every page there is, on an instance with something of everything: for looking at pages one
// by one (accessibility, headers, screenshots).

import type { Browser, Page } from "@playwright/test";
import { SHORT_LIFE_S } from "../stand-ins/oidc.mjs";
import { APPLICATION, type Instance, type Upstreams } from "./instance.ts";
import { EndUser } from "./people.ts";
import type { Grantport } from "./server.mjs";
import * as words from "./words.ts";

/** Ids of connections in each state. */
export interface Furniture {
  active: string;
  broken: string;
  revoked: string;
}

/** What a stop may use to get to its page. */
export interface Guide {
  page: Page;
  instance: Instance;
  upstreams: Upstreams;
  doorstep: Grantport;
  endUser: EndUser;
  furniture: Furniture;
}

/** One page of the tour. */
export interface Stop {
  name: string;
  /** Who sees it; a member has to be signed in before. */
  who: "nobody" | "member" | "end user";
  /** Goes there. */
  visit: (guide: Guide) => Promise<unknown>;
  /** It stands in the README. */
  inReadme?: boolean;
  /** Its words are made from a document that has tests of its own, so there is no snapshot of them. */
  generated?: boolean;
}

const PEOPLE = {
  dana: { id: "user_1", name: "Dana Whitfield", email: "dana@northwind.example" },
  kenji: { id: "user_2", name: "Kenji Mori", email: "k.mori@northwind.example" },
  sam: { id: "user_3", name: "Sam Adeyemi", email: "sam@fabrikam.example" },
};

/** Connects three people: one works, one needs a person, one was revoked. */
export async function furnish(browser: Browser, { backend }: Instance, { apollo, oidc }: Upstreams): Promise<Furniture> {
  async function connect(person: (typeof PEOPLE)["dana"], slug: string, provider: string) {
    const context = await browser.newContext({ javaScriptEnabled: true });
    try {
      const endUser = new EndUser(await context.newPage(), browser, true);
      const session = await backend.invite(person, { providers: [slug] });
      await endUser.open(session);
      await endUser.pressConnect(provider);
      await (slug === "apollo" ? endUser.atApollo("authorize") : endUser.atOidc("consent", person.email.split("@")[0]));
      await endUser.seesConnected(provider);
      return await backend.connectionOf(session);
    } finally {
      await context.close();
    }
  }
  apollo.account = { ...apollo.account, id: "acc_1", name: PEOPLE.dana.name, email: PEOPLE.dana.email };
  const active = await connect(PEOPLE.dana, "apollo", "Apollo.io");
  await backend.token(active);
  const broken = await connect(PEOPLE.kenji, "oidc-short", "OIDC Test");
  const revoked = await connect(PEOPLE.sam, "oidc-post", "OIDC Test in the body");
  await backend.call("DELETE", `/connections/${revoked}`);
  oidc.endGrants("k.mori");
  await new Promise((later) => setTimeout(later, SHORT_LIFE_S * 1000 + 100));
  const { body } = await backend.token(broken);
  if (body.code !== "reconnect_required") throw new Error(`the broken connection is not: ${JSON.stringify(body)}`);
  return { active, broken, revoked };
}

const app = `/apps/${APPLICATION.slug}`;

const nobody = (name: string, path: string): Stop => ({
  name,
  who: "nobody",
  visit: ({ page, instance }) => page.goto(instance.server.origin + path),
});

const member = (name: string, path: string | ((furniture: Furniture) => string), inReadme = false): Stop => ({
  name,
  who: "member",
  inReadme,
  visit: ({ page, instance, furniture }) =>
    page.goto(instance.server.origin + (typeof path === "string" ? path : path(furniture))),
});

const endUser = (name: string, visit: Stop["visit"], inReadme = false): Stop => ({ name, who: "end user", visit, inReadme });

/** An invitation that nobody has followed yet, for a person whom Apollo knows under a new account. */
async function invitation({ instance, upstreams: { apollo } }: Guide, slug: string) {
  invitations += 1;
  apollo.account = { ...apollo.account, id: `acc_${100 + invitations}` };
  return instance.backend.invite({ ...PEOPLE.dana, id: `user_${100 + invitations}` }, { providers: [slug] });
}
let invitations = 0;

async function connectApollo(guide: Guide) {
  await guide.endUser.open(await invitation(guide, "apollo"));
  await guide.endUser.pressConnect("Apollo.io");
  await guide.endUser.atApollo("authorize");
  await guide.endUser.seesConnected("Apollo.io");
}

/** Every page, the ones that change nothing first. */
export const TOUR: Stop[] = [
  {
    name: "setup",
    who: "nobody",
    visit: ({ page, doorstep }) => page.goto(doorstep.origin + words.setUp.path),
  },
  nobody("signin", words.signIn.path),
  nobody("invitation-over", "/invitations/made-up"),
  nobody("not-found", "/nothing/stands/here"),
  nobody("practice-desk", words.practice.path),
  { ...nobody("api-reference", "/docs/api"), generated: true },
  member("applications", words.applications.path),
  member("application-new", words.applications.newPath),
  member("overview-first-run", "/apps/lab"),
  member("overview", app),
  member("providers", `${app}/providers`),
  member("gallery", `${app}/providers/new`),
  member("gallery-nothing-found", `${app}/providers/new?q=nobody-makes-this`),
  member("provider-new-apollo", `${app}/providers/new/apollo`, true),
  member("provider-new-salesforce", `${app}/providers/new/salesforce`),
  member("provider-new-gitlab", `${app}/providers/new/gitlab`),
  member("provider-new-custom", `${app}/providers/new/custom`),
  {
    name: "provider-new-custom-found",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(`${instance.server.origin}${app}/providers/new/custom`);
      const main = page.getByRole("main");
      await main.getByLabel(words.customProvider.issuer, { exact: true }).fill("https://oidc.test");
      await main.getByRole("button", { name: words.customProvider.lookUp, exact: true }).click();
      await page.getByRole("heading", { name: words.customProvider.found }).waitFor();
    },
  },
  {
    name: "provider-new-apollo-refused",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(`${instance.server.origin}${app}/providers/new/apollo`);
      const main = page.getByRole("main");
      await main.getByLabel(words.providers.clientId, { exact: true }).fill("not an id");
      await main.getByLabel(words.providers.clientSecret, { exact: true }).fill("not a secret");
      await main.getByRole("button", { name: words.providers.save, exact: true }).click();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "provider-scopes-preview",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(`${instance.server.origin}${app}/providers/apollo`);
      const main = page.getByRole("main");
      const box = main.locator("input[type=checkbox][value=contact_write]");
      await box.check({ force: true });
      await main.getByRole("button", { name: words.providers.save, exact: true }).click();
      await page.getByRole("heading", { level: 1, name: words.providers.changeScopes("Apollo") }).waitFor();
    },
  },
  member("provider-scopes-nothing-waits", `${app}/providers/oidc/scopes`),
  member("connections", `${app}/connections`, true),
  member("connections-none", "/apps/lab/connections"),
  member("connections-revoked", `${app}/connections?state=revoked`),
  member("connection-active", ({ active }) => `${app}/connections/${active}`),
  member("connection-broken", ({ broken }) => `${app}/connections/${broken}`, true),
  member("connection-scopes", ({ active }) => `${app}/connections/${active}/scopes`),
  member("connection-scopes-preview", ({ active }) => `${app}/connections/${active}/scopes?look=1&keep=contacts_search`),
  member("revoke", ({ active }) => `${app}/connections/${active}/revoke`),
  member("revoke-many", `${app}/connections/revoke`),
  {
    name: "bulk-revocation",
    who: "member",
    visit: async (guide) => {
      const { page, instance } = guide;
      await connectApollo(guide);
      await page.goto(`${instance.server.origin}${app}/connections/revoke?end_user=user_${100 + invitations}`);
      const main = page.getByRole("main");
      await main.getByLabel(words.revocation.note, { exact: true }).fill("Ticket 4471");
      await main.getByLabel(words.revokeMany.howMany, { exact: true }).fill("1");
      await main.getByRole("button", { name: words.revokeMany.submit("1 connection"), exact: true }).click();
      await page.getByText(words.revokeMany.done).waitFor();
    },
  },
  member("receipt", ({ revoked }) => `${app}/connections/${revoked}/receipt`),
  member("keys", `${app}/keys`),
  {
    name: "key",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(`${instance.server.origin}${app}/keys`);
      await page.getByRole("main").getByRole("row").getByRole("link").first().click();
      await page.getByRole("heading", { name: words.keys.settings, exact: true }).waitFor();
    },
  },
  member("webhooks", `${app}/webhooks`),
  member("webhook-new", `${app}/webhooks/new`),
  {
    name: "webhook",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(`${instance.server.origin}${app}/webhooks/new`);
      const main = page.getByRole("main");
      await main.getByLabel(words.webhooks.url, { exact: true }).fill("https://app.acme.example/hooks");
      await main.getByRole("button", { name: words.webhooks.save, exact: true }).click();
      await main.getByRole("textbox", { name: words.webhooks.secret, exact: true }).waitFor();
    },
  },
  member("settings", `${app}/settings`),
  member("account", words.account.path),
  member("confirm", `${words.confirmation.path}?next=%2Fmembers`),
  member("second-factor", words.secondFactor.path),
  {
    name: "second-factor-begun",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(instance.server.origin + words.secondFactor.path);
      await page.getByRole("button", { name: words.secondFactor.begin, exact: true }).click();
      await page.getByRole("img", { name: "QR code" }).waitFor();
    },
  },
  {
    name: "members",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(instance.server.origin + words.members.path);
      const main = page.getByRole("main");
      await main.getByLabel("Email", { exact: true }).fill("ada@acme.example");
      await main.getByRole("button", { name: words.members.invite, exact: true }).click();
      await main.getByLabel(words.members.link, { exact: true }).waitFor();
    },
  },
  {
    name: "invitation",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(instance.server.origin + words.members.path);
      const main = page.getByRole("main");
      await main.getByLabel("Email", { exact: true }).fill("zoe@acme.example");
      await main.getByRole("button", { name: words.members.invite, exact: true }).click();
      await page.goto(await main.getByLabel(words.members.link, { exact: true }).inputValue());
    },
  },
  member("audit", `${words.audit.path}?what=settings`),
  member("member-not-found", "/apps/there-is-no-such-application"),
  // late enough: for a quarter of a minute it says that it was saved
  member("provider", `${app}/providers/apollo`),
  member("playground", `${app}/providers/oidc-post/playground`),
  {
    name: "provider-tried",
    who: "member",
    visit: async ({ page, instance }) => {
      await page.goto(`${instance.server.origin}${app}/providers/oidc-post`);
      await page.getByRole("main").getByRole("button", { name: words.playground.tryAgain, exact: true }).click();
      await page.getByText("accepted ID and secret.").waitFor();
    },
  },
  {
    name: "playground-token",
    who: "member",
    visit: async (guide) => {
      const { page, instance } = guide;
      await page.goto(`${instance.server.origin}${app}/providers/apollo/playground`);
      await page.getByRole("button", { name: words.playground.getCode }).click();
      await guide.endUser.atApollo("authorize");
      await page.getByRole("button", { name: words.playground.getToken, exact: true }).click();
      await page.getByRole("button", { name: words.playground.fetchProfile, exact: true }).waitFor();
    },
  },
  endUser("connect", async (guide) => guide.endUser.open(await invitation(guide, "apollo")), true),
  endUser("connect-unknown-link", ({ page, instance }) => page.goto(`${instance.server.origin}/connect/unknown`)),
  endUser("connect-denied", async (guide) => {
    await guide.endUser.open(await invitation(guide, "oidc"));
    await guide.endUser.pressConnect("OIDC Test");
    await guide.endUser.atOidc("cancel");
    await guide.page.getByRole("button", { name: words.hosted.tryAgain }).waitFor();
  }),
  endUser("connect-not-allowed", async (guide) => {
    guide.upstreams.apollo.faults.notPermitted = true;
    await guide.endUser.open(await invitation(guide, "apollo"));
    await guide.endUser.pressConnect("Apollo.io");
    await guide.endUser.atApollo("authorize");
    await guide.page.getByRole("heading", { level: 1, name: words.hosted.notAllowed("Apollo") }).waitFor();
  }),
  endUser("connect-done", connectApollo),
  endUser("my-accounts", async (guide) => {
    await connectApollo(guide);
    await guide.page.getByRole("link", { name: words.hosted.accounts }).click();
    await guide.page.getByRole("heading", { level: 1, name: words.hosted.accounts }).waitFor();
  }),
];
