// The reference of the API: for whoever has no key yet, on a phone too.

import { expect, test } from "../support/test.ts";

test("every link of the reference leads somewhere, and nothing sticks out on a phone", async ({ page, instance }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${instance.server.origin}/docs`);
  expect(new URL(page.url()).pathname).toBe("/docs/api");
  await expect(page.getByRole("heading", { level: 1, name: "API reference" })).toBeVisible();
  const { missing, width } = await page.evaluate(() => ({
    missing: [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute("href")?.slice(1) ?? "")
      .filter((place) => document.getElementById(place) === null),
    width: document.documentElement.scrollWidth,
  }));
  expect(missing).toEqual([]);
  expect(width).toBe(360);
});

test("the example of a call works with a key", async ({ page, instance }) => {
  await page.goto(`${instance.server.origin}/docs/api`);
  const example = page.getByRole("region", { name: "List the providers: example" });
  await expect(example).toContainText(`curl -sS ${instance.server.origin}/api/v1/providers`);
  const { status } = await instance.backend.call("GET", "/providers");
  expect(status).toBe(200);
});
