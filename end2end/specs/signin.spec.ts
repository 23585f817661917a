// Coming in and going out.

import { ORGANIZATION, OWNER, SUPPORT } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

// its tests end each other's sessions
test.use({ instanceOf: "sign-in" });

test("whoever is not signed in is led to the door, and from there to where they belong", async ({ page, instance }) => {
  const visitor = new Member(page, instance.server.origin);
  for (const path of ["/", "/apps/crm-sync", "/apps/crm-sync/keys", "/account"]) {
    await visitor.open(path);
    await expect(page).toHaveURL(new RegExp(`^${visitor.origin}${words.signIn.path}`));
  }
  await expect(page.getByRole("main")).toContainText(ORGANIZATION);
  await visitor.signIn(OWNER.email, OWNER.password);
});

test("a wrong password and an unknown address are answered alike", async ({ page, instance }) => {
  const visitor = new Member(page, instance.server.origin);
  const answers: string[] = [];
  for (const email of [OWNER.email, "nobody-knows-me@acme.example"]) {
    await visitor.open(words.signIn.path);
    await visitor.fillSignIn(email, "not-the-password-of-anyone");
    await expect(page.getByRole("alert")).toContainText(words.signIn.refused);
    await expect(page.getByLabel(words.signIn.email, { exact: true })).toHaveValue(email);
    await expect(page.getByLabel(words.signIn.password, { exact: true })).toHaveValue("");
    answers.push(await page.getByRole("alert").innerText());
  }
  expect(answers[0]).toBe(answers[1]);
});

test("signing in gives a new session, out of reach of scripts", async ({ page, context, instance }) => {
  const visitor = new Member(page, instance.server.origin);
  await visitor.open(words.signIn.path);
  const before = new Set((await context.cookies()).map((cookie) => cookie.value));
  await visitor.fillSignIn(SUPPORT.email, SUPPORT.password);
  await expect(page.getByRole("heading", { level: 1, name: words.applications.heading })).toBeVisible();
  const after = await context.cookies();
  expect(after.some((cookie) => !before.has(cookie.value))).toBe(true);
  for (const cookie of after) {
    expect(cookie.httpOnly, cookie.name).toBe(true);
    expect(["Lax", "Strict"], cookie.name).toContain(cookie.sameSite);
    expect(cookie.name, "cookies are named after the program").toMatch(/grantport/);
  }
});

test("signing out ends the session on the server", async ({ page, context, instance }) => {
  const visitor = new Member(page, instance.server.origin);
  await visitor.signIn(SUPPORT.email, SUPPORT.password);
  const cookies = await context.cookies();
  await visitor.signOut();
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: words.applications.heading })).toHaveCount(0);

  await context.clearCookies();
  await context.addCookies(cookies);
  await visitor.open("/");
  await expect(page).toHaveURL(new RegExp(words.signIn.path));
});

test("other sessions can be ended from the account page", async ({ page, browser, javaScriptEnabled, instance }) => {
  const visitor = new Member(page, instance.server.origin);
  await visitor.signIn(SUPPORT.email, SUPPORT.password);
  const elsewhere = await browser.newContext({ javaScriptEnabled });
  try {
    const other = new Member(await elsewhere.newPage(), instance.server.origin);
    await other.signIn(SUPPORT.email, SUPPORT.password);
    await visitor.open(words.account.path);
    const rows = visitor.main.getByRole("row").filter({ has: page.getByRole("button", { name: /^End the session/ }) });
    const count = await rows.count();
    expect(count).toBeGreaterThan(0);
    for (let left = count; left > 0; left -= 1) {
      await rows.first().getByRole("button").click();
      await expect(rows).toHaveCount(left - 1);
    }
    await other.open("/");
    await expect(other.page).toHaveURL(new RegExp(words.signIn.path));
    await visitor.open("/");
    await expect(page.getByRole("heading", { level: 1, name: words.applications.heading })).toBeVisible();
  } finally {
    await elsewhere.close();
  }
});

test("set-up is over once it was done", async ({ page, instance }) => {
  await page.goto(instance.server.origin + words.setUp.path);
  await expect(page).toHaveURL(new RegExp(words.signIn.path));
});
