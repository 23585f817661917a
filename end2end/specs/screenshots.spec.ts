// Pictures of every page, at desk and phone width, light and dark, in `test-results/screenshots`: to be
// looked at beside the design. Those of the README are renewed, too.

import { join } from "node:path";
import { expect, test } from "../support/test.ts";
import { TOUR } from "../support/tour.ts";

test.use({ instanceOf: "screenshots", contextOptions: { reducedMotion: "reduce" } });

const LOOKED_AT = join(import.meta.dirname, "../test-results/screenshots");
const README = join(import.meta.dirname, "../../docs/screenshots");
const WIDTHS = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

for (const stop of TOUR) {
  test(stop.name, async ({ page, go }) => {
    await go(stop);
    for (const viewport of WIDTHS) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        const name = `${stop.name}-${viewport.width}-${colorScheme}.png`;
        const picture = await page.screenshot({ fullPage: true, path: join(LOOKED_AT, name) });
        expect(picture.length).toBeGreaterThan(1_000);
        if (stop.inReadme && viewport.width === 1440) {
          await page.screenshot({ path: join(README, `${stop.name}-${colorScheme}.png`) });
        }
      }
    }
  });
}
