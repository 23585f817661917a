// docs/quickstart.md, as its readers follow it: every command on it is run, in its order.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ORGANIZATION, OWNER } from "../support/instance.ts";
import { Member } from "../support/people.ts";
import { expect, test } from "../support/test.ts";
import * as words from "../support/words.ts";

const PAGE = join(import.meta.dirname, "../../docs/quickstart.md");
const APPROVES = "<!-- the end user approves -->";

/** The commands of a part of the page. */
const commands = (text: string) => [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((found) => found[1]);

test("every command of the quickstart does what the page says", async ({ page, fresh }) => {
  test.setTimeout(120_000);
  const member = new Member(page, fresh.origin);
  await member.setUp(await fresh.setupToken(), { organization: ORGANIZATION, ...OWNER });
  const application = await member.createApplication("CRM Sync");
  await member.main.getByRole("button", { name: words.practice.add }).click();
  await expect(member.main.getByText(words.providers.active, { exact: true }).first()).toBeVisible();
  const key = await member.makeKey(application, "backend");

  const directory = await mkdtemp(join(tmpdir(), "grantport-quickstart-"));
  const env = { PATH: process.env.PATH ?? "", GRANTPORT_URL: fresh.origin, GRANTPORT_API_KEY: key };
  const run = async (command: string) =>
    (await promisify(execFile)("bash", ["-euo", "pipefail", "-c", command], { cwd: directory, env, timeout: 20_000 })).stdout;
  try {
    const [before, after] = (await readFile(PAGE, "utf8")).split(APPROVES).map(commands);
    // the first ones name the reader's own server and key
    expect(before[0]).toContain("export GRANTPORT_API_KEY=");
    const invited = JSON.parse(await run(before[1]));

    await page.goto(invited.url);
    await page.getByRole("button", { name: words.hosted.connect(words.practice.name) }).click();
    await page.getByRole("radio", { name: words.practice.person }).check();
    await page.getByRole("button", { name: words.practice.approve, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("connected");

    const answers: Record<string, any>[] = [];
    for (const command of after) answers.push(JSON.parse(await run(command)));
    const [session, token, ofUser, receipt, refused] = answers;
    expect(answers).toHaveLength(5);
    expect(session).toMatchObject({ id: invited.id, status: "connected" });
    expect(token.access_token).toBeTruthy();
    expect(ofUser).toMatchObject({ access_token: token.access_token, resolved_by: "personal" });
    expect(receipt).toMatchObject({ connection_id: token.connection_id, status: "revoked", reason: "asked" });
    expect(refused).toMatchObject({ status: 404, code: "not_found", blame: "caller" });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
