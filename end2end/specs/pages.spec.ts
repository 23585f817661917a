// Every page there is, looked at once: what its response carries, that it asks for nothing from
// elsewhere, what it reads like, and that axe finds no barrier in light or in dark.
// After a wanted change: npx playwright test pages --update-snapshots

import type { Response } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import { checkPage } from "../support/headers.ts";
import { expect, test } from "../support/test.ts";
import { TOUR } from "../support/tour.ts";

test.use({ instanceOf: "pages", contextOptions: { reducedMotion: "reduce" } });

/** Replaces what differs from run to run by what it is. */
function settled(snapshot: string) {
  return snapshot
    .replace(/http:\/\/(127\.0\.0\.1|localhost):\d+/g, "ORIGIN")
    .replace(/(127\.0\.0\.1|localhost):\d+/g, "HOST")
    .replace(/\b(app|con|cs|flw|key|mem|org|prv|rcp|sec)_[0-9A-Za-z]{6,}/g, "$1_ID")
    .replace(/\bgp_[0-9A-Za-z]+\.\.[0-9A-Za-z]+/g, "gp_HINT")
    .replace(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/g, "SUPPORT-CODE")
    .replace(/\/connect\/[0-9A-Za-z_-]{12,}/g, "/connect/TOKEN")
    .replace(/\/connect\/con_ID\.\d+\.[0-9A-Za-z_-]+/g, "/connect/LINK")
    .replace(/\/invitations\/[0-9A-Za-z_-]{12,}/g, "/invitations/TOKEN")
    .replace(/\b[2-7A-Z]{4}( [2-7A-Z]{4}){7}\b/g, "TOTP SECRET")
    .replace(/\/outcome\/[0-9A-Za-z_]+/g, "/outcome/FLOW")
    .replace(/\buser_\d+\b/g, "user_ID")
    .replace(/\bacc_\d+\b/g, "acc_ID")
    .replace(/\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{4})?(, \d\d:\d\d(:\d\d)?)?( UTC)?/g, "MOMENT")
    .replace(/\b\d\d:\d\d(:\d\d)?( UTC)?/g, "MOMENT")
    .replace(/\b(just now|\d+ (s|min|h) ago)\b/g, "MOMENT")
    .replace(/\b\d+ more minutes?\b/g, "N more minutes")
    // how far the audit is sealed and exported is a matter of seconds
    .replace(/\b[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4} … [0-9a-f]{4}\b/g, "HASH")
    .replace(/\b\d+ rows are sealed/g, "N rows are sealed")
    .replace(/(- code: HASH)\n\s+- text: ", (?:not exported yet\."|last exported"\n\s+- time: MOMENT\n\s+- text: \.)/g, "$1")
    // how many hand-outs were counted before it is a matter of minutes
    .replace(/(- term: Audit row\n\s+- definition: )"\d+"/g, '$1"N"')
    .replace(/whsec_[A-Za-z0-9+/=]+/g, "whsec_SECRET")
    .replace(/"1[789]\d{8}"/g, '"UNIX TIME"');
}

for (const stop of TOUR) {
  test(stop.name, async ({ page, go, javaScriptEnabled }) => {
    const documents: Response[] = [];
    const elsewhere: string[] = [];
    page.on("response", (response) => {
      if (response.request().isNavigationRequest() && ![302, 303].includes(response.status())) documents.push(response);
    });
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "data:" && !["127.0.0.1", "localhost"].includes(hostname)) elsewhere.push(request.url());
    });
    await go(stop);

    expect.soft(elsewhere).toEqual([]);
    // the practice provider plays a foreign one, whose headers are its own
    if (stop.name !== "practice-desk") {
      const last = documents.at(-1);
      if (last === undefined) throw new Error("no page was shown");
      const kind = new URL(last.url()).pathname.startsWith("/invitations/") ? "invitation" : "portal";
      checkPage(await last.allHeaders(), stop.who === "end user" ? "connect" : kind, stop.name);
      expect.soft(await page.locator("[style], style, [onclick], [onload]").count(), "no inline style or handler").toBe(0);
    }
    // the same snapshot with scripts and without: a page says the same to both
    if (!stop.generated) expect.soft(settled(await page.locator("body").ariaSnapshot())).toMatchSnapshot(`${stop.name}.txt`);
    // axe is a script
    if (javaScriptEnabled !== false) expect(await barriers(page)).toEqual([]);
  });
}

test("the first press of Tab offers to skip to the content", async ({ page, go }) => {
  for (const name of ["signin", "applications", "connect"]) {
    const stop = TOUR.find((one) => one.name === name);
    if (stop === undefined) throw new Error(`no stop ${name}`);
    await go(stop);
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();
    await page.context().clearCookies();
  }
});
