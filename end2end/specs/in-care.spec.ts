// A team's connection outlives whoever connected it: staff hand it over, and the next link is somebody else's.

import { SUPPORT } from "../support/instance.ts";
import { expect, test } from "../support/test.ts";

test("support hands a team's connection over", async ({ page, browser, instance, endUser, person, signedIn, javaScriptEnabled }) => {
  const { backend, server } = instance;
  const session = await backend.invite(person, { providers: ["oidc"], owner: "team", team_id: "northwind" });
  await endUser.open(session);
  await endUser.pressConnect("OIDC Test");
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected("OIDC Test");
  const id = await backend.connectionOf(session);

  const context = await browser.newContext({ javaScriptEnabled });
  await context.addCookies(await signedIn(SUPPORT));
  const desk = await context.newPage();
  await desk.goto(`${server.origin}/apps/crm-sync/connections/${id}`);
  const care = desk.getByRole("region", { name: "Team connection" });
  await expect(care).toContainText("An integration user of the team’s own lasts longest");
  await care.getByText("Hand over", { exact: true }).first().click();
  await care.getByLabel("End user id", { exact: true }).fill("user_77");
  await care.getByLabel("Their name", { exact: true }).fill("Bo Lind");
  await care.getByRole("button", { name: "Hand over" }).click();
  await expect(care).toContainText("Bo Lind has it in care");
  await expect(desk.getByText("Handed over to Bo Lind by")).toBeVisible();
  const link = await desk.getByLabel("Reconnect link").inputValue();

  await page.goto(link);
  await expect(page.getByText("Bo Lind").first()).toBeVisible();
  await context.close();
});
