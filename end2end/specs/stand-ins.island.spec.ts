// Apollo's page is a script, and decodes its route as a script does.

import { APOLLO } from "../support/instance.ts";
import { expect, test } from "../support/test.ts";

// they register redirect URIs of their own
test.use({ instanceOf: "stand-ins" });

test("a plus sign is no space to Apollo", async ({ page, upstreams: { apollo } }) => {
  apollo.register({ ...APOLLO, redirectUris: ["http://127.0.0.1:9/callback"] });
  const query = `client_id=${APOLLO.clientId}&redirect_uri=${encodeURIComponent("http://127.0.0.1:9/callback")}&response_type=code`;
  await page.goto(`${apollo.origin}/#/oauth/authorize?${query}&scope=${APOLLO.scopes.join("+")}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Apollo cannot show this request");
  await page.goto("about:blank");
  await page.goto(`${apollo.origin}/#/oauth/authorize?${query}&scope=${APOLLO.scopes.join("%20")}`);
  await expect(page.getByRole("list", { name: "Permissions" })).toContainText("contacts_search");
});

test("parameters before the fragment reach nobody", async ({ page, upstreams: { apollo } }) => {
  await page.goto(`${apollo.origin}/?client_id=${APOLLO.clientId}&response_type=code#/oauth/authorize`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Log in to Apollo");
});
