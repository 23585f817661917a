// Text that wants to be more than text (R28): a corpus of it stands in every field that holds text, and
// every page that shows one is opened by a member of every role. Whatever the browser would run, load or
// refuse to run fails the test.

import type { Browser } from "@playwright/test";
import type { Apollo } from "../stand-ins/apollo.mjs";
import { Backend } from "../support/backend.mjs";
import { APOLLO } from "../support/instance.ts";
import { EndUser, Member } from "../support/people.ts";
import { API_KEY, Grantport } from "../support/server.mjs";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const CORPUS = [
  `<script>pwned=1</script>`,
  `"><img src=x onerror=pwned=1>`,
  `' autofocus onfocus='pwned=1`,
  `</title></script><svg/onload=pwned=1>`,
  `javascript:pwned=1//<a href="javascript:pwned=1">`,
  `<!--{{7*7}}<template><iframe srcdoc="<script>top.pwned=1</script>">`,
];

const ROLES = ["owner", "admin", "developer", "support", "auditor"] as const;
const PASSWORD = "four-otters-carry-lamps";

/** One application for each text, so that each text stands in each field. */
const slug = (index: number) => `app-${index}`;
/** An app at Apollo has few redirect URIs, so each application is an app of its own there. */
const clientId = (index: number) => `${APOLLO.clientId}${index}`;
const toml = (text: string) => JSON.stringify(text);

const file = (returnUrl: string) => `
[organization]
name = ${toml(CORPUS[1] ?? "")}
${ROLES.map((role, index) => `
[[members]]
email = "${role}@acme.example"
name = ${toml(CORPUS[index] ?? "")}
role = "${role}"
password = "\${PASSWORD}"
`).join("")}
${CORPUS.map((text, index) => `
[[applications]]
slug = "${slug(index)}"
name = ${toml(text)}
return_urls = ["${returnUrl}"]

[[applications.api_keys]]
name = ${toml(text)}

[[applications.providers]]
definition = "apollo"
slug = "apollo"
client_id = "${clientId(index)}"
client_secrets = ["\${APOLLO_SECRET}"]
scopes = ${JSON.stringify(APOLLO.scopes)}

[[applications.providers]]
definition = "custom"
slug = "own"
name = ${toml(text)}
client_id = ${toml(text.replaceAll(" ", "/"))}
client_secrets = ["\${APOLLO_SECRET}"]
scopes = ["read"]
[applications.providers.endpoints]
authorize = "https://login.acme.example/authorize"
token = "https://login.acme.example/token"
`).join("")}
`;

/** What an application shows to members; a role may not see all of it. */
const pages = (app: string, active: string, revoked: string, code: string) => [
  `/apps/${app}`,
  `/apps/${app}/providers`,
  `/apps/${app}/providers/own`,
  `/apps/${app}/providers/own/playground`,
  `/apps/${app}/connections`,
  `/apps/${app}/connections?q=${code}`,
  `/apps/${app}/connections/${active}`,
  `/apps/${app}/connections/${active}/revoke`,
  `/apps/${app}/connections/${revoked}`,
  `/apps/${app}/connections/${revoked}/receipt`,
  `/apps/${app}/keys`,
  `/apps/${app}/settings`,
];

/** A member with a browser of their own, and what that browser complained about. */
class Visitor extends Member {
  readonly complaints: string[] = [];

  static async signedIn(browser: Browser, server: Grantport, role: string) {
    const context = await browser.newContext();
    const visitor = new Visitor(await context.newPage(), server.origin);
    visitor.listen();
    await visitor.signIn(`${role}@acme.example`, PASSWORD);
    return visitor;
  }

