// API keys on their pages: made with limits, changed, rotated while both work, revoked.

import { Backend } from "../support/backend.mjs";
import { ORGANIZATION, OWNER } from "../support/instance.ts";
import { Member, read } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const KEY = /gp_[0-9A-Za-z]{38}/;

test("an admin limits a key, replaces it without an outage, and ends it", async ({ page, fresh }) => {
  test.setTimeout(90_000);
  const member = new Member(page, fresh.origin);
  await member.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  const application = await member.createApplication("CRM Sync");
  const keys = `/apps/${application}/keys`;
  const press = (name: string) => member.main.getByRole("button", { name, exact: true }).click();
  const label = (name: string) => member.main.getByLabel(name, { exact: true });
  const reaches = async (key: string) => (await new Backend(fresh.origin, key).call("GET", "/connections")).status;

  await test.step("what is wrong is said beside its field, and nothing is lost", async () => {
    await member.open(keys);
    await expect(member.main.getByRole("checkbox", { checked: true })).toHaveCount(6);
    await label(words.keys.name).fill("backend");
    await label(words.keys.ranges).fill("the office");
    await label(words.keys.rate).fill("fast");
    await label(words.keys.these).check();
    await press(words.keys.make);
    await expect(page.getByRole("alert")).toContainText("Write addresses or blocks of them");
    await expect(label(words.keys.ranges)).toHaveValue("the office");
    await expect(label(words.keys.ranges)).toHaveAccessibleDescription(/Write addresses or blocks of them/);
    await expect(label(words.keys.these)).toBeChecked();
  });

  const old = await test.step("a key that is limited to this machine", async () => {
    await label(words.keys.ranges).fill("127.0.0.0/8\n::1");
    await label(words.keys.rate).fill("50");
    await label("All, those to come included").check();
    await press(words.keys.make);
    const key = await read(page, KEY);
    await expect(member.main.getByRole("row", { name: "backend" })).toContainText("50 a second");
    expect(await reaches(key)).toBe(200);
    return key;
  });

  await test.step("it is changed on its page", async () => {
    await member.main.getByRole("link", { name: "backend", exact: true }).click();
    await label(words.keys.ranges).fill("203.0.113.7");
    await press(words.keys.save);
    await expect(page.getByRole("status")).toContainText("Saved.");
    expect(await reaches(old)).toBe(403);
    await label(words.keys.ranges).fill("");
    await press(words.keys.save);
    await expect(page.getByRole("status")).toContainText("Saved.");
    expect(await reaches(old)).toBe(200);
  });

  await test.step("its successor is shown once, and both work", async () => {
    const page_ = page.url();
    await press(words.keys.rotate);
    const next = await read(page, KEY);
    expect(next).not.toBe(old);
    expect([await reaches(old), await reaches(next)]).toEqual([200, 200]);
    await page.reload();
    expect(await page.content()).not.toContain(next);
    await page.goto(page_);
    await expect(member.main).toContainText("is deprecated: each answer says so");
  });

  await test.step("what is in use is not revoked by the way", async () => {
    await expect
      .poll(async () => {
        await page.reload();
        return member.main.getByLabel(words.keys.although).count();
      }, { timeout: 15_000 })
      .toBe(1);
    await press(words.keys.revoke);
    await expect(page.getByRole("alert")).toContainText("Tick this if it has to end");
    await label(words.keys.although).check();
    await press(words.keys.revoke);
    await expect(member.main.getByRole("row", { name: "Revoked" })).toHaveCount(1);
    expect(await reaches(old)).toBe(401);
  });
});
