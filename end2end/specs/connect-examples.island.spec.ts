// The examples of docs/, run as their readers run them: connecting against the practice provider, and
// each backend as a whole against a stand-in of Apollo.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Page } from "@playwright/test";
import ts from "typescript";
import { startApollo } from "../stand-ins/apollo.mjs";
import { startProduct } from "../stand-ins/product.mjs";
import { Backend } from "../support/backend.mjs";
import { APOLLO, ORGANIZATION, OWNER } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import { API_KEY, Grantport, binary, freePort } from "../support/server.mjs";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const EXAMPLES = join(import.meta.dirname, "../../docs/examples");
const MODULES = join(import.meta.dirname, "../node_modules");
const DANA = "user_2291";
const SECRET = `whsec_${Buffer.from("a key of twenty-four bytes").toString("base64")}`;
const PROFILE = { email: "dana@northwind.example" };

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

/** Runs a server of the examples in a directory, and ends it. */
async function running(name: string, directory: string, env: Record<string, string>, use: () => Promise<void>) {
  const [command, parameters] = SERVERS[name]();
  const started: ChildProcess = spawn(command, parameters, {
    cwd: directory,
    env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1", ...env },
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

/** A directory for one use. */
async function inDirectory(use: (directory: string) => Promise<void>) {
  const directory = await mkdtemp(join(tmpdir(), "grantport-example-"));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
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
      const connects = async () => {
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
      };
      await inDirectory((directory) => running(name, directory, env, connects));
    });
  }
  expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
});

