// The examples of docs/connect.md, run as their readers run them, against the practice provider.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Page } from "@playwright/test";
import ts from "typescript";
import { startProduct } from "../stand-ins/product.mjs";
import { Backend } from "../support/backend.mjs";
import { ORGANIZATION, OWNER } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import { type Grantport, binary, freePort } from "../support/server.mjs";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const EXAMPLES = join(import.meta.dirname, "../../docs/examples");
const MODULES = join(import.meta.dirname, "../node_modules");
const DANA = "user_2291";

/** How each server of the examples is started. */
const SERVERS: Record<string, () => [string, string[]]> = {
  node: () => [process.execPath, [join(EXAMPLES, "node/server.mjs")]],
  python: () => ["python3", [join(EXAMPLES, "python/server.py")]],
  // cargo puts examples beside the binaries
  rust: () => [join(dirname(binary()), "examples/backend"), []],
};

/** From an empty server to an application whose pages live on these ports. */
async function setUp(page: Page, fresh: Grantport, ports: number[]) {
  const member = new Member(page, fresh.origin);
  await member.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  const application = await member.createApplication("CRM Sync");
  await member.main.getByRole("button", { name: words.practice.add }).click();
  await expect(member.main.getByText(words.providers.active, { exact: true }).first()).toBeVisible();
  await member.open(`/apps/${application}/settings`);
  const lines = (path: string) => ports.map((port) => `http://localhost:${port}${path}`).join("\n");
  await member.main.getByLabel(words.settings.returnUrls, { exact: true }).fill(lines("/"));
  await member.main.getByLabel(words.settings.allowedOrigins, { exact: true }).fill(lines(""));
  await member.main.getByRole("button", { name: words.settings.save, exact: true }).click();
  await expect(member.main.getByLabel(words.settings.allowedOrigins, { exact: true })).toHaveValue(lines(""));
  return new Backend(fresh.origin, await member.makeKey(application, "backend"));
}

/** Runs a server of the examples, and ends it. */
async function running(name: string, env: Record<string, string>, use: () => Promise<void>) {
  const [command, parameters] = SERVERS[name]();
  const started: ChildProcess = spawn(command, parameters, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [started.stdout, started.stderr]) stream?.setEncoding("utf8").on("data", (text) => (printed += text));
  const ended = once(started, "close");
  try {
    await expect.poll(() => printed, { timeout: 20_000 }).toContain("Listening");
    await use();
  } finally {
    started.kill();
    await ended;
  }
}

/** Presses the button and connects in the window, which closes. */
async function connectInWindow(page: Page) {
  const opened = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Connect an account" }).click();
  const popup = await opened;
  const closed = popup.waitForEvent("close");
  await popup.getByRole("button", { name: words.hosted.connect(words.practice.name) }).click();
  await popup.getByRole("radio", { name: words.practice.person }).check();
  await popup.getByRole("button", { name: words.practice.approve, exact: true }).click();
  await closed;
}

test("every server of the examples connects its user", async ({ page, fresh }) => {
  test.setTimeout(180_000);
  const ports = await Promise.all(Object.keys(SERVERS).map(() => freePort()));
  const backend = await setUp(page, fresh, ports);
  // a policy that is too strict for connect.js is said here
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  for (const [index, name] of Object.keys(SERVERS).entries()) {
    await test.step(name, async () => {
      const env = { GRANTPORT_URL: fresh.origin, GRANTPORT_API_KEY: backend.key, PORT: String(ports[index]) };
      await running(name, env, async () => {
        await page.goto(`http://localhost:${ports[index]}/`);
        await connectInWindow(page);
        await expect(page.getByRole("status")).toHaveText("Connected.");
        await expect(page.getByRole("listitem").first()).toHaveText(`practice: ${words.practice.account} (active)`);

        // without a script: there, and back to the page that knows
        await page.goto(`http://localhost:${ports[index]}/connect`);
        await expect(page.getByRole("heading", { level: 1, name: words.hosted.ask("CRM Sync", words.practice.name) })).toBeVisible();
        await page.getByRole("button", { name: words.hosted.connect(words.practice.name) }).click();
        await page.getByRole("radio", { name: words.practice.person }).check();
        await page.getByRole("button", { name: words.practice.approve, exact: true }).click();
        await expect(page.getByRole("status")).toHaveText("Connected.");
        // its server ends, and the page would miss it
        await page.goto("about:blank");
      });
    });
  }
  expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
});

test("the React component connects", async ({ page, fresh }) => {
  test.setTimeout(120_000);
  const product = await startProduct();
  try {
    const port = Number(new URL(product.origin).port);
    const backend = await setUp(page, fresh, [port]);
    product.invite = async () => (await backend.invite({ id: DANA, name: "Dana Whitfield" })).url;
    const umd = (name: string) => readFile(join(MODULES, `${name}/umd/${name}.development.js`), "utf8");
    const { outputText } = ts.transpileModule(await readFile(join(EXAMPLES, "react/ConnectButton.jsx"), "utf8"), {
      compilerOptions: { jsx: ts.JsxEmit.React, module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
    });
    await page.goto(
      product.put("/react", { head: `<script src="${fresh.origin}/connect.js" defer></script>`, body: '<div id="root"></div>' }),
    );
    for (const content of [await umd("react"), await umd("react-dom")]) await page.addScriptTag({ content });
    await page.addScriptTag({
      content: `{
        const exports = {};
        const require = () => React;
        ${outputText}
        const button = React.createElement(exports.ConnectButton, { onConnected: (detail) => note("onConnected", { detail }) });
        ReactDOM.createRoot(document.querySelector("#root")).render(React.createElement(React.StrictMode, null, button));
      }`,
    });
    await connectInWindow(page);
    await expect.poll(() => page.evaluate(() => window.noted.filter(({ event }) => event === "onConnected"))).toMatchObject([
      { detail: { status: "connected" } },
    ]);
    await expect(page.getByRole("button", { name: "Connect an account" })).toBeEnabled();
  } finally {
    await product.close();
  }
});