  private listen() {
    this.page.on("dialog", (dialog) => this.complaints.push(dialog.message()));
    this.page.on("console", (message) => {
      // said about every refusal, and a role is refused some pages
      const refused = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !refused) this.complaints.push(message.text());
    });
  }

  /** Opens a page; answers whether it shows a text of the corpus. */
  async looksAt(path: string) {
    await this.open(path);
    const found = await this.page.evaluate((corpus) => {
      const elements = [...document.querySelectorAll("*")];
      const attributes = elements.flatMap((element) => [...element.attributes]);
      return {
        pwned: "pwned" in window,
        handlers: attributes.filter(({ name }) => name.startsWith("on")).map(({ name }) => name),
        links: attributes.filter(({ value }) => /^\s*javascript:/i.test(value)).map(({ name, value }) => `${name}=${value}`),
        strangers: elements.filter((element) => ["IFRAME", "TEMPLATE", "OBJECT"].includes(element.tagName)).length,
        shows: corpus.some((text) => document.documentElement.textContent?.includes(text)),
      };
    }, CORPUS);
    const values = found.links.filter((link) => !link.startsWith("value="));
    expect({ ...found, links: values, shows: true, complaints: this.complaints }, path).toEqual({
      pwned: false,
      handlers: [],
      links: [],
      strangers: 0,
      shows: true,
      complaints: [],
    });
    return found.shows;
  }

  leave() {
    return this.page.context().close();
  }
}

/** Puts a text into whatever end users, providers and staff can write; answers the pages that show it. */
async function furnish(owner: Visitor, endUser: EndUser, backend: Backend, apollo: Apollo, app: string, text: string) {
  const connect = async (id: string) => {
    apollo.account = { ...apollo.account, id: `${app}-${id}`, name: text, email: text };
    const session = await backend.invite({ id: `${id} ${text}`, name: text }, { providers: ["apollo"] });
    await endUser.open(session);
    await endUser.pressConnect("Apollo.io");
    await endUser.atApollo("authorize");
    await endUser.seesConnected("Apollo.io");
    const connection = await backend.connectionOf(session);
    await backend.call("PATCH", `/connections/${connection}`, { label: text, tags: [text] });
    await backend.token(connection);
    return connection;
  };
  const active = await connect("active");
  const revoked = await connect("revoked");
  await owner.open(`/apps/${app}/connections/${revoked}`);
  await owner.revoke(words.revocation.leaving, text);

  // the provider's own words, which support staff read by the code on the end user's page
  const session = await backend.invite({ id: `refused ${text}`, name: text }, { providers: ["apollo"] });
  await endUser.open(session);
  await endUser.pressConnect("Apollo.io");
  await endUser.page.waitForURL(/#\/oauth\/authorize\?/);
  const asked = new URLSearchParams(new URL(endUser.page.url()).hash.split("?")[1]);
  const answer = new URLSearchParams({ error: "server_error", error_description: text, state: asked.get("state") ?? "" });
  await endUser.page.goto(`${asked.get("redirect_uri")}?${answer}`);
  return pages(app, active, revoked, await endUser.supportCode());
}

test("text that wants to be a script is text, on every page and before every role", async ({ browser, endUser, upstreams }) => {
  test.setTimeout(240_000);
  const { apollo, product, origins } = upstreams;
  const server = await Grantport.inEmptyDirectory({ origins });
  try {
    const printed = await server.apply(file(product.returnUrl), { PASSWORD, APOLLO_SECRET: APOLLO.clientSecret });
    const keys = printed.match(new RegExp(API_KEY, "g")) ?? [];
    expect(keys).toHaveLength(CORPUS.length);
    await server.start();
    const backends = keys.map((key) => new Backend(server.origin, key));
    for (const [index, backend] of backends.entries()) {
      apollo.register({ ...APOLLO, clientId: clientId(index), redirectUris: [await backend.redirectUri("apollo")] });
    }

    const owner = await Visitor.signedIn(browser, server, "owner");
    const all = ["/", "/account", "/members", "/audit"];
    for (const [index, backend] of backends.entries()) {
      all.push(...(await furnish(owner, endUser, backend, apollo, slug(index), CORPUS[index] ?? "")));
    }
    await owner.leave();
    for (const role of ROLES) {
      const member = await Visitor.signedIn(browser, server, role);
      let shown = 0;
      for (const path of all) shown += Number(await member.looksAt(path));
      expect(shown, `pages that show a text of the corpus to the ${role}`).toBeGreaterThan(role === "auditor" ? 2 : 20);
      await member.leave();
    }
  } finally {
    await server.remove();
  }
});
