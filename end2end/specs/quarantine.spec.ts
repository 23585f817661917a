// A copy of an installation says on every page that it refreshes nothing, until somebody confirms.

import type { Page } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import { ORGANIZATION, OWNER } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import { Grantport } from "../support/server.mjs";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const PAGES = ["/", "/apps/crm-sync", "/apps/crm-sync/providers", "/apps/crm-sync/connections", "/apps/crm-sync/keys", "/account"];

const notice = (page: Page) => page.getByRole("main").locator(".notice", { hasText: words.quarantine.what });

test("a copy is told apart, and confirmed once the original is off", async ({ page, fresh, javaScriptEnabled }) => {
  test.setTimeout(120_000);
  const original = new Member(page, fresh.origin);
  await original.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  await original.createApplication("CRM Sync");
  for (const path of PAGES) {
    await original.open(path);
    await expect(notice(page)).toHaveCount(0);
  }
  await fresh.stop();

  const copy = await Grantport.inEmptyDirectory();
  try {
    await copy.copy(fresh);
    expect(await copy.command(["restore", "status"])).toContain("the next start of the server begins it");
    await copy.start();
    const member = new Member(page, copy.origin);

    await test.step("every page says so, on a phone and in the dark too", async () => {
      for (const path of [...PAGES, "/apps/none"]) {
        await member.open(path);
        await expect(notice(page)).toBeVisible();
        for (const text of [words.quarantine.copied, words.quarantine.stillWorks, words.quarantine.confirm]) {
          await expect(notice(page)).toContainText(text);
        }
      }
      for (const width of [1440, 390, 320]) {
        await page.setViewportSize({ width, height: 844 });
        await member.open("/");
        const box = await notice(page).boundingBox();
        expect(box !== null && box.x >= 0 && box.x + box.width <= width, `within ${width} pixels`).toBe(true);
        // axe is a script
        if (javaScriptEnabled !== false) expect(await barriers(page)).toEqual([]);
      }
    });

    await test.step("the command says that the server has to stop", async () => {
      await expect(copy.command(["restore", "confirm"])).rejects.toThrow(/Stop the server, run this command again/);
    });

    await test.step("a restart does not forget it, and confirming ends it", async () => {
      await copy.stop();
      expect(await copy.command(["restore", "status"])).toContain(`Then run \`${words.quarantine.confirm}\``);
      expect(await copy.command(["restore", "confirm"])).toContain("The quarantine is lifted");
      expect(await copy.command(["restore", "confirm"])).toContain("There is nothing to confirm");
      await copy.start();
      for (const path of PAGES) {
        await member.open(path);
        await expect(member.main).toBeVisible();
        await expect(notice(page)).toHaveCount(0);
      }
    });
  } finally {
    await copy.remove();
  }

  await test.step("the original never noticed", async () => {
    await fresh.start();
    await original.open("/");
    await expect(original.main).toBeVisible();
    await expect(notice(page)).toHaveCount(0);
  });
});
