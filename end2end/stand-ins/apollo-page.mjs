// Apollo's approval page: a page of a single-page app, found by the route in the fragment. Only its
// own script sees the parameters, and it decodes them as `decodeURIComponent` does: `%20` is a
// space, `+` is a plus.

/** The page, with its script. */
export const APPROVAL_PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Apollo (stand-in)</title>
<link rel="icon" href="data:,">
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 10vh auto; max-width: 28rem; padding: 0 1rem; }
  button { font: inherit; padding: .5rem 1rem; }
</style>
</head>
<body>
<main id="main"><p>Reading the request.</p></main>
<noscript><p>Apollo needs JavaScript.</p></noscript>
<script>
const ROUTE = "#/oauth/authorize?";
const main = document.getElementById("main");

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function parametersOf(hash) {
  if (!hash.startsWith(ROUTE)) return null;
  return hash.slice(ROUTE.length).split("&").filter(Boolean).map((pair) => {
    const equals = pair.indexOf("=");
    const [name, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    return [decodeURIComponent(name), decodeURIComponent(value)];
  });
}

async function ask(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

async function show() {
  const parameters = parametersOf(location.hash);
  if (parameters === null) {
    main.replaceChildren(element("h1", "Log in to Apollo"), element("p", "There is no request to approve."));
    return;
  }
  const request = await ask("/oauth/authorize/read", { parameters });
  if (request.problem) {
    main.replaceChildren(element("h1", "Apollo cannot show this request"), element("p", request.problem));
    return;
  }
  const scopes = document.createElement("ul");
  scopes.setAttribute("aria-label", "Permissions");
  scopes.append(...request.scopes.map((scope) => element("li", scope)));
  const buttons = ["Authorize", "Cancel"].map((word) => {
    const button = element("button", word);
    button.addEventListener("click", async () => {
      const decided = await ask("/oauth/authorize/decide", { parameters, decision: word.toLowerCase() });
      location.assign(decided.location);
    });
    return button;
  });
  main.replaceChildren(
    element("h1", request.app + " wants to use your Apollo account"),
    element("p", "Signed in as " + request.account),
    scopes,
    ...buttons,
  );
}

addEventListener("hashchange", show);
show();
</script>
</body>
</html>
`;
