// An admin tries a provider before any user does: the three marks after saving, and the playground,
// against the practice provider, an authorization server and Apollo's page that is a script.

import type { Page } from "@playwright/test";
import { APPLICATION, APOLLO, ORGANIZATION, OWNER } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

test.use({ instanceOf: "playground" });

const { playground, practice } = words;

async function decide(page: Page, decision: string) {
  await page.getByRole("radio", { name: practice.person }).check();
  await page.getByRole("button", { name: decision, exact: true }).click();
}

test("a newcomer's practice provider is right, and its flow runs from the code to forgetting", async ({ page, fresh }) => {
  const member = new Member(page, fresh.origin);
  await member.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  await member.createApplication("CRM Sync");
  await member.main.getByRole("button", { name: practice.add }).click();

  await test.step("three marks, all right", async () => {
    const marks = member.main.getByRole("listitem").filter({ has: page.getByText("Right", { exact: true }) });
    await expect(marks).toHaveCount(3);
    await expect(member.main).toContainText("Practice accepted ID and secret.");
    await expect(member.main).toContainText("Practice lets it pass, and refuses one that we made up.");
  });

  await member.main.getByRole("link", { name: playground.link, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: playground.heading("Practice") })).toBeVisible();

  await test.step("denial is told with its cause", async () => {
    await member.main.getByRole("button", { name: playground.getCode, exact: true }).click();
    await decide(page, practice.deny);
    await expect(member.main).toContainText("The request was denied at Practice.");
  });

  await test.step("get a code", async () => {
    await member.main.getByRole("button", { name: playground.getCodeAgain, exact: true }).click();
    await decide(page, practice.approve);
    await expect(member.main).toContainText("Practice gave a code.");
    expect(new URL(page.url()).search, "no code in the address").toBe("");
  });

  await test.step("get a token", async () => {
    await member.main.getByRole("button", { name: playground.getToken, exact: true }).click();
    await expect(member.main).toContainText("Answered with status 200");
    await expect(member.main.getByText(/^•••• \d+ characters$/).last()).toBeVisible();
    await expect(member.main).toContainText("contacts.read");
  });

  await test.step("fetch the profile", async () => {
    await member.main.getByRole("button", { name: playground.fetchProfile, exact: true }).click();
    await expect(member.main).toContainText(practice.account);
  });

  await test.step("finish and forget: the practice provider has no grant left", async () => {
    const html = await page.content();
    expect(html).not.toMatch(/practice_(code|secret)_[A-Za-z0-9]{8}/);
    await member.main.getByRole("button", { name: playground.finish, exact: true }).click();
    await expect(member.main).toContainText("Practice ended them. Ours are destroyed.");
    await expect(page.getByRole("button", { name: playground.getCode, exact: true })).toBeVisible();
    await member.open(practice.path);
    await expect(page.getByRole("main")).toContainText(/no grants?|0 grants?/i);
  });

  await test.step("no connection came of it", async () => {
    await member.open("/apps/crm-sync/connections");
    await expect(page.getByRole("main")).not.toContainText(practice.account);
  });

  await test.step("an outage: saved all the same, and the marks say so", async () => {
    await member.open(practice.path);
    await page.getByRole("button", { name: practice.beginOutage, exact: true }).click();
    await member.open(`/apps/crm-sync/providers/${practice.slug}`);
    await member.main.getByRole("button", { name: playground.tryAgain, exact: true }).click();
    await expect(member.main).toContainText("answers that it has a bad moment");
    await expect(member.main.getByText(words.providers.active, { exact: true }).first()).toBeVisible();
  });
});

test("a real authorization server: right, then wrong, then right again", async ({ owner, endUser, page }) => {
  await owner.open(`/apps/${APPLICATION.slug}/providers/oidc`);
  await owner.main.getByRole("button", { name: playground.tryAgain, exact: true }).click();
  await expect(owner.main).toContainText("accepted ID and secret.");
  await expect(owner.main).toContainText("and refuses one that we made up.");

  await owner.main.getByRole("link", { name: playground.link, exact: true }).click();
  await owner.main.getByRole("button", { name: playground.getCode, exact: true }).click();
  await endUser.atOidc("cancel");
  await expect(owner.main).toContainText("The request was denied at");
  await owner.main.getByRole("button", { name: playground.getCodeAgain, exact: true }).click();
  await endUser.atOidc("consent");
  await owner.main.getByRole("button", { name: playground.getToken, exact: true }).click();
  await owner.main.getByRole("button", { name: playground.fetchProfile, exact: true }).click();
  await expect(owner.main.getByText("Account id", { exact: true })).toBeVisible();
  await owner.main.getByRole("button", { name: playground.finish, exact: true }).click();
  await expect(owner.main).toContainText("Ours are destroyed.");
  expect(page.url()).toContain("/playground");
});

test("Apollo's page is a script: the marks say what they cannot tell, the playground tells it", async ({
  owner,
  endUser,
  upstreams: { apollo },
}) => {
  apollo.reset();
  await owner.open(`/apps/${APPLICATION.slug}/providers/apollo`);
  await owner.main.getByRole("button", { name: playground.tryAgain, exact: true }).click();
  await expect(owner.main).toContainText("Apollo accepted ID and secret.");
  await expect(owner.main).toContainText("Could not tell");

  await test.step("a wrong secret is found out", async () => {
    await owner.main.getByLabel(words.providers.addSecret, { exact: true }).fill("a-secret-that-apollo-never-gave");
    await owner.main.getByRole("button", { name: "Add", exact: true }).click();
    await expect(owner.main).toContainText("Apollo refused ID or secret.");
    await owner.main.getByLabel(words.providers.addSecret, { exact: true }).fill(APOLLO.clientSecret);
    await owner.main.getByRole("button", { name: "Add", exact: true }).click();
    await expect(owner.main).toContainText("Apollo accepted ID and secret.");
  });

  await owner.main.getByRole("link", { name: playground.link, exact: true }).click();
  await owner.main.getByRole("button", { name: playground.getCode, exact: true }).click();
  await endUser.atApollo("authorize");
  await owner.main.getByRole("button", { name: playground.getToken, exact: true }).click();
  await expect(owner.main).toContainText("Answered with status 200");
  await owner.main.getByRole("button", { name: playground.fetchProfile, exact: true }).click();
  await expect(owner.main).toContainText(apollo.account.email);
  await owner.main.getByRole("button", { name: playground.finish, exact: true }).click();
  await expect(owner.main).toContainText("has no way to end them from here");
});

test("support has no playground", async ({ support, page }) => {
  await support.open(`/apps/${APPLICATION.slug}/providers/apollo/playground`);
  await expect(page.getByRole("heading", { level: 1, name: "Your role does not include this page" })).toBeVisible();
});
