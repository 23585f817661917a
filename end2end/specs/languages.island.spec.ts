// The end user's pages in each of their languages: nobody is kept out, and no word is cut off, on a desk
// and on a phone, in the light and in the dark.

import type { Page } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import { expect, newPerson, test } from "../support/test.ts";

const WIDTHS = [1440, 390];

/** Texts that are wider than the place they stand in, or reach beyond the screen. */
const clipped = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > window.innerWidth) found.push("the page is wider than the screen");
    for (const element of document.querySelectorAll<HTMLElement>("main *, footer *")) {
      const style = getComputedStyle(element);
      if (element.closest(".unseen") !== null || style.display === "inline" || element.clientWidth === 0) continue;
      const cut = style.overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1;
      const out = element.getBoundingClientRect().right > window.innerWidth + 1;
      if (cut || out) found.push(`${element.tagName} ${element.textContent?.slice(0, 60)}`);
    }
    return found;
  });

/** Nothing is wrong with the page that is open. */
async function isFine(page: Page, language: string, what: string) {
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    expect(await clipped(page), `${what}, ${width}`).toEqual([]);
    expect(await barriers(page), `${what}, ${width}`).toEqual([]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

for (const language of ["en", "de", "fr", "es", "pt", "ja"]) {
  test(`every page in ${language}`, async ({ page, browser, instance, endUser, person, upstreams }) => {
    test.setTimeout(120_000);
    const { backend, server } = instance;
    const { apollo } = upstreams;
    const press = () => page.locator(".connect__act button").first().click();
    const approve = async () => {
      await press();
      await endUser.atApollo("authorize");
      await page.waitForURL(/\/outcome\//);
    };

    const several = await backend.invite(person, { locale: language });
    await endUser.open(several);
    await isFine(page, language, "several providers");

    const session = await backend.invite(person, { locale: language, providers: ["apollo"] });
    await endUser.open(session);
    await isFine(page, language, "ask");

    apollo.faults.notPermitted = true;
    await press();
    await endUser.atApollo("authorize");
    await page.waitForURL(/\/outcome\//);
    await isFine(page, language, "not allowed to approve");
    apollo.faults.notPermitted = false;
    apollo.faults.grantsOnly = ["contacts_search"];
    await approve();
    await isFine(page, language, "done, in part");

    await page.goto(`${new URL(session.url).href}/accounts`);
    await page.locator("summary").first().click();
    await isFine(page, language, "my connected accounts");

    const connection = await backend.connectionOf(session);
    newPerson(upstreams);
    const again = await backend.invite(person, { locale: language, reconnect: connection });
    await endUser.open(again);
    await isFine(page, language, "reconnect");
    await approve();
    await isFine(page, language, "another account");

    const stopped = await backend.invite(person, { locale: language, providers: ["apollo"] });
    await endUser.open(stopped);
    await page.locator(`form[action$="/stop"] button`).click();
    await isFine(page, language, "stopped");

    // without a session it is the browser that says which language
    const speaks = await browser.newContext({ locale: language });
    try {
      const other = await speaks.newPage();
      await other.goto(`${server.origin}/connect/nothing-that-was-made`);
      await isFine(other, language, "unknown link");
    } finally {
      await speaks.close();
    }
  });
}
