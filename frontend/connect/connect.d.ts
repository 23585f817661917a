// Types of /connect.js, which Grantport serves. Reference them from your own sources:
//
//   /// <reference path="./connect.d.ts" />

declare namespace Grantport {
  /** How connecting ended. */
  interface Result {
    /**
     * - `connected`: at least one connection stands.
     * - `denied`: the person said no. `failed`: it did not work, see `error`. In both cases the window
     *   stays open with a page that says what helps, and the person may try again there.
     * - `expired`: the link's time was over before anything came of it.
     */
    readonly status: "connected" | "denied" | "failed" | "expired";
    /** Id of the connect session, `cs_...`: what your backend asks Grantport about. Empty if none was reached. */
    readonly session: string;
    /** Why, as a stable word: `provider_unavailable`, `not_allowed_to_approve` and others. */
    readonly error?: string;
  }

  /** What to open, and how to be told of it. */
  interface Options {
    /**
     * The `url` of a connect session, or what gets one from your backend. Give a function: the window is
     * opened inside the click, before your backend has answered.
     */
    readonly url: string | URL | PromiseLike<string | URL> | (() => string | URL | PromiseLike<string | URL>);
    /** Ends the wait and closes the window. */
    readonly signal?: AbortSignal;
    /**
     * The window seems to be closed. It is a guess, since some providers make it look so; nothing has
     * ended, and the promise goes on. Let the person press the button again.
     */
    readonly onclosed?: () => void;
  }

  /** What stands in a return URL. */
  interface Returned {
    readonly session: string;
    /** A status of {@link Result}, or `awaiting_completion` where your backend has to complete it. */
    readonly status: string;
    readonly error?: string;
    /** For your backend, where it completes the connection. */
    readonly connect_code?: string;
  }

  /**
   * Lets a person connect, in a window or on this page, and resolves when the server says how it ended.
   * Call it in a click, before any `await`. Where it goes on on this page it never resolves; the result
   * then stands in your return URL, see {@link result}.
   *
   * Rejects with an `Error` whose `code` is `bad_url` or `status_unreadable`, with what `url` rejects
   * with, or with an `AbortError`.
   */
  function connect(options: Options): Promise<Result>;

  /** Reads a return URL, this page's own by default. Anybody can write one: your backend asks for the truth. */
  function result(address?: string | URL): Returned | null;
}

interface HTMLElementTagNameMap {
  /** A button. Attributes: `url` or `endpoint`, `label`. */
  "grantport-connect": HTMLElement;
}

interface HTMLElementEventMap {
  "grantport:connected": CustomEvent<Grantport.Result>;
  "grantport:failed": CustomEvent<Grantport.Result>;
}
