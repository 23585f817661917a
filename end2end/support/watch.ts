// Watches every page of a test: what a browser complains about is a fault, whatever the test is about.
// A violated Content-Security-Policy, a panic of an island and a missing asset all end up here.

import type { BrowserContext, ConsoleMessage, Page, Response } from "@playwright/test";

/** Grantport runs on 127.0.0.1 and the stand-ins on `localhost`: pages of providers are not ours to judge. */
const isOurs = (address: string) => address.startsWith("http://127.0.0.1:");

/** What was seen on the pages of one browser context. */
export class Watch {
  readonly faults: string[] = [];
  private readonly allowed: RegExp[] = [];

  constructor(context: BrowserContext) {
    context.on("page", (page) => this.follow(page));
    for (const page of context.pages()) this.follow(page);
  }

  /** A fault that a test provokes on purpose. */
  allow(fault: RegExp) {
    this.allowed.push(fault);
  }

  private follow(page: Page) {
    page.on("console", (message) => this.hear(page, message));
    page.on("pageerror", (error) => isOurs(page.url()) && this.faults.push(`script: ${error.message}`));
    page.on("response", (response) => this.look(response));
    page.on("request", (request) => {
      const from = request.frame().url();
      const to = request.url();
      if (isOurs(from) && !request.isNavigationRequest() && !isOurs(to) && !to.startsWith("data:")) {
        this.faults.push(`a page of ours asked ${to}`);
      }
    });
  }

  private hear(page: Page, message: ConsoleMessage) {
    if (message.type() !== "error" || !isOurs(page.url())) return;
    // said about every refusal; `look` tells refusals and faults apart
    if (message.text().startsWith("Failed to load resource")) return;
    this.faults.push(`console: ${message.text()} (${page.url()})`);
  }

  private look(response: Response) {
    if (!isOurs(response.url())) return;
    const status = response.status();
    const request = response.request();
    // a page or a form may be refused; what a page is made of must be there
    const refusable = request.isNavigationRequest() || request.method() === "POST";
    if (status >= 500 || (status >= 400 && !refusable)) {
      this.faults.push(`${status} for ${request.method()} ${response.url()}`);
    }
  }

  /** Throws if there was a fault that nobody allowed. */
  verdict() {
    const faults = this.faults.filter((fault) => !this.allowed.some((allowed) => allowed.test(fault)));
    if (faults.length > 0) throw new Error(`The browser complained:\n${[...new Set(faults)].join("\n")}`);
  }
}
