// What responses have to carry.

import { expect } from "@playwright/test";

/** Headers by their names in small letters. */
export type Headers = Record<string, string>;

/** Directives of a Content-Security-Policy. */
export function policy(headers: Headers) {
  const text = headers["content-security-policy"] ?? "";
  return new Map(
    text.split(";").map((directive) => {
      const [name, ...sources] = directive.trim().split(/\s+/);
      return [name, sources];
    }),
  );
}

/** On every response of every kind. */
export function checkCommon(headers: Headers, of: string) {
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
export function checkPage(headers: Headers, who: "portal" | "invitation" | "connect", of: string) {
  checkCommon(headers, of);
  const csp = policy(headers);
  expect(csp.get("base-uri"), of).toEqual(["'none'"]);
  expect(csp.get("frame-ancestors"), of).toEqual(["'none'"]);
  expect(headers["x-frame-options"], of).toBe("DENY");
  expect(headers["cache-control"], of).toContain("no-store");
  expect(headers["referrer-policy"], of).toBe(who === "portal" ? "same-origin" : "no-referrer");
  expect(headers["cross-origin-opener-policy"], of).toBe(who === "connect" ? "unsafe-none" : "same-origin");
}
