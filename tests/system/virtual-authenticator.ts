import type { CDPSession, Page } from "playwright-core";

/** A fingerprint reader of the page's browser, with the PRF extension; every question is answered at once. */
export class VirtualAuthenticator {
  readonly #cdp: CDPSession;
  readonly #authenticatorId: string;

  private constructor(cdp: CDPSession, authenticatorId: string) {
    this.#cdp = cdp;
    this.#authenticatorId = authenticatorId;
  }

  /**
   * Adds one. It lives as long as the page.
   *
   * @param options.hasPrf - By default yes; without it is a reader that can say who is there but yields no key.
   */
  static async attach(
    page: Page,
    { hasPrf = true }: { readonly hasPrf?: boolean } = {},
  ): Promise<VirtualAuthenticator> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        hasPrf,
        automaticPresenceSimulation: true,
      },
    });
    return new VirtualAuthenticator(cdp, authenticatorId);
  }

  /** From now on it recognises the finger, or not. One that was not recognised five times locks the reader. */
  async recognise(isUserVerified: boolean): Promise<void> {
    const { authenticatorId } = this.#byId;
    await this.#cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  }

  get #byId(): { authenticatorId: string } {
    return { authenticatorId: this.#authenticatorId };
  }
}
