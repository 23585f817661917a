// A button for React 18 and 19. The page loads connect.js:
//
//   <script src="https://connect.acme.example/connect.js" async></script>

import { useEffect, useRef, useState } from "react";

/** Asks our own backend for a connect session; see the servers beside this folder. */
async function newLink() {
  const answer = await fetch("/connect", { method: "POST" });
  if (!answer.ok) throw new Error(`/connect answered ${answer.status}`);
  return (await answer.json()).url;
}

/** `onConnected` is a reason to ask our own backend what is connected now. */
export function ConnectButton({ label = "Connect an account", onConnected }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const waiting = useRef(null);

  // the window is of no use to a page that is gone
  useEffect(() => () => waiting.current?.abort(), []);

  async function connect() {
    const wait = new AbortController();
    waiting.current = wait;
    setBusy(true);
    setProblem("");
    try {
      // no `await` before this line: browsers open windows inside a click only
      const result = await Grantport.connect({
        url: newLink,
        signal: wait.signal,
        onclosed: () => setBusy(false),
      });
      if (result.status === "connected") onConnected?.(result);
      else setProblem(result.error ?? result.status);
    } catch (error) {
      if (error.name !== "AbortError") setProblem(error.message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <button type="button" disabled={busy} aria-busy={busy} onClick={connect}>
        {label}
      </button>
      {problem && <p role="alert">That did not work: {problem}</p>}
    </>
  );
}
