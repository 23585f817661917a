// The API held against its own document: schemathesis makes calls of all kinds, right and wrong ones,
// and every answer has to be one that the document names.
//
//   node contract/run.mjs PATH-OF-SCHEMATHESIS [more of its options]

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { startInstance } from "./instance.mjs";

/** The same calls each time. */
const SEED = "20260301";
/** Calls for each operation and phase. */
const CALLS = "60";
const LONGEST_S = "150";

/** What is held against the document. That a valid call is refused for what it names is no fault. */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "negative_data_rejection",
  "unsupported_method",
  "allow_header_conformance",
  "ignored_auth",
];

const [schemathesis, ...more] = process.argv.slice(2);
if (schemathesis === undefined) throw new Error("Say where schemathesis is: make contract does.");
const instance = await startInstance();
let code = 1;
try {
  const { server, backend, connections, doomed, sessions } = instance;
  const options = [
    "run",
    `${server.origin}/api/v1/openapi.json`,
    ...["--checks", CHECKS.join(",")],
    ...["--phases", "examples,coverage,fuzzing"],
    ...["--max-examples", CALLS, "--seed", SEED, "--max-time", LONGEST_S],
    ...["--header", `Authorization: Bearer ${backend.key}`],
    ...["--warnings", "off", "--continue-on-failure", "--no-color"],
    ...more,
  ];
  const started = spawn(schemathesis, options, {
    cwd: server.directory,
    stdio: "inherit",
    env: {
      ...process.env,
      SCHEMATHESIS_HOOKS: join(import.meta.dirname, "hooks.py"),
      KNOWN: JSON.stringify({ connections, doomed, sessions }),
    },
  });
  [code] = await once(started, "close");
} finally {
  await instance.remove();
}
process.exitCode = code ?? 1;
