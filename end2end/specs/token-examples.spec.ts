// The parts of the examples on their own, without a browser: tokens that are kept, renewed and refused,
// and the signatures of webhooks. Node's are called here, Python's in a process of their own. As a whole
// the backends are run by connect-examples.island.spec.ts.

import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { startInstance } from "../contract/instance.mjs";
import { expect, test } from "../support/test.ts";

const EXAMPLES = join(import.meta.dirname, "../../docs/examples");
const SECRET = `whsec_${Buffer.from("a key of twenty-four bytes").toString("base64")}`;
const BODY = '{"type": "connection.created"}';

/** Runs a few lines of Python beside the examples; what they print is JSON. */
async function python(lines: string, input: object) {
  const { stdout } = await promisify(execFile)("python3", ["-c", lines, JSON.stringify(input)], {
    cwd: join(EXAMPLES, "python"),
    env: { PATH: process.env.PATH ?? "", PYTHONDONTWRITEBYTECODE: "1" },
    timeout: 30_000,
  });
  return JSON.parse(stdout);
}

/** A signed message, and ways in which it is not genuine. */
function messages() {
  const at = String(Math.floor(Date.now() / 1000));
  const sign = (id: string, when: string, secret: string) => {
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${when}.${BODY}`).digest("base64")}`;
  };
  const headers = (id: string, when: string, signature: string) => ({
    "webhook-id": id,
    "webhook-timestamp": when,
    "webhook-signature": signature,
  });
  const old = String(Number(at) - 3600);
  const genuine = sign("msg_1", at, SECRET);
  return [
    { headers: headers("msg_1", at, genuine), body: BODY, expected: true },
    { headers: headers("msg_1", at, `${sign("msg_1", at, "whsec_b3RoZXI=")} ${genuine}`), body: BODY, expected: true },
    { headers: headers("msg_2", at, genuine), body: BODY, expected: false },
    { headers: headers("msg_1", at, genuine), body: `${BODY} `, expected: false },
    { headers: headers("msg_1", old, sign("msg_1", old, SECRET)), body: BODY, expected: false },
    { headers: headers("msg_1", at, "v1,"), body: BODY, expected: false },
    { headers: {}, body: BODY, expected: false },
  ];
}

test("both examples tell genuine webhooks from others", async () => {
  const { isGenuine } = await import(join(EXAMPLES, "node/webhooks.mjs"));
  const all = messages();
  const expected = all.map((message) => message.expected);
  expect(all.map(({ headers, body }) => isGenuine(SECRET, headers, body))).toEqual(expected);
  const lines = `
import json, sys
from webhooks import is_genuine
given = json.loads(sys.argv[1])
print(json.dumps([is_genuine(given["secret"], one["headers"], one["body"].encode()) for one in given["all"]]))`;
  expect(await python(lines, { secret: SECRET, all })).toEqual(expected);
});

test("both examples keep a token, have a refused one renewed, and say who has to reconnect", async () => {
  test.setTimeout(90_000);
  const { Grantport, ReconnectRequired, Refused } = await import(join(EXAMPLES, "node/grantport.mjs"));
  const { Tokens } = await import(join(EXAMPLES, "node/tokens.mjs"));
  const { backend, apollo, remove } = await startInstance();
  try {
    const tokens = new Tokens(new Grantport(backend.origin, backend.key));
    const sent: string[] = [];
    const provider = (statuses: number[]) => async (token: string) => {
      sent.push(token);
      return { status: statuses.shift() ?? 200 };
    };
    await tokens.call("apollo", "dana", provider([200]));
    await tokens.call("apollo", "dana", provider([401, 200]));
    expect(sent).toHaveLength(3);
    expect(sent[1], "it was kept").toBe(sent[0]);
    expect(sent[2], "it was renewed").not.toBe(sent[0]);
    await expect(tokens.call("apollo", "stranger", provider([]))).rejects.toThrow(Refused);

    const lines = `
import json, sys
from types import SimpleNamespace
from grantport import Grantport, Refused
from tokens import Tokens
given = json.loads(sys.argv[1])
tokens, sent = Tokens(Grantport(given["origin"], given["key"])), []
def provider(*statuses):
    left = list(statuses)
    def send(token, metadata):
        sent.append(token)
        return SimpleNamespace(status=left.pop(0))
    return send
tokens.call("apollo", "kenji", provider(200))
tokens.call("apollo", "kenji", provider(401, 200))
try:
    tokens.call("apollo", "stranger", provider(200))
except Refused as refused:
    code = refused.problem["code"]
print(json.dumps({"kept": sent[1] == sent[0], "renewed": sent[2] != sent[0], "code": code}))`;
    const { origin, key } = backend;
    expect(await python(lines, { origin, key })).toEqual({ kept: true, renewed: true, code: "not_found" });

    apollo.removeGrants();
    const refusal = await tokens.call("apollo", "dana", provider([401])).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ReconnectRequired);
    expect(refusal.url).toContain(`${origin}/connect/`);
    const broken = `
import json, sys
from types import SimpleNamespace
from grantport import Grantport, ReconnectRequired
from tokens import Tokens
given = json.loads(sys.argv[1])
try:
    Tokens(Grantport(given["origin"], given["key"])).call("apollo", "dana", lambda *_: SimpleNamespace(status=200))
except ReconnectRequired as refused:
    print(json.dumps({"url": refused.url}))`;
    expect((await python(broken, { origin, key })).url).toContain(`${origin}/connect/`);
  } finally {
    await remove();
  }
});
