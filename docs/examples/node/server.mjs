// An application's backend, in Node 20 or later and nothing else.
//
//   GRANTPORT_URL=http://127.0.0.1:3000 GRANTPORT_API_KEY=gp_... PORT=8000 node server.mjs
//
// At Grantport, the application's settings have `http://localhost:8000/` among the return URLs and
// `http://localhost:8000` among the allowed origins.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const { GRANTPORT_URL, GRANTPORT_API_KEY, PORT = "8000" } = process.env;
if (!GRANTPORT_URL || !GRANTPORT_API_KEY) throw new Error("Set GRANTPORT_URL and GRANTPORT_API_KEY.");

const OUR_URL = `http://localhost:${PORT}/`;
const PAGE = new URL("../page/", import.meta.url);

/** Whoever is signed in. A real application reads this from its own session, never from the request. */
const user = () => ({ id: "user_2291", name: "Dana Whitfield", email: "dana@northwind.example" });

/** Calls Grantport's API. The key stays here. */
async function grantport(method, path, body) {
  const answer = await fetch(`${GRANTPORT_URL}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${GRANTPORT_API_KEY}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`Grantport answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** The link by which this user connects an account. */
async function newLink() {
  const session = await grantport("POST", "/connect-sessions", { end_user: user(), return_url: OUR_URL });
  return session.url;
}

/** What this user has connected. */
async function connections() {
  const { data } = await grantport("GET", `/connections?end_user=${encodeURIComponent(user().id)}`);
  return data.map(({ provider, account, status }) => ({ provider, account: account.label, status }));
}

const json = (value) => ({ type: "application/json", body: JSON.stringify(value) });

const ROUTES = {
  "GET /": async () => {
    const page = await readFile(new URL("index.html", PAGE), "utf8");
    return { type: "text/html; charset=utf-8", body: page.replace("GRANTPORT_URL", GRANTPORT_URL) };
  },
  "GET /page.js": async () => ({ type: "text/javascript; charset=utf-8", body: await readFile(new URL("page.js", PAGE)) }),
  "POST /connect": async () => json({ url: await newLink() }),
  // for browsers without JavaScript
  "GET /connect": async () => ({ status: 303, headers: { location: await newLink() } }),
  "GET /connections": async () => json(await connections()),
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, OUR_URL);
  const route = ROUTES[`${request.method} ${pathname}`];
  try {
    const { status = 200, type = "text/plain", headers = {}, body = "" } = route ? await route() : { status: 404 };
    response.writeHead(status, {
      "content-type": type,
      "cache-control": "no-store",
      // the script comes from Grantport, and asks Grantport how it ended
      "content-security-policy": `default-src 'self'; script-src 'self' ${GRANTPORT_URL}; connect-src 'self' ${GRANTPORT_URL}`,
      ...headers,
    });
    response.end(body);
  } catch (error) {
    console.error(error);
    response.writeHead(502).end();
  }
});
server.listen(Number(PORT), "localhost", () => console.log(`Listening on ${OUR_URL}`));
