// What keeps people out of a page, as far as axe can tell. It is a script, and needs a browser that runs them.

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

/** What axe has against a page. Colours are all that differs in the dark, and they are looked at when they stand still. */
export async function barriers(page: Page) {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // of what is well, axe need not say where it stands: that takes it longer than looking
    const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
    const { violations } = await (colorScheme === "light" ? axe.withTags(WCAG_2_2_AA) : axe.withRules("color-contrast")).analyze();
    for (const { help, nodes } of violations) {
      for (const node of nodes) found.push(`${colorScheme}: ${help}: ${node.target.join(" ")}: ${node.failureSummary}`);
    }
  }
  return found;
}
