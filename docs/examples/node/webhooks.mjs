// Whether a webhook is Grantport's (Standard Webhooks). Hand over the body as it came, before it is parsed.

import { createHmac, timingSafeEqual } from "node:crypto";

/** How old, or how far ahead, a message may be, in seconds: nobody can send it again later. */
const TOLERANCE_S = 300;

/** `headers` by their names in small letters, `body` as text or bytes. */
export function isGenuine(secret, headers, body, now = Date.now() / 1000) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures = "" } = headers;
  if (!(Math.abs(now - Number(timestamp)) <= TOLERANCE_S)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  // two while a secret is rotated
  return signatures.split(" ").some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ""), "base64");
    return signature.startsWith("v1,") && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
