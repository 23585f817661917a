// Every form says what is wrong with what was typed, keeps it (secrets never), and changes nothing.

import type { Locator, Page } from "@playwright/test";
import { APPLICATION, OWNER } from "../support/instance.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

test.use({ instanceOf: "forms" });

/** A form that is filled in wrongly. Fields are named by their labels. */
interface Mistake {
  title: string;
  path: string;
  /** What is typed; `""` empties the field. */
  type: Record<string, string>;
  /** The button, and the form it belongs to where a page has several with this word. */
  press: { name: string; formWith?: string };
  /** A sentence that must then be on the page. */
  says: RegExp;
  /** Labels of fields that must be empty afterwards. */
  forgets?: string[];
}

const app = `/apps/${APPLICATION.slug}`;
const apolloForm = `${app}/providers/new/apollo`;

const OF_THE_PORTAL: Mistake[] = [
  {
    title: "an application without a name",
    path: words.applications.newPath,
    type: { [words.applications.name]: "", [words.applications.slug]: "kept-slug" },
    press: { name: words.applications.save },
    says: /Give the application a name/,
  },
  {
    title: "an application with a slug that is none",
    path: words.applications.newPath,
    type: { [words.applications.name]: "Kept & <b>quoted</b>", [words.applications.slug]: "../../admin" },
    press: { name: words.applications.save },
    says: /Use a-z, 0-9 and hyphens/,
  },
  {
    title: "an application with a slug that is taken",
    path: words.applications.newPath,
    type: { [words.applications.name]: "Another", [words.applications.slug]: APPLICATION.slug },
    press: { name: words.applications.save },
    says: /Another application has this slug/,
  },
  {
    title: "a return URL that is a script",
    path: words.applications.newPath,
    type: { [words.applications.name]: "Kept", [words.applications.returnUrls]: "javascript:alert(1)" },
    press: { name: words.applications.save },
    says: /Write whole addresses/,
  },
  {
    title: "settings with an origin that has a path",
    path: `${app}/settings`,
    type: { [words.settings.allowedOrigins]: "https://app.acme.example/path" },
    press: { name: words.settings.save },
    says: /Write scheme and host only/,
  },
  {
    title: "settings with a return URL over http",
    path: `${app}/settings`,
    type: { [words.settings.returnUrls]: "http://app.acme.example/back" },
    press: { name: words.settings.save },
    says: /Write whole addresses/,
  },
  {
    title: "settings with a colour that is none",
    path: `${app}/settings`,
    type: { [words.settings.accent]: "forest green" },
    press: { name: words.settings.save },
    says: /Write # and six digits/,
  },
  {
    title: "a provider without credentials",
    path: apolloForm,
    type: { [words.providers.clientId]: "", [words.providers.clientSecret]: "" },
    press: { name: words.providers.save },
    says: /Paste the Client ID/,
    forgets: [words.providers.clientSecret],
  },
  {
    title: "a Client ID with a space in it",
    path: apolloForm,
    type: { [words.providers.clientId]: "vvZd i_3MsfI6gm", [words.providers.clientSecret]: "a-secret-nobody-may-see-again" },
    press: { name: words.providers.save },
    says: /Copy it again at the provider/,
    forgets: [words.providers.clientSecret],
  },
  {
    title: "scopes with quotes in them",
    path: apolloForm,
    type: {
      [words.providers.clientId]: "vvZd-i_3MsfI6gm",
      [words.providers.clientSecret]: "a-secret-nobody-may-see-again",
      [words.providers.otherScopes]: 'contacts "everything"',
    },
    press: { name: words.providers.save },
    says: /A scope has no quotes/,
    forgets: [words.providers.clientSecret],
  },
  {
    title: "an empty Client Secret that is added",
    path: `${app}/providers/apollo`,
    type: { [words.providers.addSecret]: "" },
    press: { name: "Add", formWith: words.providers.addSecret },
    says: /Paste the Client Secret/,
    forgets: [words.providers.addSecret],
  },
  {
    title: "an API key without a name",
    path: `${app}/keys`,
    type: { [words.keys.name]: "" },
    press: { name: words.keys.make },
    says: /Give the key a name/,
  },
  {
    title: "a change of password with the wrong one",
    path: words.account.path,
    type: { [words.account.currentPassword]: "not-my-password-at-all", [words.account.newPassword]: "nine-foxes-carry-bread" },
    press: { name: words.account.save },
    says: /This is not your password/,
    forgets: [words.account.currentPassword, words.account.newPassword],
  },
  {
    title: "a new password that is too short",
    path: words.account.path,
    type: { [words.account.currentPassword]: OWNER.password, [words.account.newPassword]: "short" },
    press: { name: words.account.save },
    says: /Use \d+ characters or more/,
    forgets: [words.account.currentPassword, words.account.newPassword],
  },
];

/** Lets the server judge what the browser would not even send. */
async function withoutBrowserChecks(page: Page) {
  await page.locator("main form").evaluateAll((forms) => {
    for (const form of forms) form.setAttribute("novalidate", "");
  });
}

function formOf(main: Locator, { press }: Mistake) {
  const forms = main.locator("form");
  return press.formWith === undefined ? forms : forms.filter({ has: main.page().getByLabel(press.formWith, { exact: true }) });
}