/** Hands a backend of the examples what is wrong in one way, or genuine: what it answers, and what it should. */
async function handOverWebhooks(hooks: string) {
  const now = Math.floor(Date.now() / 1000);
  const body = '{"type": "webhook.test", "timestamp": "2026-11-28T01:12:03Z", "data": {}}';
  const sign = (id: string, at: number, secret = SECRET) => {
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64")}`;
  };
  const send = async (id: string, at: number, signature: string, sent = body) => {
    const headers = { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": signature };
    return (await fetch(hooks, { method: "POST", headers, body: sent })).status;
  };
  const other = sign("evt_one", now, "whsec_b3RoZXI=");
  return {
    genuine: await send("evt_one", now, sign("evt_one", now)),
    "once more": await send("evt_one", now, sign("evt_one", now)),
    "while a secret is rotated": await send("evt_two", now, `${other} ${sign("evt_two", now)}`),
    "signed by another": await send("evt_three", now, other),
    "of another message": await send("evt_three", now, sign("evt_one", now)),
    "with other bytes": await send("evt_three", now, sign("evt_three", now), `${body} `),
    "of an hour ago": await send("evt_three", now - 3600, sign("evt_three", now - 3600)),
    unsigned: await send("evt_three", now, ""),
  };
}

/** An application with Apollo, whose backend listens on this port: a key for it, and another one for the test. */
const applicationOf = (port: number) => `
[organization]
name = "${ORGANIZATION}"

[[applications]]
slug = "crm-sync"
name = "CRM Sync"
return_urls = ["http://localhost:${port}/"]
allowed_origins = ["http://localhost:${port}"]

[[applications.api_keys]]
name = "backend"
rate_per_s = 4

[[applications.api_keys]]
name = "test"

[[applications.webhooks]]
url = "http://localhost:${port}/hooks"
events = ["connection.created"]
secret = "${SECRET}"

[[applications.providers]]
definition = "apollo"
slug = "apollo"
client_id = "${APOLLO.clientId}"
client_secrets = ["\${APOLLO_SECRET}"]
scopes = ${JSON.stringify(APOLLO.scopes)}
`;

/** The key of a backend waits after 20 calls, so that none of these fails only if it is patient. */
const MORE_THAN_AT_ONCE = 30;

for (const name of Object.keys(SERVERS)) {
  test(`the backend in ${name} completes, calls, renews, waits, and hears of everything once`, async ({ page, endUser }) => {
    test.setTimeout(120_000);
    const port = await freePort();
    const ours = `http://localhost:${port}`;
    const apollo = await startApollo();
    const server = await Grantport.inEmptyDirectory({
      origins: { "https://app.apollo.io": apollo.origin, "https://api.apollo.io": apollo.origin },
      env: { GRANTPORT_ALLOW_PRIVATE_UPSTREAMS: `localhost:${port}` },
    });
    const get = async (path: string) => {
      const answer = await fetch(ours + path, { redirect: "manual" });
      const text = await answer.text();
      return { status: answer.status, location: answer.headers.get("location"), body: text && JSON.parse(text) };
    };
    const happened = async () => ((await get("/happened")).body as { id: string; type: string }[]).map(({ type }) => type);
    try {
      const printed = await server.apply(applicationOf(port), { APOLLO_SECRET: APOLLO.clientSecret });
      const [itsKey = "", testKey = ""] = printed.match(new RegExp(API_KEY, "g")) ?? [];
      await server.start();
      const backend = new Backend(server.origin, testKey);
      apollo.register({ ...APOLLO, redirectUris: [await backend.redirectUri("apollo")] });
      let connection = "";
      await inDirectory(async (directory) => {
        const env = {
          GRANTPORT_URL: server.origin,
          GRANTPORT_API_KEY: itsKey,
          GRANTPORT_WEBHOOK_SECRET: SECRET,
          PORT: String(port),
          APOLLO_API: apollo.origin,
          EVENTS_EVERY_S: "1",
        };
        await running(name, directory, env, async () => {
          await test.step("what Grantport says is told from what the provider says", async () => {
            expect(await get("/through-proxy"), "nothing is connected").toMatchObject({ status: 502 });
            expect(await get("/?session=cs_none&connect_code=none")).toMatchObject({
              status: 303,
              location: expect.stringMatching(/&status=failed&error=not_found$/),
            });
          });
          const approve = async (link: string) => {
            await page.goto(link);
            await endUser.pressConnect("Apollo");
            await endUser.atApollo("authorize");
          };
          await test.step("it completes nothing that was begun for somebody else", async () => {
            const challenge = createHash("sha256").update("a verifier of theirs").digest("base64url");
            const theirs = await backend.invite({ id: "user_17" }, { return_url: `${ours}/`, code_challenge: challenge });
            await approve(theirs.url);
            await expect(page.getByRole("status")).toContainText("completion_refused");
            expect((await backend.call("GET", "/connections")).body.data).toEqual([]);
          });
          await test.step("it completes what its user began", async () => {
            await approve(`${ours}/connect`);
            await expect(page.getByRole("status")).toHaveText("Connected.");
            await expect(page).toHaveURL(/status=connected/);
            await page.goto("about:blank");
          });
          connection = (await backend.call("GET", `/connections?end_user=${DANA}`)).body.data[0].id;
          await test.step("it calls through the proxy", async () => {
            expect(await get("/through-proxy")).toMatchObject({ status: 200, body: PROFILE });
            apollo.faults.down = true;
            expect(await get("/through-proxy"), "this is the provider's").toMatchObject({ status: 503, body: { error: "Service unavailable" } });
            apollo.reset();
          });
          await test.step("it keeps a token, and has a refused one renewed", async () => {
            // what it hears of a connection makes it forget the token that it keeps
            await expect.poll(happened).toContain("connection.created");
            expect(await get("/with-token")).toMatchObject({ status: 200, body: PROFILE });
            const kept = (await backend.token(connection)).body.access_token;
            // Apollo ends the token that it renews, and nobody tells the backend
            await backend.token(connection, { rejected_token_sha256: createHash("sha256").update(kept).digest("hex") });
            expect(await get("/with-token")).toMatchObject({ status: 200, body: PROFILE });
            const profiles = apollo.log.filter(({ what }) => what === "profile");
            expect(profiles.map(({ status }) => status)).toEqual([200, 401, 200]);
          });
          await test.step("it waits as long as it is told to", async () => {
            const began = Date.now();
            const all = await Promise.all(Array.from({ length: MORE_THAN_AT_ONCE }, () => get("/connections")));
            expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
            expect(Date.now() - began, "it had to").toBeGreaterThan(1_000);
          });
          await test.step("it takes webhooks that are genuine, once", async () => {
            expect(await handOverWebhooks(`${ours}/hooks`)).toEqual({
              genuine: 204,
              "once more": 204,
              "while a secret is rotated": 204,
              "signed by another": 400,
              "of another message": 400,
              "with other bytes": 400,
              "of an hour ago": 400,
              unsigned: 400,
            });
            const [{ id }] = (await backend.call("GET", "/webhooks")).body.data;
            const delivered = async () => (await backend.call("GET", `/webhooks/${id}/deliveries`)).body.data[0].state;
            await expect.poll(delivered).toBe("delivered");
          });
          await test.step("it says where to approve again", async () => {
            apollo.removeGrants();
            for (const path of ["/with-token", "/through-proxy"]) {
              const { status, body } = await get(path);
              expect(status).toBe(409);
              expect(body.reconnect_url).toContain(`${server.origin}/connect/`);
            }
          });
          await test.step("it reads the log, and knows what webhooks told", async () => {
            const types = async () => (await happened()).sort();
            const all = ["connection.created", "connection.reconnect_required", "webhook.test", "webhook.test"];
            await expect.poll(types).toEqual(all);
            const { body } = await backend.call("GET", "/events");
            const cursor = () => readFile(join(directory, "events.cursor"), "utf8");
            await expect.poll(cursor).toBe(body.next_cursor);
            expect(await types()).toEqual(all);
          });
        });
        await running(name, directory, env, async () => {
          await backend.call("DELETE", `/connections/${connection}?reason=asked`);
          await expect.poll(happened, "it goes on where it was").toEqual(["connection.revoked"]);
        });
      });
    } finally {
      await server.remove();
      await apollo.close();
    }
  });
}

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
