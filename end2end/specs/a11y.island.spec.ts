// Every page is looked at by axe, in light and in dark. (axe is a script, so it needs a browser that runs
// scripts; that the pages read the same without is what `aria.spec.ts` shows.)

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "../support/test.ts";
import { TOUR } from "../support/tour.ts";

test.use({ instanceOf: "a11y" });

const WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

for (const stop of TOUR) {
  test(`${stop.name} has no barrier`, async ({ page, go }) => {
    await go(stop);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).withTags(WCAG_2_2_AA).analyze();
      const found = violations.map(({ id, help, nodes }) => ({
        id,
        help,
        where: nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
      }));
      expect(found, colorScheme).toEqual([]);
    }
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
