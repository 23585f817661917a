// What the button says is a reason to look again. What is connected is asked of our own backend.

const SENTENCES = {
  connected: "Connected.",
  denied: "Nothing was connected: you said no.",
  expired: "That took too long. Please try again.",
};

const outcome = document.querySelector("#outcome");
const list = document.querySelector("#connections");

async function showConnections() {
  const connections = await (await fetch("/connections")).json();
  const items = connections.map(({ provider, account, status }) => {
    const item = document.createElement("li");
    item.textContent = `${provider}: ${account} (${status})`;
    return item;
  });
  list.replaceChildren(...items);
}

function show({ status, error }) {
  outcome.textContent = SENTENCES[status] ?? `That did not work (${error}). Please try again.`;
  return showConnections();
}

document.addEventListener("grantport:connected", ({ detail }) => show(detail));
document.addEventListener("grantport:failed", ({ detail }) => show(detail));

// on a phone there is no window: the person comes back to this page, with the result in its address
const back = Grantport.result();
if (back) show(back);
else showConnections();
