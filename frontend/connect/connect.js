// `<grantport-connect>` and `Grantport.connect({ url })`. Types: connect.d.ts, beside this file.
//
// A person connects in a window of Grantport's own; on a phone, and where windows are blocked, on this
// page. What came of it is asked of the server alone. A provider may cut the window off from the page
// that opened it (Cross-Origin-Opener-Policy): it then cannot send a message, and reads as closed while
// the person is still busy there. So a message makes us ask sooner, and `closed` lets a person begin
// again; neither is ever a result.
(() => {
  "use strict";
  if ("Grantport" in globalThis) return;

  const WIDTH = 520;
  const HEIGHT = 760;
  const FIRST_PAUSE_MS = 1000;
  const LONGEST_PAUSE_MS = 3000;
  /** A person may try again in the window, and need not. */
  const AFTER_AN_END_MS = 10000;
  const LONGEST_READ_MS = 10000;
  /** A link is used for 15 minutes at most, and what was begun with it for 10 more. */
  const LONGEST_WAIT_MS = 30 * 60 * 1000;
  /** Reads in a row that failed before any succeeded. */
  const MOST_FAILED_READS = 8;
  /** Our last page closes its window itself; this is for pages of the application in it. */
  const CLOSE_AFTER_MS = 1500;

  /** @typedef {Grantport.Result | { status: "pending" | "awaiting_completion", session: string }} Reading */

  /** A fault that a program can tell by its code. @param {string} code @param {string} what */
  const fault = (code, what) => Object.assign(new Error(`Grantport: ${what}`), { code });

  /** @param {number} ms @returns {Promise<undefined>} */
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

  const isPhone = () => matchMedia("(pointer: coarse)").matches && Math.min(screen.width, screen.height) < 600;

  /** A window beside this page, empty for now; null where this page has to go itself. */
  const openWindow = () => {
    if (isPhone()) return null;
    const left = Math.round(screenX + Math.max(0, outerWidth - WIDTH) / 2);
    const top = Math.round(screenY + Math.max(0, outerHeight - HEIGHT) / 2);
    const opened = open("about:blank", "_blank", `popup,width=${WIDTH},height=${HEIGHT},left=${left},top=${top}`);
    return opened?.closed ? null : opened;
  };

  /** The link of a connect session. @param {unknown} url */
  const linkFrom = (url) => {
    try {
      const link = new URL(String(url));
      if (/^https?:$/.test(link.protocol)) return link;
    } catch {}
    throw fault("bad_url", "`url` is not the `url` of a connect session.");
  };

  /** Goes there with this page. Ends only if the person comes back by the back button. @param {URL} link */
  const leave = (link) => {
    location.assign(link);
    return new Promise((_, reject) => {
      addEventListener("pageshow", (event) => {
        if (event.persisted) reject(new DOMException("The person came back.", "AbortError"));
      });
    });
  };

  /**
   * One look at a session; undefined if it failed.
   * @param {string} address @param {AbortSignal} [signal] @returns {Promise<Reading | undefined>}
   */
  const read = (address, signal) => {
    const reading = fetch(address, { signal, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" })
      .then((answer) => (answer.ok ? answer.json() : undefined))
      .catch(() => undefined);
    return Promise.race([reading, sleep(LONGEST_READ_MS)]);
  };

  /**
   * How a session ends, asked of the server. After "failed" and "denied" the person may try again in the
   * window, so more can follow; "connected" and "expired" are the last.
   * @param {URL} link
   * @param {Window} popup
   * @param {Omit<Grantport.Options, "url">} options
   * @returns {AsyncGenerator<Grantport.Result, void>}
   */
  async function* outcomes(link, popup, { signal, onclosed }) {
    const address = `${link.origin}${link.pathname}/status`;
    const until = Date.now() + LONGEST_WAIT_MS;
    let session = "";
    let before = "";
    /** @type {Grantport.Result | undefined} */
    let settled;
    let failed = 0;
    let rung = false;
    let stays = false;
    let closed = false;
    let over = false;
    let wake = () => {};
    const ring = () => {
      rung = true;
      wake();
    };
    /** @param {MessageEvent} event */
    const hear = ({ origin, source, data }) => {
      if (origin !== link.origin || data?.source !== "grantport") return;
      if (source !== popup && (!session || data.session !== session)) return;
      stays = data.stays === true;
      ring();
    };
    const look = () => wake();
    addEventListener("message", hear);
    addEventListener("focus", look);
    signal?.addEventListener("abort", look);
    try {
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.2, LONGEST_PAUSE_MS)) {
        const told = rung;
        rung = false;
        const reading = await read(address, signal);
        signal?.throwIfAborted();
        if (reading) {
          const now = reading.status + (reading.status === "failed" ? reading.error : "");
          session = reading.session;
          if (reading.status === "connected" || reading.status === "expired") {
            over = true;
            yield reading;
            return;
          }
          // what the session had come to before this window was opened is no outcome of it
          settled = reading.status === "failed" || reading.status === "denied" ? reading : undefined;
          if (settled && (told || (before && now !== before))) yield settled;
          before = now;
        } else if (!before && ++failed >= MOST_FAILED_READS) {
          throw fault(
            "status_unreadable",
            `the status of the session cannot be read. Is ${location.origin} among the application's allowed origins, and ${link.origin} in this page's connect-src?`,
          );
        }
        if (Date.now() > until) {
          yield { status: "expired", session };
          return;
        }
        if (popup.closed && !closed) onclosed?.();
        closed = popup.closed;
        if (!rung) await Promise.race([sleep(settled ? AFTER_AN_END_MS : pause), new Promise((done) => (wake = () => done(undefined)))]);
        signal?.throwIfAborted();
      }
    } finally {
      removeEventListener("focus", look);
      signal?.removeEventListener("abort", look);
      setTimeout(() => {
        removeEventListener("message", hear);
        if (signal?.aborted || (over && !stays)) popup.close();
      }, signal?.aborted ? 0 : CLOSE_AFTER_MS);
    }
  }

  /** Opens the window, at once and in the click, and follows it. @param {Grantport.Options} options */
  async function* follow({ url, ...options }) {
    options.signal?.throwIfAborted();
    const popup = openWindow();
    /** @type {URL} */
    let link;
    try {
      link = linkFrom(await (typeof url === "function" ? url() : url));
      options.signal?.throwIfAborted();
    } catch (error) {
      popup?.close();
      throw error;
    }
    if (!popup) {
      await leave(link);
      return;
    }
    const opened = new URL(link);
    if (location.origin !== "null") opened.searchParams.set("opener", location.origin);
    popup.location.replace(opened.href);
    yield* outcomes(link, popup, options);
  }

  /** @type {typeof Grantport.connect} */
  const connect = async (options) => {
    for await (const outcome of follow(options)) return outcome;
    throw new DOMException("The person came back.", "AbortError");
  };

  /** @type {typeof Grantport.result} */
  const result = (address = location.href) => {
    const found = new URL(address, location.href).searchParams;
    const [session, status, error, code] = ["session", "status", "error", "connect_code"].map((name) => found.get(name));
    if (!session || !(status || code)) return null;
    return {
      session,
      status: status ?? "awaiting_completion",
      ...(error && { error }),
      ...(code && { connect_code: code }),
    };
  };

  class GrantportConnect extends HTMLElement {
    static observedAttributes = ["label"];
    #button = document.createElement("button");
    /** The wait that the button is busy with. A person may begin another one when it seems closed. */
    #turn = 0;

    constructor() {
      super();
      this.#button.type = "button";
      this.#button.setAttribute("part", "button");
      this.#button.addEventListener("click", () => this.#start());
      this.attachShadow({ mode: "open", delegatesFocus: true }).append(this.#button);
    }

    connectedCallback() {
      this.attributeChangedCallback();
      // the link inside is read after this tag was
      if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", () => this.attributeChangedCallback(), { once: true });
      }
    }

    attributeChangedCallback() {
      this.#button.textContent = this.getAttribute("label") || this.textContent?.trim() || "Connect";
    }

    async #start() {
      const turn = ++this.#turn;
      const rest = () => {
        if (turn === this.#turn) this.#setBusy(false);
      };
      this.#setBusy(true);
      try {
        for await (const outcome of follow({ url: () => this.#link(), onclosed: rest })) {
          rest();
          this.#tell(outcome);
        }
      } catch (error) {
        rest();
        const { name, code } = /** @type {{ name?: string, code?: string }} */ (error);
        if (name === "AbortError") return;
        console.error(error);
        this.#tell({ status: "failed", session: "", error: typeof code === "string" ? code : "not_started" });
      }
    }

    /** The link, from the attribute or from the page's own backend. */
    async #link() {
      const endpoint = this.getAttribute("endpoint");
      if (!endpoint) return this.getAttribute("url") ?? "";
      const address = new URL(endpoint, location.href);
      if (address.origin !== location.origin) throw fault("bad_url", "`endpoint` is an address of this page's own origin.");
      const answer = await fetch(address, { method: "POST", headers: { accept: "application/json" } });
      if (!answer.ok) throw fault("not_started", `${endpoint} answered ${answer.status}.`);
      return (await answer.json()).url;
    }

    /** @param {boolean} busy */
    #setBusy(busy) {
      this.#button.disabled = busy;
      this.#button.setAttribute("aria-busy", String(busy));
      // a button that was disabled has lost the focus
      if (!busy && document.activeElement === document.body) this.#button.focus({ preventScroll: true });
    }

    /** @param {Grantport.Result} detail */
    #tell(detail) {
      const name = detail.status === "connected" ? "connected" : "failed";
      this.dispatchEvent(new CustomEvent(`grantport:${name}`, { detail, bubbles: true, composed: true }));
    }
  }

  Object.defineProperty(globalThis, "Grantport", { value: Object.freeze({ connect, result }) });
  customElements.define("grantport-connect", GrantportConnect);
})();
