// A Grantport with a key, providers and connections in several states, for calls that hit something.

import { APOLLO_APP, fileOf } from "./file.mjs";
import { startApollo } from "../stand-ins/apollo.mjs";
import { Backend } from "../support/backend.mjs";
import { API_KEY, Grantport } from "../support/server.mjs";

/** Apollo's authorize address is a route behind the `#`. */
const ROUTE = "#/oauth/authorize?";

/**
 * @typedef {object} Instance
 * @property {Grantport} server
 * @property {Backend} backend
 * @property {string[]} connections ids of connections that work
 * @property {string[]} doomed ids of connections that may be revoked
 * @property {string[]} sessions ids of connect sessions
 * @property {import("../stand-ins/apollo.mjs").Apollo} apollo the provider
 * @property {() => Promise<void>} remove
 */

/** @returns {Promise<Instance>} */
export async function startInstance() {
  const apollo = await startApollo();
  const server = await Grantport.inEmptyDirectory({ origins: { "https://app.apollo.io": apollo.origin } });
  const remove = async () => {
    await server.remove();
    await apollo.close();
  };
  try {
    const printed = await server.apply(fileOf(), { APOLLO_SECRET: APOLLO_APP.clientSecret });
    const key = printed.match(API_KEY)?.[0];
    if (key === undefined) throw new Error(`grantport apply printed no API key:\n${printed}`);
    await server.start();
    const backend = new Backend(server.origin, key);
    apollo.register({ ...APOLLO_APP, redirectUris: [await backend.redirectUri("apollo")] });
    const sessions = [];
    const ids = [];
    for (const person of ["dana", "kenji", "sam", "lee"]) {
      apollo.account = { ...apollo.account, id: `acc_${person}`, email: `${person}@northwind.example`, name: person };
      const session = await backend.invite({ id: person });
      await connect(session.url, apollo);
      sessions.push(session.id);
      ids.push(await backend.connectionOf(session));
    }
    const pending = await backend.invite({ id: "nobody" });
    sessions.push(pending.id);
    return { server, backend, connections: ids.slice(0, 2), doomed: ids.slice(2), sessions, apollo, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Goes an end user's way without a browser.
 * @param {string} url of the invitation
 * @param {import("../stand-ins/apollo.mjs").Apollo} apollo
 */
async function connect(url, apollo) {
  const begun = await fetch(`${url}/start`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ provider: "apollo" }),
  });
  const leads = new URL(begun.headers.get("location") ?? "");
  const cookie = begun.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
  if (!leads.hash.startsWith(ROUTE)) throw new Error(`no attempt was begun: ${begun.status} ${leads}`);
  const pairs = leads.hash.slice(ROUTE.length).split("&").map((pair) => pair.split("=").map(decodeURIComponent));
  const back = apollo.decide(/** @type {any} */ (pairs), "authorize");
  const ended = await fetch(back, { redirect: "manual", headers: { cookie } });
  if (ended.status !== 303) throw new Error(`the attempt did not end well: ${ended.status} ${await ended.text()}`);
}