async function make(page: Page, origin: string, mistake: Mistake) {
  await page.goto(origin + mistake.path);
  const main = page.getByRole("main");
  await withoutBrowserChecks(page);
  for (const [label, value] of Object.entries(mistake.type)) await main.getByLabel(label, { exact: true }).fill(value);
  const button = formOf(main, mistake).getByRole("button", { name: mistake.press.name, exact: true });
  await button.click();
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(main).toContainText(mistake.says);
  const secrets = new Set(mistake.forgets ?? []);
  for (const [label, value] of Object.entries(mistake.type)) {
    await expect(main.getByLabel(label, { exact: true })).toHaveValue(secrets.has(label) ? "" : value);
    if (secrets.has(label) && value !== "") {
      expect(await page.content()).not.toContain(value);
      expect(page.url()).not.toContain(encodeURIComponent(value));
    }
  }
}

for (const mistake of OF_THE_PORTAL) {
  test(mistake.title, async ({ page, owner }) => {
    await make(page, owner.origin, mistake);
  });
}

test("signing in with the wrong password, and as nobody", async ({ page, instance }) => {
  for (const email of ["nobody@acme.example", "someone.else@acme.example"]) {
    await make(page, instance.server.origin, {
      title: "",
      path: words.signIn.path,
      type: { [words.signIn.email]: email, [words.signIn.password]: "wrong-wrong-wrong-wrong" },
      press: { name: words.signIn.submit },
      says: new RegExp(words.signIn.refused),
      forgets: [words.signIn.password],
    });
  }
});

test("setting up with a token that was not printed", async ({ page, doorstep }) => {
  await make(page, doorstep.origin, {
    title: "",
    path: words.setUp.path,
    type: {
      [words.setUp.token]: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
      [words.setUp.organization]: "Kept Ltd",
      [words.setUp.name]: "Kept Name",
      [words.setUp.email]: "kept@acme.example",
      [words.setUp.password]: "four-otters-carry-lamps",
    },
    press: { name: words.setUp.submit },
    says: new RegExp(words.setUp.wrongToken),
    forgets: [words.setUp.token, words.setUp.password],
  });
});

test("setting up with an address and a password that cannot be", async ({ page, doorstep }) => {
  await make(page, doorstep.origin, {
    title: "",
    path: words.setUp.path,
    type: {
      [words.setUp.token]: await doorstep.setupToken(),
      [words.setUp.organization]: "Kept Ltd",
      [words.setUp.name]: "Kept Name",
      [words.setUp.email]: "kept",
      [words.setUp.password]: "short",
    },
    press: { name: words.setUp.submit },
    says: /Write an address such as/,
    forgets: [words.setUp.token, words.setUp.password],
  });
});

test("revoking without a note", async ({ page, owner, instance, endUser, person }) => {
  const session = await instance.backend.invite(person, { providers: ["apollo"] });
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.atApollo("authorize");
  await endUser.seesConnected("Apollo.io");
  const connection = await instance.backend.connectionOf(session);
  await owner.open(`${app}/connections/${connection}/revoke`);
  await withoutBrowserChecks(page);
  await owner.main.getByRole("radio", { name: words.revocation.incident }).check();
  await owner.main.getByRole("button", { name: words.revocation.submit, exact: true }).click();
  await expect(owner.main).toContainText(/Write who asked, or a ticket number/);
  await expect(owner.main.getByRole("radio", { name: words.revocation.incident })).toBeChecked();
  expect((await instance.backend.token(connection)).status).toBe(200);
});

test("rubbish sent to every form's address is refused, never a fault", async ({ page, context, owner, instance }) => {
  const pages = ["/", "/apps/new", app, `${app}/providers`, apolloForm, `${app}/providers/apollo`, `${app}/keys`, `${app}/settings`, "/account"];
  const targets = new Set<string>();
  for (const path of pages) {
    await owner.open(path);
    const actions = await page.locator("form[method=post]").evaluateAll((forms) =>
      forms.map((form) => (form as HTMLFormElement).action),
    );
    for (const action of actions) targets.add(action);
  }
  expect(targets.size).toBeGreaterThan(5);
  const rubbish: [string, string | Buffer][] = [
    ["application/x-www-form-urlencoded", ""],
    ["application/x-www-form-urlencoded", "name=%FF%FE&slug=%00&scopes=1&scopes[]=%F0%28&application=%2e%2e"],
    ["application/x-www-form-urlencoded", `name=${"x".repeat(100_000)}`],
    ["application/json", "{"],
    ["multipart/form-data; boundary=x", "--x\r\n"],
    ["text/plain", Buffer.from([0, 255, 10, 13])],
  ];
  const signOut = [...targets].filter((target) => /sign_?out/.test(target));
  for (const target of [...targets].filter((one) => !signOut.includes(one))) {
    for (const [type, data] of rubbish) {
      const response = await context.request.post(target, {
        headers: { "content-type": type, origin: instance.server.origin, accept: "text/html" },
        data,
        maxRedirects: 0,
        failOnStatusCode: false,
      });
      expect(response.status(), `${target} with ${type}`).toBeLessThan(500);
    }
  }
});

test("a form from another site is refused", async ({ page, context, owner }) => {
  await owner.open(words.applications.newPath);
  const action = await owner.main.locator("form[method=post]").evaluate((form) => (form as HTMLFormElement).action);
  const evil = "https://evil.example";
  const elsewhere: Record<string, string>[] = [{ origin: evil }, { "sec-fetch-site": "cross-site", origin: evil }, { origin: "null" }];
  for (const headers of elsewhere) {
    const response = await context.request.post(action, { headers, form: { name: "Evil", slug: "evil", return_urls: "" }, maxRedirects: 0 });
    expect(response.status()).toBe(403);
  }
  await owner.open("/");
  await expect(page.getByRole("link", { name: "Evil" })).toHaveCount(0);
});
