// Calls to a provider's API through Grantport: the token is put in there, and never comes here.

import { refusalOf } from "./grantport.mjs";

/**
 * The provider's answer to a call for this user, whatever its status. What Grantport itself has to say
 * is thrown. `path` is as the provider documents it.
 */
export async function throughProxy(grantport, provider, endUser, method, path, { headers = {}, body } = {}) {
  const answer = await grantport.send(
    method,
    `/proxy/${provider}${path}`,
    { headers: { ...headers, "grantport-end-user": endUser }, body },
    // our 429 says that the call was not sent; after our 503 the provider may have acted, which only the caller can weigh
    (given) => given.status === 429 && !isProviders(given),
  );
  if (!isProviders(answer)) throw await refusalOf(answer);
  return answer;
}

/** A 404 of the provider is an answer; one of ours means that nothing is connected. */
const isProviders = (answer) => answer.headers.get("grantport-source") === "provider";
