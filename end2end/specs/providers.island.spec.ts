// What script adds to the provider form: Copy, and a search over the scopes.

import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

test("the Redirect URI is copied with one press", async ({ page, context, owner }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await owner.open("/apps/crm-sync/providers/new/apollo");
  const expected = await owner.redirectUri();
  const copy = owner.main.getByRole("button", { name: words.providers.copy });
  // the page comes alive when the browser is idle
  await expect(async () => {
    await copy.click();
    await expect(owner.main.getByRole("status").filter({ hasText: words.providers.copied })).toBeAttached({ timeout: 500 });
  }).toPass();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(expected);
});

test("scopes are found while typing, by name and by words, and the count follows", async ({ owner }) => {
  await owner.open("/apps/crm-sync/providers/new/apollo");
  const search = owner.main.getByLabel(words.providers.searchScopes);
  const wanted = owner.main.getByRole("checkbox", { name: /(^|\s)person_read(\s|$)/ });
  const other = owner.main.getByRole("checkbox", { name: /(^|\s)contacts_search(\s|$)/ });
  await expect(async () => {
    await search.fill("");
    await search.pressSequentially("person_read");
    await expect(wanted).toBeVisible({ timeout: 500 });
    await expect(other).toBeHidden({ timeout: 500 });
  }).toPass();
  const count = owner.main.getByText(/\d+ of \d+ are chosen/);
  const before = await count.innerText();
  await wanted.setChecked(!(await wanted.isChecked()));
  await expect(count).not.toHaveText(before);
});
