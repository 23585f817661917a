// What every spec begins with: `import { test, expect } from "../support/test.ts"`.
//
// Each worker has its own stand-ins and its own provisioned instance. A spec file that counts what is
// on the instance says `test.use({ instanceOf: "its name" })` and gets one that no other file touches:
// Playwright starts a new worker for every value of a worker option.

import { type Page, test as base, expect } from "@playwright/test";
import { type Instance, OWNER, SUPPORT, type Upstreams, secretsOf, startInstance, startUpstreams } from "./instance.ts";
import { EndUser, Member } from "./people.ts";
import { Grantport } from "./server.mjs";
import { type Furniture, type Stop, furnish } from "./tour.ts";
import { Watch } from "./watch.ts";

interface WorkerFixtures {
  /** Names the instance; another name is another instance. */
  instanceOf: string;
  upstreams: Upstreams;
  instance: Instance;
  /** Cookies of members who signed in once, by e-mail. */
  signedIn: (member: { email: string; password: string }) => Promise<Cookies>;
  /** A server that nobody has set up and no test may set up: for looking at its pages. */
  doorstep: Grantport;
  /** Connections in every state. */
  furniture: Furniture;
}

interface TestFixtures {
  watch: Watch;
  /** A server that nobody has set up, for this test alone. */
  fresh: Grantport;
  /** The owner of the shared instance, signed in. */
  owner: Member;
  /** A member of the support staff of the shared instance, signed in. */
  support: Member;
  /** An end user in the browser of this test. */
  endUser: EndUser;
  /** A person whom no other test has seen, and whom the providers know under an account of their own. */
  person: Person;
  /** Goes to a page of the tour. */
  go: (stop: Stop) => Promise<void>;
}

/** An end user as the application knows them. */
export interface Person {
  id: string;
  name: string;
  email: string;
}

type Cookies = Awaited<ReturnType<ReturnType<Page["context"]>["cookies"]>>;

let people = 0;

/** Invents a person and makes them the one who is signed in at Apollo. */
export function newPerson({ apollo }: Upstreams): Person {
  people += 1;
  const person = { id: `user_${process.pid}_${people}`, name: "Dana Whitfield", email: "dana@northwind.example" };
  apollo.account = { ...apollo.account, id: `${process.pid}-${people}`, email: person.email, name: person.name };
  return person;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  instanceOf: ["shared", { option: true, scope: "worker" }],

  upstreams: [
    async ({}, use) => {
      const upstreams = await startUpstreams();
      await use(upstreams);
      await upstreams.close();
    },
    { scope: "worker" },
  ],

  instance: [
    async ({ upstreams, instanceOf: _ }, use) => {
      const instance = await startInstance(upstreams);
      await use(instance);
      await instance.server.remove();
      const { output } = instance.server;
      expect(secretsOf(upstreams).filter((secret) => output.includes(secret))).toEqual([]);
      expect(output.split(instance.backend.key).length - 1, "`apply` prints the key, once").toBe(1);
    },
    { scope: "worker", timeout: 60_000 },
  ],

  signedIn: [
    async ({ browser, instance }, use) => {
      const known = new Map<string, Cookies>();
      await use(async ({ email, password }) => {
        let cookies = known.get(email);
        if (cookies === undefined) {
          const context = await browser.newContext();
          await new Member(await context.newPage(), instance.server.origin).signIn(email, password);
          cookies = await context.cookies();
          await context.close();
          known.set(email, cookies);
        }
        return cookies;
      });
    },
    { scope: "worker" },
  ],

  doorstep: [
    async ({}, use) => {
      const server = await Grantport.inEmptyDirectory();
      try {
        await use(await server.start());
      } finally {
        await server.remove();
      }
    },
    { scope: "worker", timeout: 60_000 },
  ],

  furniture: [
    async ({ browser, instance, upstreams }, use) => use(await furnish(browser, instance, upstreams)),
    { scope: "worker", timeout: 60_000 },
  ],

  watch: [
    async ({ context }, use, testInfo) => {
      const watch = new Watch(context);
      await use(watch);
      if (testInfo.status === testInfo.expectedStatus) watch.verdict();
    },
    { auto: true },
  ],

  fresh: async ({ upstreams }, use, testInfo) => {
    const server = await Grantport.inEmptyDirectory({ origins: upstreams.origins });
    try {
      await use(await server.start());
    } finally {
      await server.remove();
    }
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach("grantport's output", { body: server.output, contentType: "text/plain" });
    }
  },

  owner: async ({ page, context, instance, signedIn }, use) => {
    await context.addCookies(await signedIn(OWNER));
    await use(new Member(page, instance.server.origin));
  },

  support: async ({ page, context, instance, signedIn }, use) => {
    await context.addCookies(await signedIn(SUPPORT));
    await use(new Member(page, instance.server.origin));
  },

  endUser: async ({ page, browser, javaScriptEnabled }, use) => {
    await use(new EndUser(page, browser, javaScriptEnabled !== false));
  },

  person: async ({ upstreams }, use) => {
    upstreams.apollo.reset();
    upstreams.oidc.reset();
    await use(newPerson(upstreams));
  },

  go: async ({ page, context, endUser, instance, upstreams, doorstep, furniture, signedIn }, use) => {
    await use(async (stop) => {
      upstreams.apollo.reset();
      if (stop.who === "member") await context.addCookies(await signedIn(OWNER));
      await stop.visit({ page, endUser, instance, upstreams, doorstep, furniture });
    });
  },
});

export { expect };
