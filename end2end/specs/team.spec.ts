// People who work here together: an admin who invites and changes roles, support staff with an end user
// on the phone, and an auditor who reads what all of them did.

import type { Browser } from "@playwright/test";
import { Backend } from "../support/backend.mjs";
import { ORGANIZATION, OWNER, OTHER_APOLLO } from "../support/instance.ts";
import { EndUser, Member } from "../support/people.ts";
import type { Grantport } from "../support/server.mjs";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const PASSWORD = "nine-herons-count-lamps";

/** Somebody with a browser of their own. */
async function elsewhere(browser: Browser, server: Grantport, javaScriptEnabled: boolean) {
  const context = await browser.newContext({ javaScriptEnabled, acceptDownloads: true });
  return new Member(await context.newPage(), server.origin);
}

/** A member invites somebody into a role; answers the link. */
async function invite(member: Member, email: string, role: string) {
  await member.open(words.members.path);
  const form = member.main.getByRole("region", { name: "Invite a member" });
  await form.getByLabel("Email", { exact: true }).fill(email);
  await form.getByLabel("Role", { exact: true }).selectOption(role);
  await form.getByRole("button", { name: words.members.invite, exact: true }).click();
  return member.main.getByLabel(words.members.link, { exact: true }).inputValue();
}

/** Somebody follows an invitation; they are signed in then. */
async function join(member: Member, link: string, name: string) {
  await member.page.goto(link);
  await member.page.getByLabel(words.setUp.name, { exact: true }).fill(name);
  await member.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await member.page.getByRole("button", { name: "Join", exact: true }).click();
  await expect(member.page.getByRole("heading", { level: 1, name: words.applications.heading })).toBeVisible();
}

