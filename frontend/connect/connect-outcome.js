// The last page of a window that an application opened tells that application how it ended.
//
// What it tells lies in attributes of this script, and goes to the one origin that stands there: one
// that the application registered, and nobody else's. The application asks us again before it believes
// it. Where a provider has cut the window off (COOP) there is nobody to tell; the page with its buttons
// stands.
(() => {
  "use strict";
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const { opener: origin, session, status, error, stays } = script.dataset;
  if (!window.opener || !origin) return;
  const more = stays === undefined ? {} : { stays: true };
  window.opener.postMessage({ source: "grantport", session, status, ...(error && { error }), ...more }, origin);
  // long enough to be read
  if (stays === undefined) setTimeout(() => window.close(), 1200);
})();
