// An endpoint from its form to a backend that verifies what it is sent, with the packages that backends use.

import { execFileSync } from "node:child_process";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";
import { Backend } from "../support/backend.mjs";
import { API_KEY, Grantport } from "../support/server.mjs";
import { Member } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const OWNER = { email: "mara@acme.example", password: "four-otters-carry-lamps" };
const FILE = `
[organization]
name = "Acme"

[[members]]
email = "${OWNER.email}"
role = "owner"
password = "${OWNER.password}"

[[applications]]
slug = "crm-sync"
name = "CRM Sync"
return_urls = ["https://app.acme.example/integrations"]
`;

interface Arrived {
  headers: Record<string, string>;
  body: string;
}

const only = (headers: IncomingHttpHeaders) => ({
  "webhook-id": String(headers["webhook-id"]),
  "webhook-timestamp": String(headers["webhook-timestamp"]),
  "webhook-signature": String(headers["webhook-signature"]),
});

/** A backend that takes webhooks, or answers what it is told to. */
async function startReceiver() {
  const arrived: Arrived[] = [];
  const answer = { status: 200, body: "taken" };
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part) => (body += part));
    request.on("end", () => {
      arrived.push({ headers: only(request.headers), body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return { arrived, answer, port, url: `http://127.0.0.1:${port}/hooks`, close: () => server.close() };
}

/** What the package of PyPI says. */
function verifiedByPython(secret: string, { headers, body }: Arrived) {
  const script = fileURLToPath(new URL("../support/verify-webhook.py", import.meta.url));
  const input = JSON.stringify({ secret, headers, body });
  return execFileSync(process.env.PYTHON ?? "python3", [script], { input, encoding: "utf8" }).trim();
}

test("what was committed arrives although the server is killed before it is sent", async () => {
  const receiver = await startReceiver();
  const server = await Grantport.inEmptyDirectory({
    env: { GRANTPORT_ALLOW_PRIVATE_UPSTREAMS: `127.0.0.1:${receiver.port}` },
  });
  try {
    const printed = await server.apply(
      `${FILE}
[[applications.api_keys]]
name = "backend"

[[applications.webhooks]]
url = "${receiver.url}"
events = ["connection.*"]
`,
      {},
    );
    const backend = new Backend(server.origin, printed.match(API_KEY)?.[0] ?? "");
    const secret = printed.match(/whsec_\S+/)?.[0] ?? "";
    await server.start();
    const [{ id }] = (await backend.call("GET", "/webhooks")).body.data;
    // whether or not it was tried by then, it was not taken
    receiver.answer.status = 500;
    const { status, body } = await backend.call("POST", `/webhooks/${id}/test`);
    expect(status).toBe(202);
    await server.kill();
    const before = receiver.arrived.length;
    receiver.answer.status = 200;
    await server.start();
    await expect.poll(() => receiver.arrived.length, { timeout: 50_000 }).toBeGreaterThan(before);
    for (const one of receiver.arrived) {
      expect(one.headers["webhook-id"]).toBe(receiver.arrived[0].headers["webhook-id"]);
      expect(new Webhook(secret).verify(one.body, one.headers)).toMatchObject({ type: "webhook.test" });
    }
    const delivered = async () => {
      const { data } = (await backend.call("GET", `/webhooks/${id}/deliveries`)).body;
      return [data[0].id, data[0].state];
    };
    await expect.poll(delivered).toEqual([body.delivery_id, "delivered"]);
  } finally {
    receiver.close();
    await server.remove();
  }
});

test("an endpoint is made, tried, rotated and sent to again", async ({ page }) => {
  const receiver = await startReceiver();
  const server = await Grantport.inEmptyDirectory({
    env: { GRANTPORT_ALLOW_PRIVATE_UPSTREAMS: `127.0.0.1:${receiver.port}` },
  });
  try {
    await server.apply(FILE, {});
    await server.start();
    const member = new Member(page, server.origin);
    await member.signIn(OWNER.email, OWNER.password);
    await member.open("/apps/crm-sync/webhooks");
    const main = member.main;
    await main.getByRole("link", { name: words.webhooks.add }).click();

    // an address inside is told to whoever types it, and what was typed stays
    await main.getByLabel(words.webhooks.url, { exact: true }).fill("https://localhost/hooks");
    await main.getByRole("button", { name: words.webhooks.save, exact: true }).click();
    await expect(page.getByRole("alert")).toContainText("This address may not be called.");
    await expect(main.getByLabel(words.webhooks.url, { exact: true })).toHaveValue("https://localhost/hooks");
    await main.getByLabel(words.webhooks.url, { exact: true }).fill(receiver.url);
    await main.getByRole("button", { name: words.webhooks.save, exact: true }).click();

    await expect(page.getByRole("heading", { level: 1, name: receiver.url })).toBeVisible();
    const secret = await main.getByRole("textbox", { name: words.webhooks.secret, exact: true }).inputValue();
    expect(secret).toMatch(/^whsec_/);
    const address = page.url();
    await page.goto(address);
    await expect(main.getByRole("textbox", { name: words.webhooks.secret, exact: true })).toHaveCount(0);

    const until = async (count: number) => expect.poll(() => receiver.arrived.length).toBe(count);
    await main.getByRole("button", { name: words.webhooks.test, exact: true }).click();
    await until(1);
    const [first] = receiver.arrived;
    expect(new Webhook(secret).verify(first.body, first.headers)).toMatchObject({ type: "webhook.test" });
    expect(verifiedByPython(secret, first)).toBe("verified");

    // a body that was written anew, and a time that is long past, are no longer what was signed
    const rewritten = { ...first, body: JSON.stringify(JSON.parse(first.body), null, 1) };
    const old = { ...first, headers: { ...first.headers, "webhook-timestamp": String(Number(first.headers["webhook-timestamp"]) - 600) } };
    for (const wrong of [rewritten, old]) {
      expect(() => new Webhook(secret).verify(wrong.body, wrong.headers)).toThrow();
      expect(verifiedByPython(secret, wrong)).toMatch(/^refused/);
    }

    // shown as text, whatever the endpoint answers
    receiver.answer.status = 500;
    receiver.answer.body = "<script>document.title = 'owned'</script>";
    await page.goto(address);
    await main.getByRole("button", { name: words.webhooks.again }).first().click();
    await until(2);
    expect(receiver.arrived[1].headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    await expect
      .poll(async () => {
        await page.goto(address);
        return main.getByText("It answered 500.").count();
      })
      .toBeGreaterThan(0);
    await expect(main.getByText("document.title = 'owned'")).toHaveCount(1);
    await expect(page).not.toHaveTitle(/owned/);

    // rotated: both sign
    await main.getByRole("button", { name: words.webhooks.rotate, exact: true }).click();
    const second = await main.getByRole("textbox", { name: words.webhooks.secret, exact: true }).inputValue();
    expect(second).not.toBe(secret);
    receiver.answer.status = 204;
    const before = receiver.arrived.length;
    await main.getByRole("button", { name: words.webhooks.test, exact: true }).click();
    await expect.poll(() => receiver.arrived.length).toBeGreaterThan(before);
    const last = receiver.arrived[receiver.arrived.length - 1];
    for (const one of [secret, second]) {
      expect(new Webhook(one).verify(last.body, last.headers)).toBeTruthy();
      expect(verifiedByPython(one, last)).toBe("verified");
    }
  } finally {
    receiver.close();
    await server.remove();
  }
});
