// The browsers that the specs run in.

/** The whole browser, as people have it. */
export const CHROMIUM = process.env.CHROMIUM || "/usr/bin/chromium";

/** The same engine without windows, where there is one: it needs half the time. */
export const HEADLESS_SHELL = process.env.HEADLESS_SHELL || CHROMIUM;
