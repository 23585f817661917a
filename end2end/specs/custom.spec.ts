// A provider that is in no catalog: found at its issuer by an admin, connected by an end user, and
// nothing that an admin can write leads inside.

import { CLIENTS, ISSUER } from "../stand-ins/oidc.mjs";
import type { Member } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

test.use({ instanceOf: "custom" });

const { customProvider } = words;

const field = (owner: Member, label: string) => owner.main.getByLabel(label, { exact: true });

async function lookUp(owner: Member, issuer: string) {
  await field(owner, customProvider.issuer).fill(issuer);
  await owner.main.getByRole("button", { name: customProvider.lookUp, exact: true }).click();
}

test("a provider is made from its issuer and connected", async ({ page, owner, instance, endUser, person, upstreams: { oidc } }) => {
  await owner.chooseDefinition("crm-sync", customProvider.name);
  oidc.registerRedirectUris(CLIENTS.discovered, [await owner.redirectUri()]);
  await lookUp(owner, ISSUER);
  await expect(page.getByRole("heading", { name: customProvider.found })).toBeVisible();
  await expect(field(owner, customProvider.tokenUrl)).toHaveValue(`${ISSUER}/token`);
  await expect(field(owner, customProvider.profileUrl)).toHaveValue(`${ISSUER}/me`);
  await expect(field(owner, customProvider.accountId)).toHaveValue("/sub");

  await field(owner, customProvider.providerName).fill("OIDC Found");
  await owner.pasteCredentials(CLIENTS.discovered.id, CLIENTS.discovered.secret);
  await owner.saveProvider();
  await expect(owner.main.getByText(customProvider.from(ISSUER)).first()).toBeVisible();

  const session = await instance.backend.invite(person, { providers: ["custom"] });
  await endUser.open(session);
  await endUser.pressConnect("OIDC Found");
  await endUser.atOidc("consent", person.id);
  await endUser.seesConnected("OIDC Found");
  const { status, body } = await instance.backend.token(await instance.backend.connectionOf(session));
  expect(status).toBe(200);
  expect(await oidc.isActive(body.access_token)).toBe(true);
  expect(body.scopes).toEqual(expect.arrayContaining(["openid", "email", "offline_access"]));
});

test("an issuer that is another, or inside, is refused and stays in its field", async ({ page, owner }) => {
  for (const [issuer, sentence] of [
    [`${ISSUER}/`, "names another issuer"],
    ["https://127.0.0.1", "may not be called"],
    ["https://localhost", "may not be called"],
    ["http://login.example.com", "Write the issuer as an https address"],
  ]) {
    await owner.open("/apps/crm-sync/providers/new/custom");
    await lookUp(owner, issuer);
    await expect(page.getByRole("alert")).toContainText(sentence);
    await expect(field(owner, customProvider.issuer)).toHaveValue(issuer);
  }
});

test("an address inside is refused, and all but the secret is kept", async ({ page, owner }) => {
  await owner.open("/apps/crm-sync/providers/new/custom");
  await field(owner, customProvider.providerName).fill("Inside");
  await field(owner, customProvider.authorizeUrl).fill("https://login.example.com/authorize");
  await field(owner, customProvider.tokenUrl).fill("https://[::ffff:127.0.0.1]/token");
  await owner.pasteCredentials("an-id", "a-secret-that-is-not-kept");
  await owner.main.getByRole("button", { name: words.providers.save, exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("This address may not be called.");
  await expect(field(owner, customProvider.tokenUrl)).toHaveValue("https://[::ffff:127.0.0.1]/token");
  await expect(field(owner, words.providers.clientId)).toHaveValue("an-id");
  await expect(field(owner, words.providers.clientSecret)).toHaveValue("");
});
