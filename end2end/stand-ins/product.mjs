// The product whose users connect: pages on an origin of its own, and a backend behind them.

import { answer, listen } from "./http.mjs";

/** What a page is made of. @typedef {{ body?: string, head?: string }} Page */

/** What a page writes down for a test to read. @typedef {{ event: string, [what: string]: any }} Noted */

const NOTES = `<script>
  window.noted = [];
  const note = (event, more) => noted.push({ event, ...more });
  addEventListener("message", ({ origin, data }) => note("message", { origin, data }));
  for (const event of ["grantport:connected", "grantport:failed"]) {
    addEventListener(event, ({ detail }) => note(event, { detail }));
  }
</script>`;

/** The product. Every page of it that a test has not put there says "Integrations". */
export class Product {
  /** @type {Map<string, Page>} */
  #pages = new Map();
  /** Answers `POST /connect` and `GET /connect` with the link of a session. @type {() => Promise<string>} */
  invite = async () => {
    throw new Error("no test has said whom to invite");
  };
  /** Set once it listens. */
  origin = "";

  get returnUrl() {
    return `${this.origin}/integrations`;
  }

  /**
   * Puts a page there, and answers where.
   * @param {string} path @param {Page} page
   */
  put(path, page) {
    this.#pages.set(path, page);
    return this.origin + path;
  }

  /** @type {import("node:http").RequestListener} */
  serve = async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path === "/connect") {
      const url = await this.invite().catch(() => undefined);
      if (url === undefined) return answer(response, 503, {});
      if (request.method === "POST") return answer(response, 200, { url });
      response.writeHead(303, { location: url }).end();
      return;
    }
    const { head = "", body = "" } = this.#pages.get(path) ?? {};
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>Product</title>${NOTES}${head}<h1>Integrations</h1>${body}`);
  };
}

/** Starts a product. */
export async function startProduct() {
  const product = new Product();
  return Object.assign(product, await listen(product.serve));
}
