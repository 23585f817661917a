import { defineConfig, devices } from "@playwright/test";
import { HEADLESS_SHELL } from "./support/browser.ts";

const desk = { ...devices["Desktop Chrome"], viewport: { width: 1440, height: 900 } };

/** Specs that need the browser to run scripts: islands, and axe, which is one itself. */
const ISLANDS = /\.island\.spec\.ts$/;
/** They test nothing, and are taken when they are asked for. */
const SCREENSHOTS = /screenshots\.spec\.ts$/;
const wanted = process.env.UPDATE_SCREENSHOTS === "1";

export default defineConfig({
  testDir: "specs",
  outputDir: "test-results",
  snapshotPathTemplate: "{testDir}/snapshots/{arg}{ext}",
  workers: 2,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: HEADLESS_SHELL,
      args: [
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [
    { name: "js", testIgnore: SCREENSHOTS, use: { ...desk } },
    { name: "nojs", testIgnore: [ISLANDS, SCREENSHOTS], use: { ...desk, javaScriptEnabled: false } },
    {
      name: "phone",
      testMatch: /hosted\.spec\.ts$/,
      use: { ...desk, viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    },
    ...(wanted ? [{ name: "screenshots", testMatch: SCREENSHOTS, use: { ...desk } }] : []),
  ],
});
