// Starts Grantport as its users do: the binary, in an empty directory, told what it must know by
// variables. Everything here is bounded in time, and a server is stopped by its own process id.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const HERE = import.meta.dirname;
const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;
const COMMAND_WITHIN_MS = 30_000;

/** Where the printed setup token stands in the output of the first start. */
const SETUP_TOKEN = /set-?up token\W+([A-Za-z0-9_-]{16,})/i;

/** An API key, whole: hints such as `gp_4Tw5..9fQe` are not meant. */
export const API_KEY = /\bgp_[A-Za-z0-9_-]{20,}/;

/** The binary under test. */
export function binary() {
  const path = resolve(process.env.GRANTPORT_BIN ?? join(HERE, "../../target/debug/grantport"));
  if (!existsSync(path)) {
    throw new Error(`There is no Grantport at ${path}. Build it first, or set GRANTPORT_BIN.`);
  }
  return path;
}

/** A port that is free now. */
export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/**
 * @typedef {object} Wishes
 * @property {Record<string, string>} [origins] origins of the catalog and where they are played
 * @property {Record<string, string>} [env] more variables, with their prefix
 */

/** One Grantport with a directory, a database, a key and a port of its own. */
export class Grantport {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;

  /** @param {string} directory @param {number} port @param {Wishes} wishes */
  constructor(directory, port, wishes) {
    this.directory = directory;
    this.origin = `http://127.0.0.1:${port}`;
    /** Everything that was printed, by every start. */
    this.output = "";
    // database and key are left at their defaults: `data/` in this directory, made on the first run
    this.env = {
      PATH: process.env.PATH,
      HOME: directory,
      GRANTPORT_PUBLIC_URL: this.origin,
      GRANTPORT_BIND: `127.0.0.1:${port}`,
      GRANTPORT_CATALOG_DIR: join(HERE, "../catalog"),
      GRANTPORT_ORIGIN_OVERRIDES: JSON.stringify(wishes.origins ?? {}),
      GRANTPORT_LOG: process.env.GRANTPORT_LOG ?? "info",
      // the journeys count the refreshes that they cause; what the server does by itself is proved by `soak ahead`
      GRANTPORT_BACKGROUND_REFRESH: "off",
      ...wishes.env,
    };
  }

  /** @param {Wishes} [wishes] */
  static async inEmptyDirectory(wishes = {}) {
    const directory = await mkdtemp(join(tmpdir(), "grantport-e2e-"));
    return new Grantport(directory, await freePort(), wishes);
  }

  /** @param {string[]} parameters */
  #spawn(parameters) {
    const started = spawn(binary(), parameters, {
      cwd: this.directory,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    for (const stream of [started.stdout, started.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        printed += text;
        this.output += text;
      });
    }
    return { started, printed: () => printed };
  }

  /** Serves, and returns when the server says that it is ready. */
  async start() {
    const { started, printed } = this.#spawn(["serve"]);
    this.#process = started;
    const until = Date.now() + START_WITHIN_MS;
    for (;;) {
      if (started.exitCode !== null) {
        throw new Error(`Grantport ended with ${started.exitCode} while it started:\n${printed()}`);
      }
      if (await isReady(this.origin)) return this;
      if (Date.now() > until) {
        await this.stop();
        throw new Error(`Grantport was not ready within ${START_WITHIN_MS} ms:\n${printed()}`);
      }
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  /**
   * `grantport apply`: makes this instance match a file. The server must not run.
   * @param {string} toml
   * @param {Record<string, string>} secrets for `${NAME}` in the file
   * @returns {Promise<string>} what it printed
   */
  async apply(toml, secrets) {
    const file = join(this.directory, "instance.toml");
    await writeFile(file, toml);
    return this.command(["apply", file], secrets);
  }

  /**
   * Runs a command on this instance.
   * @param {string[]} parameters
   * @param {Record<string, string>} [more] variables for this command alone
   * @returns {Promise<string>} what it printed
   */
  async command(parameters, more = {}) {
    const serving = this.env;
    this.env = { ...serving, ...more };
    const { started, printed } = this.#spawn(parameters);
    this.env = serving;
    const clock = setTimeout(() => started.kill("SIGKILL"), COMMAND_WITHIN_MS);
    const [code] = await once(started, "close");
    clearTimeout(clock);
    if (code !== 0) throw new Error(`grantport ${parameters[0]} ended with ${code}:\n${printed()}`);
    return printed();
  }

  /** Copies database and key of another one, which must not run, into this empty directory. @param {Grantport} original */
  async copy(original) {
    await cp(join(original.directory, "data"), join(this.directory, "data"), { recursive: true });
  }

  /** The token that the first start printed. */
  async setupToken() {
    // it is printed before or just after the server is ready
    for (let waited = 0; waited < 5_000; waited += 50) {
      const token = this.output.match(SETUP_TOKEN)?.[1];
      if (token !== undefined) return token;
      await new Promise((later) => setTimeout(later, 50));
    }
    throw new Error(`No setup token was printed:\n${this.output}`);
  }

  /** Ends the process as a power cut would. */
  async kill() {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined) return;
    const ended = once(running, "close");
    running.kill("SIGKILL");
    await ended;
  }

  /** Asks the process to end and waits for it. */
  async stop() {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, "close");
    running.kill("SIGTERM");
    const clock = setTimeout(() => running.kill("SIGKILL"), STOP_WITHIN_MS);
    await ended;
    clearTimeout(clock);
  }

  /** Ends it and removes what it wrote. */
  async remove() {
    await this.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** @param {string} origin */
async function isReady(origin) {
  try {
    const response = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(2_000) });
    return response.ok;
  } catch {
    return false;
  }
}
