// An application's own colour and logo: set in the portal, seen by end users in the light and in the dark.

import { crc32, deflateSync } from "node:zlib";
import type { Locator, Page } from "@playwright/test";
import { barriers } from "../support/barriers.ts";
import { APPLICATION } from "../support/instance.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

test.use({ instanceOf: "brand" });

const settings = `/apps/${APPLICATION.slug}/settings`;

/** A PNG of one colour. */
function picture(width: number, height: number, [red, green, blue]: [number, number, number]) {
  const chunk = (kind: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(kind), data]);
    const framed = Buffer.alloc(named.length + 8);
    framed.writeUInt32BE(data.length, 0);
    named.copy(framed, 4);
    framed.writeUInt32BE(crc32(named), named.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.from(Array.from({ length: width }, () => [red, green, blue]).flat())]);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

const file = (name: string, mimeType: string, buffer: Buffer) => ({ name, mimeType, buffer });

/** A picture that the browser has loaded: how large it is in itself. */
const loaded = (picture: Locator) =>
  expect.poll(() => picture.evaluate((one) => (one as HTMLImageElement).naturalWidth), "the picture is loaded");

/** Fill and ink of a button. */
const coloursOf = (button: Locator) =>
  button.evaluate((one) => {
    const { backgroundColor, color } = getComputedStyle(one);
    return { backgroundColor, color };
  });

async function save(page: Page, accent: string) {
  await page.getByLabel(words.settings.accent, { exact: true }).fill(accent);
  await page.getByRole("button", { name: words.settings.save, exact: true }).click();
  await expect(page.getByRole("status")).toContainText("Saved.");
}

test("a logo and a colour are worn by the page that asks", async ({ page, owner, endUser, instance, person, javaScriptEnabled }) => {
  await owner.open(settings);
  await page.getByLabel(words.settings.logo, { exact: true }).setInputFiles(file("logo.png", "image/png", picture(300, 300, [15, 81, 50])));
  await page.getByRole("button", { name: words.settings.uploadLogo }).click();
  await expect(page.getByRole("status")).toContainText("Saved.");
  await save(page, "#ffe600");
  const preview = page.getByRole("img", { name: words.settings.preview(APPLICATION.name) });
  await loaded(preview.locator("img").first()).toBe(256);
  if (javaScriptEnabled !== false) expect(await barriers(page)).toEqual([]);

  await endUser.open(await instance.backend.invite(person, { providers: ["apollo"] }));
  const logo = page.getByRole("main").locator("img").first();
  await loaded(logo).toBe(256);
  await expect(logo).toHaveAttribute("alt", "");
  const button = page.getByRole("button", { name: words.hosted.connect("Apollo.io") });
  const picked = { backgroundColor: "rgb(255, 230, 0)", color: "rgb(0, 0, 0)" };
  // colours pass into each other, so what is asked for is where they end
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(() => coloursOf(button), "as it was picked").toEqual(picked);
  await page.emulateMedia({ colorScheme: "light" });
  const shaded = async () => (await coloursOf(button)).backgroundColor;
  await expect.poll(shaded, "shaded until it is seen").not.toBe(picked.backgroundColor);
  if (javaScriptEnabled !== false) expect(await barriers(page)).toEqual([]);

  await owner.open(settings);
  await page.getByRole("button", { name: words.settings.removeLogo }).click();
  await expect(page.getByRole("status")).toContainText("Saved.");
  await expect(page.getByRole("button", { name: words.settings.removeLogo })).toHaveCount(0);
  await save(page, "");
});

test("a file that is no picture is told where it was chosen", async ({ page, owner }) => {
  await owner.open(settings);
  const name = await page.getByLabel(words.settings.name, { exact: true }).inputValue();
  for (const [sent, sentence] of [
    [file("logo.png", "image/png", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>")), /Save a drawing such as an SVG as PNG first/],
    [file("photo.png", "image/png", Buffer.alloc(700_000, 1)), /at most 512 KB/],
    // more than the server takes at all, and still no lost connection
    [file("photo.png", "image/png", Buffer.alloc(6_000_000, 1)), /at most 512 KB/],
    [file("wide.png", "image/png", picture(5000, 1, [0, 0, 0])), /at most 4096 by 4096 pixels/],
  ] as const) {
    await page.getByLabel(words.settings.logo, { exact: true }).setInputFiles(sent);
    await page.getByRole("button", { name: words.settings.uploadLogo }).click();
    await expect(page.getByRole("alert")).toContainText(sentence);
    await expect(page.getByLabel(words.settings.logo, { exact: true })).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel(words.settings.name, { exact: true })).toHaveValue(name);
    await owner.open(settings);
  }
});

test("completion by the backend is chosen, and needs a return URL", async ({ page, owner }) => {
  await owner.open(settings);
  const urls = page.getByLabel(words.settings.returnUrls, { exact: true });
  const before = await urls.inputValue();
  await urls.fill("");
  await page.getByRole("radio", { name: words.settings.bound }).check();
  await page.getByRole("button", { name: words.settings.save, exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("the browser brings the connect code there");
  await expect(page.getByRole("radio", { name: words.settings.bound }), "nothing is lost").toBeChecked();
  await urls.fill(before);
  await page.getByRole("button", { name: words.settings.save, exact: true }).click();
  await expect(page.getByRole("status")).toContainText("Saved.");
  await expect(page.getByRole("radio", { name: words.settings.bound })).toBeChecked();
});
