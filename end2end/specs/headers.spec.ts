// What every response carries, whatever it answers. Each page's own are in `pages.spec.ts`.

import type { APIResponse } from "@playwright/test";
import { type Headers, checkCommon, policy } from "../support/headers.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

test("every page has a nonce of its own", async ({ instance, request }) => {
  const nonces: (string | undefined)[] = [];
  for (let visit = 0; visit < 3; visit += 1) {
    const response = await request.get(instance.server.origin + words.signIn.path);
    nonces.push(policy(response.headers()).get("script-src")?.find((source) => source.startsWith("'nonce-")));
  }
  expect(nonces.every((nonce) => nonce !== undefined && nonce.length > 20)).toBe(true);
  expect(new Set(nonces).size).toBe(3);
});

test("answers that are no pages carry them too", async ({ instance, request }) => {
  const { origin } = instance.server;
  const answers: [string, APIResponse][] = [];
  const ask = async (of: string, asked: Promise<APIResponse>) => answers.push([of, await asked]);
  await ask("a redirect", request.get(`${origin}/`, { maxRedirects: 0 }));
  await ask("a missing asset", request.get(`${origin}/assets/0/none.js`));
  await ask("the API without a key", request.get(`${origin}/api/v1/providers`));
  await ask("an address of the API that is not there", request.get(`${origin}/api/v1/nothing`));
  await ask("a malformed callback", request.get(`${origin}/oauth/callback/prv_x?%ff`));
  await ask("a method that is not allowed", request.delete(`${origin}/signin`));
  await ask("the health of the server", request.get(`${origin}/readyz`));
  for (const [of, response] of answers) {
    expect(response.status(), of).toBeLessThan(500);
    checkCommon(response.headers(), of);
  }
});

test("assets may be kept for ever, and every page names those that are there", async ({ page, instance }) => {
  const assets = new Map<string, Headers>();
  page.on("response", (response) => {
    if (new URL(response.url()).pathname.startsWith("/assets/")) assets.set(response.url(), response.headers());
  });
  await page.goto(instance.server.origin + words.signIn.path);
  await page.waitForLoadState("networkidle");
  expect(assets.size).toBeGreaterThan(0);
  for (const [url, headers] of assets) {
    expect(headers["cache-control"], url).toContain("immutable");
    expect(headers["x-content-type-options"], url).toBe("nosniff");
  }
});

test("the API answers problems as RFC 9457 says, never with a page", async ({ instance, request }) => {
  const { origin } = instance.server;
  for (const [path, status, code] of [
    ["/api/v1/providers", 401, "unauthorized"],
    ["/api/v1/connections/con_00000000000000000000", 401, "unauthorized"],
  ] as const) {
    const response = await request.get(origin + path);
    expect(response.status()).toBe(status);
    expect(response.headers()["content-type"]).toContain("application/problem+json");
    expect(await response.json()).toMatchObject({ code, blame: "caller" });
  }
  const { backend } = instance;
  const unknown = await backend.call("GET", "/connections/con_00000000000000000000");
  const madeUp = await backend.call("GET", "/connections/nothing");
  expect([unknown.status, madeUp.status]).toEqual([404, 404]);
  expect(unknown.body.code).toBe("not_found");
  expect(madeUp.body.code).toBe("not_found");
  expect((await backend.call("POST", "/connect-sessions", { end_user: {} })).status).toBe(422);
});
