// What both stand-ins need of HTTP: a server on a free port, a body of either format, an answer.

import { createServer } from "node:http";
import { once } from "node:events";

/**
 * The name under which browsers and Grantport reach a stand-in. Grantport itself runs on 127.0.0.1,
 * so a provider at `localhost` is another site to the browser, as a real provider is: a cookie that
 * would be lost on the way back from the provider is lost here too.
 */
export const STAND_IN_HOST = "localhost";

/** The largest body that a stand-in reads. Nothing that is meant for it comes near. */
const LARGEST_BODY = 64 * 1024;

/**
 * Serves `handler` on the loopback interface.
 * @param {import("node:http").RequestListener} handler
 * @param {number} port 0 takes a free one
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>}
 */
export async function listen(handler, port = 0) {
  const server = createServer(handler);
  // `localhost` is ::1 first for some clients and 127.0.0.1 for others; the wildcard serves both
  server.listen(port);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return {
    origin: `http://${STAND_IN_HOST}:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * Reads a body as its content type says.
 * @param {import("node:http").IncomingMessage} request
 * @returns {Promise<{ format: "form" | "json" | "none", fields: Record<string, any> }>}
 */
export async function readFields(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > LARGEST_BODY) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const type = (request.headers["content-type"] ?? "").split(";")[0].trim();
  if (type === "application/json") {
    const fields = text === "" ? {} : JSON.parse(text);
    return { format: "json", fields };
  }
  if (type === "application/x-www-form-urlencoded") {
    return { format: "form", fields: Object.fromEntries(new URLSearchParams(text)) };
  }
  return { format: "none", fields: {} };
}

/**
 * Answers with JSON.
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {unknown} body
 */
export function answer(response, status, body) {
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(JSON.stringify(body));
}

/**
 * Serves until the process is told to stop: how a stand-in runs on its own, beside `make run`.
 * @param {string} name
 * @param {{ origin: string, close: () => Promise<void> }} standIn
 */
export function serveUntilStopped(name, standIn) {
  console.log(`${name} listens on ${standIn.origin}`);
  const stop = () => standIn.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}
