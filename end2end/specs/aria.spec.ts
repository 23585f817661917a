// What each page is to those who hear it: roles, names and order, compared with the stored snapshots.
// After a wanted change: npx playwright test aria --update-snapshots

import { expect, test } from "../support/test.ts";
import { TOUR } from "../support/tour.ts";

test.use({ instanceOf: "aria" });

/** Replaces what differs from run to run by what it is. */
function settled(snapshot: string) {
  return snapshot
    .replace(/http:\/\/(127\.0\.0\.1|localhost):\d+/g, "ORIGIN")
    .replace(/(127\.0\.0\.1|localhost):\d+/g, "HOST")
    .replace(/\b(app|con|cs|flw|key|mem|org|prv|rcp|sec)_[0-9A-Za-z]{6,}/g, "$1_ID")
    .replace(/\bgp_[0-9A-Za-z]+\.\.[0-9A-Za-z]+/g, "gp_HINT")
    .replace(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/g, "SUPPORT-CODE")
    .replace(/\/connect\/[0-9A-Za-z_-]{12,}/g, "/connect/TOKEN")
    .replace(/\/outcome\/[0-9A-Za-z_]+/g, "/outcome/FLOW")
    .replace(/\buser_\d+\b/g, "user_ID")
    .replace(/\bacc_\d+\b/g, "acc_ID")
    .replace(/\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)( \d{4})?(, \d\d:\d\d(:\d\d)?)?( UTC)?/g, "MOMENT")
    .replace(/\b\d\d:\d\d(:\d\d)?( UTC)?/g, "MOMENT")
    .replace(/\b(just now|\d+ (s|min|h) ago)\b/g, "MOMENT")
    .replace(/\b\d+ more minutes?\b/g, "N more minutes")
    .replace(/(Generation\s*"?:?\s*)[\d,]+/g, "$1N");
}

for (const stop of TOUR) {
  test(`${stop.name} reads as it did`, async ({ page, go }) => {
    await go(stop);
    const snapshot = settled(await page.locator("body").ariaSnapshot());
    expect(snapshot).toMatchSnapshot(`${stop.name}.aria.txt`);
  });
}