test("an admin, support staff and an auditor at their work", async ({ page, browser, fresh, endUser, person, upstreams: { apollo }, javaScriptEnabled }) => {
  test.setTimeout(180_000);
  const scripts = javaScriptEnabled !== false;
  const owner = new Member(page, fresh.origin);
  await owner.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  const application = await owner.createApplication("CRM Sync");
  await owner.chooseDefinition(application, "Apollo.io");
  apollo.register({ ...OTHER_APOLLO, redirectUris: [await owner.redirectUri()] });
  await owner.pasteCredentials(OTHER_APOLLO.clientId, OTHER_APOLLO.clientSecret);
  await owner.saveProvider();
  const backend = new Backend(fresh.origin, await owner.makeKey(application, "backend"));

  const [support, auditor, stranger] = await Promise.all([0, 1, 2].map(() => elsewhere(browser, fresh, scripts)));
  if (support === undefined || auditor === undefined || stranger === undefined) throw new Error("nobody came");

  await test.step("the admin invites by a link that works once", async () => {
    const link = await invite(owner, "tomas@acme.example", "support");
    await join(support, link, "Tomás Oliveira");
    await stranger.page.goto(link);
    await expect(stranger.page.getByRole("button", { name: "Join" })).toHaveCount(0);
    await join(auditor, await invite(owner, "ada@acme.example", "auditor"), "Ada Okafor");
    await owner.open(words.members.path);
    await expect(owner.main.getByRole("row", { name: /Tomás Oliveira/ })).toContainText("Support");
  });

  const visitor = new EndUser(await (await browser.newContext({ javaScriptEnabled: scripts })).newPage(), browser, scripts);
  const connection = await test.step("an end user says no, and then yes", async () => {
    const session = await backend.invite(person, { providers: ["apollo"] });
    await visitor.open(session);
    await visitor.pressConnect("Apollo.io");
    await visitor.atApollo("cancel");
    const code = await visitor.supportCode();

    // read out on the phone, typed as it was heard
    await support.open(`/apps/${application}/connections?q=${encodeURIComponent(code.toLowerCase().replace("-", " "))}`);
    await expect(support.main).toContainText(code);
    await expect(support.main).toContainText(person.name);

    const again = await backend.invite(person, { providers: ["apollo"] });
    await visitor.open(again);
    await visitor.pressConnect("Apollo.io");
    await visitor.atApollo("authorize");
    await visitor.seesConnected("Apollo.io");
    const id = await backend.connectionOf(again);
    expect((await backend.token(id)).status).toBe(200);
    return id;
  });

  await test.step("support reads that all is well, and has a link ready all the same", async () => {
    await support.findConnection(application, person.email);
    await expect(support.main).toContainText("Nobody");
    const link = await support.main.getByLabel("Reconnect link", { exact: true }).inputValue();
    const context = await browser.newContext({ javaScriptEnabled: scripts });
    const other = new EndUser(await context.newPage(), browser, scripts);
    await other.open({ url: link });
    await other.pressConnect(/Apollo/);
    await other.atApollo("authorize");
    await other.seesConnected(/Apollo/);
    await context.close();
    expect((await backend.call("GET", "/connections")).body.data.map((one: { id: string }) => one.id)).toEqual([connection]);
  });

  await test.step("support revokes the wrong one, and takes it back", async () => {
    await support.open(`/apps/${application}/connections/${connection}`);
    await support.revoke(words.revocation.leaving, "Ticket 4471");
    expect((await backend.token(connection)).status).toBe(410);
    await expect(support.main).toContainText("You can undo this until");
    const json = await support.page.request.get(`${fresh.origin}/apps/${application}/connections/${connection}/receipt.json`);
    expect(await json.json()).toMatchObject({ reason: "leaving", note: "Ticket 4471" });
    await support.main.getByRole("button", { name: "Undo", exact: true }).click();
    await expect(support.page.getByRole("heading", { level: 1, name: /^Undone: / })).toBeVisible();
    expect((await backend.token(connection)).status).toBe(200);
  });

  await test.step("what a role does not include is not there", async () => {
    for (const path of [words.members.path, words.audit.path, `/apps/${application}/keys`]) {
      const answer = await support.open(path);
      expect(answer?.status(), path).toBe(403);
    }
    await expect(support.page.getByRole("link", { name: "Members" })).toHaveCount(0);
    expect((await auditor.open(`/apps/${application}/connections`))?.status()).toBe(403);
  });

  await test.step("a change of role ends what was open at once", async () => {
    await owner.open(words.members.path);
    await owner.main.getByRole("row", { name: /Tomás Oliveira/ }).getByRole("link").first().click();
    await owner.main.getByLabel("Role", { exact: true }).selectOption("developer");
    await owner.main.getByRole("button", { name: "Save", exact: true }).click();
    await expect(owner.main).toContainText("It holds from the next request on");
    await support.open(`/apps/${application}/connections`);
    await expect(support.page.getByRole("heading", { level: 1, name: words.signIn.heading })).toBeVisible();
    await support.signIn("tomas@acme.example", PASSWORD);
    expect((await support.open(`/apps/${application}/connections/${connection}/revoke`))?.status()).toBe(403);
  });

  await test.step("lists hide who it is once the owner says so", async () => {
    const list = `/apps/${application}/connections`;
    await support.open(list);
    await expect(support.main.getByRole("table")).toContainText(person.email);
    await owner.open(words.members.path);
    await owner.main.getByLabel(words.members.masked, { exact: true }).check();
    await owner.main.getByRole("button", { name: "Save rules", exact: true }).click();
    await expect(owner.main).toContainText("Saved.");
    await support.open(list);
    await expect(support.main.getByRole("table")).toContainText("•••");
    await expect(support.main.getByRole("table")).not.toContainText(person.email);
    await support.open(`${list}?q=${encodeURIComponent(person.email)}`);
    await support.main.getByRole("table").getByRole("link").first().click();
    await expect(support.page.getByRole("heading", { name: words.connections.history })).toBeVisible();
    await expect(support.main).toContainText(person.email);
  });

  await test.step("the auditor reads all of it, and takes it along", async () => {
    await auditor.open(words.audit.path);
    for (const what of ["Gave a member another role", "Undid a revocation", "Revoked a connection", "Accepted an invitation"]) {
      await expect(auditor.main.getByRole("row", { name: new RegExp(what) }).first()).toBeVisible();
    }
    await expect(auditor.main).toContainText("Ticket 4471");
    await auditor.main.getByRole("button", { name: /^Check (now|again)$/ }).click();
    await expect(async () => {
      await auditor.open(words.audit.path);
      await expect(auditor.main).toContainText(words.audit.whole, { timeout: 500 });
    }).toPass({ timeout: 20_000 });
    const download = auditor.page.waitForEvent("download");
    await auditor.main.getByRole("link", { name: "CSV", exact: true }).click();
    expect((await download).suggestedFilename()).toMatch(/^grantport-audit-.*\.csv$/);
  });

  await test.step("nothing leaves while everything is stopped", async () => {
    await owner.open(`/apps/${application}/settings`);
    await owner.main.getByLabel("Why all tokens stop", { exact: true }).fill("A laptop was stolen");
    await owner.main.getByRole("button", { name: /^Stop all tokens/ }).click();
    expect(await backend.token(connection)).toMatchObject({ status: 409, body: { code: "stopped", blame: "admin" } });
    await owner.open(`/apps/${application}/settings`);
    await owner.main.getByRole("button", { name: /^Let tokens go again/ }).click();
    expect((await backend.token(connection)).status).toBe(200);
  });

  for (const one of [support, auditor, stranger]) await one.page.context().close();
  await visitor.page.context().close();
  await endUser.page.context().clearCookies();
});
