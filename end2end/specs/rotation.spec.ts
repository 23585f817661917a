// A provider that changes under connections that work: another secret, other scopes, fewer scopes.

import { Backend } from "../support/backend.mjs";
import { ORGANIZATION, OTHER_APOLLO, OWNER } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const NEW_SECRET = "Zk8v-Tq3Lw7XyR1bN0cPj6sMd_5uHa9EoWi2GtFfQ4x";
const app = "/apps/crm-sync";

test("an admin changes secret and scopes, and nobody is cut off", async ({ page, fresh, endUser, person, upstreams: { apollo } }) => {
  test.setTimeout(120_000);
  const member = new Member(page, fresh.origin);
  await member.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  const application = await member.createApplication("CRM Sync");
  await member.chooseDefinition(application, "Apollo.io");
  const redirectUri = await member.redirectUri();
  apollo.register({ ...OTHER_APOLLO, scopes: [...OTHER_APOLLO.scopes, "contact_write"], redirectUris: [redirectUri] });
  await member.pasteCredentials(OTHER_APOLLO.clientId, OTHER_APOLLO.clientSecret);
  await member.saveProvider();
  const backend = new Backend(fresh.origin, await member.makeKey(application, "backend"));

  const connect = async (url: string) => {
    await endUser.open({ url });
    await endUser.pressConnect("Apollo.io");
    await endUser.atApollo("authorize");
    await endUser.seesConnected("Apollo.io");
  };
  const session = await backend.invite(person, { providers: ["apollo"] });
  await connect(session.url);
  const connection = await backend.connectionOf(session);
  const refresh = async () => {
    const { body } = await backend.token(connection);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body.access_token));
    const rejected_token_sha256 = Buffer.from(digest).toString("hex");
    return backend.call("POST", `/connections/${connection}/token`, { rejected_token_sha256 });
  };
  const addSecret = async (secret: string, state = words.providers.onTrial) => {
    await member.open(`${app}/providers/apollo`);
    await member.main.getByLabel(words.providers.addSecret, { exact: true }).fill(secret);
    await member.main.getByRole("button", { name: "Add", exact: true }).click();
    await expect(row(secret)).toContainText(state);
  };
  const row = (secret: string) => member.main.getByRole("row", { name: `..${secret.slice(-4)}` });

  await test.step("a mistyped secret is refused, and the old one goes on", async () => {
    // found out before any refresh has to try it
    await addSecret("not-the-secret-of-anything-0000", words.providers.refused);
    expect((await refresh()).status).toBe(200);
    await member.open(`${app}/providers/apollo`);
    await expect(row(OTHER_APOLLO.clientSecret)).toContainText(words.providers.inUse);
    await row("0000").getByRole("button", { name: words.providers.remove }).click();
    await expect(row("0000")).toHaveCount(0);
  });

  await test.step("the right one takes over, and the old one can go", async () => {
    const scopes = [...OTHER_APOLLO.scopes, "contact_write"];
    const olderSecrets = [OTHER_APOLLO.clientSecret];
    apollo.register({ ...OTHER_APOLLO, scopes, redirectUris: [redirectUri], clientSecret: NEW_SECRET, olderSecrets });
    await addSecret(NEW_SECRET);
    expect((await refresh()).status).toBe(200);
    await member.open(`${app}/providers/apollo`);
    await expect(row(NEW_SECRET)).toContainText(words.providers.inUse);
    await row(OTHER_APOLLO.clientSecret).getByRole("button", { name: words.providers.remove }).click();
    await expect(row(OTHER_APOLLO.clientSecret)).toHaveCount(0);
    expect(await page.content()).not.toContain(NEW_SECRET);
  });

  await test.step("another scope is looked at, gone back from, and saved", async () => {
    await member.open(`${app}/providers/apollo`);
    await member.tickScope("contact_write");
    const save = () => member.main.getByRole("button", { name: words.providers.save, exact: true }).click();
    await save();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.providers.changeScopes("Apollo"));
    await expect(member.main).toContainText("1 connection needs one more click. None breaks today.");
    await expect(member.main).toContainText("Apollo locks the scopes of a registration.");
    await member.main.getByRole("link", { name: words.providers.back, exact: true }).click();
    await expect(member.main.locator("input[value=contact_write]")).toBeChecked();
    await save();
    await save();
    await expect(member.main).toContainText("Saved.");
  });

  await test.step("the connection is marked, and one click mends it", async () => {
    await member.open(`${app}/connections`);
    await member.main.getByLabel(words.connections.needs).selectOption({ label: words.connections.lacksScopes });
    await member.main.getByRole("button", { name: words.connections.filter, exact: true }).click();
    await expect(member.main.getByRole("row", { name: words.connections.lacksScopes })).toHaveCount(1);
    await member.open(`${app}/connections/${connection}`);
    await expect(member.main).toContainText("It lacks “Create contacts”, which Apollo is asked for now.");
    const link = await member.main.getByLabel(words.connections.link, { exact: true }).inputValue();
    await connect(link);
    await member.open(`${app}/connections/${connection}`);
    await expect(member.main).not.toContainText("It lacks");
  });

  await test.step("scopes are given up without asking anybody", async () => {
    await member.main.getByRole("link", { name: words.connections.reduce, exact: true }).click();
    await member.main.locator("input[value=contact_write]").uncheck();
    await member.main.getByRole("button", { name: words.connections.showReduced }).click();
    await expect(member.main).toContainText("Given up: Create contacts");
    await member.main.getByRole("button", { name: words.connections.reduce, exact: true }).click();
    await expect(member.main).toContainText(`Scopes reduced by ${OWNER.name}.`);
    const { body } = await backend.call("GET", `/connections/${connection}`);
    expect(body.scopes).not.toContain("contact_write");
    expect(body.scopes).toContain("contacts_search");
    expect((await refresh()).body.scopes).not.toContain("contact_write");
  });
});
