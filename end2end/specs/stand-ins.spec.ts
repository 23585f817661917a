// The providers' pages in a real browser, without Grantport: if these fail, look here first.

import { CLIENTS } from "../stand-ins/oidc.mjs";
import { APOLLO } from "../support/instance.ts";
import { expect, test } from "../support/test.ts";

// they register redirect URIs of their own
test.use({ instanceOf: "stand-ins" });

let callback = "";

test.beforeEach(async ({ upstreams: { apollo, oidc, product } }) => {
  callback = `${product.origin}/oauth/callback/prv_1`;
  apollo.register({ ...APOLLO, redirectUris: [callback] });
  oidc.registerRedirectUris(CLIENTS.post, [callback]);
});

function approvalPage(origin: string, scope: string) {
  const parameters = { client_id: APOLLO.clientId, redirect_uri: callback, response_type: "code", scope, state: "a+b c" };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${origin}/#/oauth/authorize?${query.join("&")}`;
}

for (const decision of ["authorize", "cancel"] as const) {
  test(`Apollo's page: ${decision}`, async ({ page, endUser, upstreams: { apollo } }) => {
    await page.goto(approvalPage(apollo.origin, APOLLO.scopes.join(" ")));
    await endUser.atApollo(decision);
    await expect(page.getByRole("heading", { name: "Integrations" })).toBeVisible();
    const back = new URL(page.url()).searchParams;
    expect(back.get("state")).toBe("a+b c");
    expect(back.has("code")).toBe(decision === "authorize");
    expect(back.get("status_code")).toBe(decision === "authorize" ? null : "403");
  });
}

for (const decision of ["consent", "cancel"] as const) {
  test(`the authorization server's pages: ${decision}`, async ({ page, endUser, upstreams: { oidc } }) => {
    const query = new URLSearchParams({
      client_id: CLIENTS.post.id,
      redirect_uri: callback,
      response_type: "code",
      scope: "openid email offline_access",
      prompt: "consent",
      state: "s",
    });
    await page.goto(`${oidc.origin}/auth?${query}`);
    await endUser.atOidc(decision);
    await expect(page.getByRole("heading", { name: "Integrations" })).toBeVisible();
    const back = new URL(page.url()).searchParams;
    expect(back.has("code")).toBe(decision === "consent");
    expect(back.get("error")).toBe(decision === "consent" ? null : "access_denied");
  });
}
