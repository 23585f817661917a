// The instance that most tests share: an organization with people, an application and its providers,
// made by `grantport apply` before the server starts.

import { type Apollo, startApollo } from "../stand-ins/apollo.mjs";
import { type Product, startProduct } from "../stand-ins/product.mjs";
import { type AuthorizationServer, CLIENTS, startAuthorizationServer } from "../stand-ins/oidc.mjs";
import { Backend } from "./backend.mjs";
import { API_KEY, Grantport } from "./server.mjs";

/** A running stand-in. */
export type Running<T> = T & { origin: string; close: () => Promise<void> };

export const ORGANIZATION = "Acme";
export const APPLICATION = { slug: "crm-sync", name: "CRM Sync" };
/** The product's page; nobody serves it. */
const RETURN_URL = "https://app.acme.example/integrations";

export const OWNER = { name: "Mara Lindqvist", email: "mara@acme.example", password: "four-otters-carry-lamps" };
export const SUPPORT = { email: "tomas@acme.example", password: "seven-herons-read-maps" };

export const APOLLO = {
  clientId: "vvZd-i_3MsfI6gmktGJY7F-kTE42SrO1RB9W8avPp0h",
  clientSecret: "N6CW_m_0FNl8hapshH4Wy4jr3uT8XqsERzdniY74Tw5",
  /** What our form suggests, which is what the app is registered for at Apollo. Sorted. */
  scopes: ["contact_read", "contact_update", "contacts_search", "people_match", "person_read"],
};

/** Another app at Apollo, for a server of a test's own: an app has its redirect URIs from one server. */
export const OTHER_APOLLO = {
  ...APOLLO,
  clientId: "q7Lr2xN0_uTzEwYc-84hKbVjM1sGdPfA5iRo3XtJ9yB",
  clientSecret: "Hf3k-Wm8Zq1TyV6cRb0NxPj5sLd_9uGa2EoQi7YtX4K",
};

/** @param product where pages of the product are served */
const instanceFile = (product: Product & { origin: string }) => `
[organization]
name = "${ORGANIZATION}"

[[members]]
email = "${OWNER.email}"
role = "owner"
password = "\${OWNER_PASSWORD}"

[[members]]
email = "${SUPPORT.email}"
role = "support"
password = "\${SUPPORT_PASSWORD}"

[[applications]]
slug = "${APPLICATION.slug}"
name = "${APPLICATION.name}"
return_urls = ["${RETURN_URL}", "${product.returnUrl}"]
allowed_origins = ["https://app.acme.example", "${product.origin}"]
completion = "confirm"

[[applications.api_keys]]
name = "backend"

[[applications.providers]]
definition = "apollo"
slug = "apollo"
client_id = "${APOLLO.clientId}"
client_secrets = ["\${APOLLO_SECRET}"]
scopes = ${JSON.stringify(APOLLO.scopes)}
one_owner_per_account = true

[[applications.providers]]
definition = "oidc"
slug = "oidc"
client_id = "${CLIENTS.basic.id}"
client_secrets = ["\${OIDC_SECRET}"]
scopes = ["openid", "email"]

[[applications.providers]]
definition = "oidc"
slug = "oidc-short"
client_id = "${CLIENTS.shortLived.id}"
client_secrets = ["\${OIDC_SHORT_SECRET}"]
scopes = ["openid", "email"]

[[applications.providers]]
definition = "oidc-post"
slug = "oidc-post"
client_id = "${CLIENTS.post.id}"
client_secrets = ["\${OIDC_POST_SECRET}"]
scopes = ["openid", "email"]

[[applications]]
slug = "lab"
name = "Lab"
return_urls = ["${RETURN_URL}"]
`;

/** The stand-ins, and where the catalog's origins lead because of them. */
export interface Upstreams {
  apollo: Running<Apollo>;
  oidc: Running<AuthorizationServer>;
  /** The product whose users connect. */
  product: Running<Product>;
  origins: Record<string, string>;
  close(): Promise<void>;
}

/** Starts all stand-ins. */
export async function startUpstreams(): Promise<Upstreams> {
  const [apollo, oidc, product] = await Promise.all([
    startApollo(),
    startAuthorizationServer(),
    startProduct(),
  ]);
  return {
    apollo,
    oidc,
    product,
    origins: { "https://app.apollo.io": apollo.origin, "https://oidc.test": oidc.origin },
    close: async () => {
      await Promise.all([apollo.close(), oidc.close(), product.close()]);
    },
  };
}

/** A server that is set up, and its application's backend. */
export interface Instance {
  server: Grantport;
  backend: Backend;
}

/** Provisions an empty directory, serves it, and registers its redirect URIs at the stand-ins. */
export async function startInstance(upstreams: Upstreams): Promise<Instance> {
  const server = await Grantport.inEmptyDirectory({ origins: upstreams.origins });
  try {
    const printed = await server.apply(instanceFile(upstreams.product), {
      OWNER_PASSWORD: OWNER.password,
      SUPPORT_PASSWORD: SUPPORT.password,
      APOLLO_SECRET: APOLLO.clientSecret,
      OIDC_SECRET: CLIENTS.basic.secret,
      OIDC_SHORT_SECRET: CLIENTS.shortLived.secret,
      OIDC_POST_SECRET: CLIENTS.post.secret,
    });
    const key = printed.match(API_KEY)?.[0];
    if (key === undefined) throw new Error(`grantport apply printed no API key:\n${printed}`);
    await server.start();
    const backend = new Backend(server.origin, key);
    await registerRedirectUris(backend, upstreams);
    return { server, backend };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

async function registerRedirectUris(backend: Backend, { apollo, oidc }: Upstreams) {
  apollo.register({ ...APOLLO, redirectUris: [await backend.redirectUri("apollo")] });
  oidc.registerRedirectUris(CLIENTS.basic, [await backend.redirectUri("oidc")]);
  oidc.registerRedirectUris(CLIENTS.shortLived, [await backend.redirectUri("oidc-short")]);
  oidc.registerRedirectUris(CLIENTS.post, [await backend.redirectUri("oidc-post")]);
}

/** Every secret that the instance and its providers have seen, to be searched for where none may be. */
export function secretsOf({ apollo, oidc }: Upstreams): string[] {
  return [OWNER.password, SUPPORT.password, ...apollo.secrets, ...oidc.secrets];
}
