// An application's backend, in Node 20 or later and nothing else. Each part has a file of its own.
//
//   GRANTPORT_URL=http://127.0.0.1:3000 GRANTPORT_API_KEY=gp_... PORT=8000 node server.mjs
//
// At Grantport, the application's settings have `http://localhost:8000/` among the return URLs and
// `http://localhost:8000` among the allowed origins. With GRANTPORT_WEBHOOK_SECRET=whsec_... it takes
// webhooks at `/hooks`.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Connecting } from "./connect.mjs";
import { Events } from "./events.mjs";
import { Grantport, ReconnectRequired, Refused } from "./grantport.mjs";
import { throughProxy } from "./proxy.mjs";
import { Tokens } from "./tokens.mjs";
import { isGenuine } from "./webhooks.mjs";

const { GRANTPORT_URL, GRANTPORT_API_KEY, GRANTPORT_WEBHOOK_SECRET, PORT = "8000" } = process.env;
const { EVENTS_CURSOR = "events.cursor", EVENTS_EVERY_S = "60", APOLLO_API = "https://api.apollo.io" } = process.env;
if (!GRANTPORT_URL || !GRANTPORT_API_KEY) throw new Error("Set GRANTPORT_URL and GRANTPORT_API_KEY.");

const OUR_URL = `http://localhost:${PORT}/`;
const PAGE = new URL("../page/", import.meta.url);
/** The call that we make for our user: who they are at Apollo. */
const PROFILE = "/api/v1/users/api_profile";
/** No event is nearly as long. */
const LONGEST_BODY = 64 * 1024;

const grantport = new Grantport(GRANTPORT_URL, GRANTPORT_API_KEY);
const connecting = new Connecting(grantport, OUR_URL);
const tokens = new Tokens(grantport);
const history = [];
const events = new Events(grantport, EVENTS_CURSOR, (event) => {
  history.push({ id: event.id, type: event.type });
  if (event.data.connection_id) tokens.forget(event.data.connection_id);
});

/** Whoever is signed in. A real application reads this from its own session, never from the request. */
const user = () => ({ id: "user_2291", name: "Dana Whitfield", email: "dana@northwind.example" });

const json = (value, status = 200) => ({ status, type: "application/json", body: JSON.stringify(value) });
const seeOther = (location) => ({ status: 303, headers: { location } });

/** What this user has connected. */
async function connections() {
  const { data } = await grantport.ask("GET", `/connections?end_user=${encodeURIComponent(user().id)}`);
  return data.map(({ provider, account, status }) => ({ provider, account: account.label, status }));
}

/** Where the browser goes on that came back with a code. */
async function complete(session, connectCode) {
  try {
    await connecting.complete(session, connectCode, user());
    return `/?${new URLSearchParams({ session, status: "connected" })}`;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, choice_url } = error.problem;
    // they approved another account than the one that was to be renewed, and choose at Grantport
    return choice_url ?? `/?${new URLSearchParams({ session, status: "failed", error: code })}`;
  }
}

async function page() {
  const text = await readFile(new URL("index.html", PAGE), "utf8");
  return { type: "text/html; charset=utf-8", body: text.replace("GRANTPORT_URL", GRANTPORT_URL) };
}

const passedOn = async (answer) => json(await answer.json(), answer.status);

function takeWebhook(headers, body) {
  if (!GRANTPORT_WEBHOOK_SECRET || !isGenuine(GRANTPORT_WEBHOOK_SECRET, headers, body)) return { status: 400 };
  events.take({ id: headers["webhook-id"], ...JSON.parse(body) });
  return { status: 204 };
}

const ROUTES = {
  "GET /": async ({ query }) => {
    const connectCode = query.get("connect_code");
    return connectCode ? seeOther(await complete(query.get("session") ?? "", connectCode)) : page();
  },
  "GET /page.js": async () => ({ type: "text/javascript; charset=utf-8", body: await readFile(new URL("page.js", PAGE)) }),
  "POST /connect": async () => json({ url: await connecting.begin(user()) }),
  // for browsers without JavaScript
  "GET /connect": async () => seeOther(await connecting.begin(user())),
  "GET /connections": async () => json(await connections()),
  "GET /through-proxy": async () => passedOn(await throughProxy(grantport, "apollo", user().id, "GET", PROFILE)),
  "GET /with-token": async () => {
    const send = (token) => fetch(APOLLO_API + PROFILE, { headers: { authorization: `Bearer ${token}` } });
    return passedOn(await tokens.call("apollo", user().id, send));
  },
  "POST /hooks": ({ headers, body }) => takeWebhook(headers, body),
  "GET /happened": () => json(history),
};

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > LONGEST_BODY) throw new Error("the body is too long");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What our own page is told when it did not work. */
function apology(error) {
  if (error instanceof ReconnectRequired) return json({ reconnect_url: error.url }, 409);
  console.error(error);
  return { status: 502 };
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams: query } = new URL(request.url, OUR_URL);
  const route = ROUTES[`${request.method} ${pathname}`] ?? (() => ({ status: 404 }));
  const answered = async () => route({ query, headers: request.headers, body: await bodyOf(request) });
  const { status = 200, type = "text/plain", headers = {}, body = "" } = await answered().catch(apology);
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    // the script comes from Grantport, and asks Grantport how it ended
    "content-security-policy": `default-src 'self'; script-src 'self' ${GRANTPORT_URL}; connect-src 'self' ${GRANTPORT_URL}`,
    ...headers,
  });
  response.end(body);
});
server.listen(Number(PORT), "localhost", () => console.log(`Listening on ${OUR_URL}`));

for (;;) {
  await events.readOn().catch(console.error);
  await sleep(1000 * Number(EVENTS_EVERY_S));
}
