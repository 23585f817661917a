// What every response carries, whatever it answers, and that no page asks for anything from elsewhere.

import type { APIResponse, Response } from "@playwright/test";
import { expect, test } from "../support/test.ts";
import { TOUR } from "../support/tour.ts";
import * as words from "../support/words.ts";

test.use({ instanceOf: "headers" });

type Headers = Record<string, string>;

/** Directives of a Content-Security-Policy. */
function policy(headers: Headers) {
  const text = headers["content-security-policy"] ?? "";
  return new Map(
    text.split(";").map((directive) => {
      const [name, ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
}

/** On every response of every kind. */
function checkCommon(headers: Headers, of: string) {
  expect(headers["x-content-type-options"], of).toBe("nosniff");
  expect(headers["cross-origin-resource-policy"], of).toBe("same-origin");
  expect(headers, of).toHaveProperty("permissions-policy");
  expect(headers, of).not.toHaveProperty("server");
  expect(headers, of).not.toHaveProperty("x-powered-by");
  expect(headers, of).not.toHaveProperty("access-control-allow-origin");
  const csp = policy(headers);
  expect(csp.get("default-src"), of).toEqual(["'none'"]);
  const sources = [...csp.values()].flat();
  for (const loose of ["'unsafe-inline'", "'unsafe-eval'", "'strict-dynamic'", "*", "https:"]) {
    expect(sources, of).not.toContain(loose);
  }
}

/** On every page. */
function checkPage(headers: Headers, who: "portal" | "connect", of: string) {
  checkCommon(headers, of);
  const csp = policy(headers);
  expect(csp.get("base-uri"), of).toEqual(["'none'"]);
  expect(csp.get("frame-ancestors"), of).toEqual(["'none'"]);
  expect(headers["x-frame-options"], of).toBe("DENY");
  expect(headers["cache-control"], of).toContain("no-store");
  expect(headers["referrer-policy"], of).toBe(who === "portal" ? "same-origin" : "no-referrer");
  expect(headers["cross-origin-opener-policy"], of).toBe(who === "portal" ? "same-origin" : "unsafe-none");
}

/** The practice provider plays a foreign one, whose headers are its own. */
const OURS = TOUR.filter((stop) => stop.name !== "practice-desk");

for (const stop of OURS) {
  test(`${stop.name}: headers, and nothing from elsewhere`, async ({ page, go }) => {
    const documents: Response[] = [];
    const elsewhere: string[] = [];
    page.on("response", (response) => {
      if (response.request().isNavigationRequest() && response.status() !== 303 && response.status() !== 302) documents.push(response);
    });
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "data:" && !["127.0.0.1", "localhost"].includes(hostname)) elsewhere.push(request.url());
    });
    await go(stop);
    const last = documents.at(-1);
    if (last === undefined) throw new Error("no page was shown");
    checkPage(await last.allHeaders(), stop.who === "end user" ? "connect" : "portal", stop.name);
    expect(elsewhere).toEqual([]);
    expect(await page.locator("[style], style, [onclick], [onload]").count(), "no inline style or handler").toBe(0);
  });
}

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
