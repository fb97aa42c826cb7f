/** The part of Trusted Types that is needed; browsers without them take the text itself. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** The name that the page's policy allows. */
const POLICY = "siphms";

/** @throws {RangeError} for a script of another origin. */
function ownScriptUrl(url: string): string {
  const { origin, href } = new URL(url, location.href);
  if (origin !== location.origin) throw new RangeError("a script of another origin");
  return href;
}

const policy = trustedTypesHere()?.createPolicy(POLICY, { createScriptURL: ownScriptUrl });

/**
 * Says that a script's address may be loaded: one of this origin. The one way to a script that the page's policy leaves
 * open; text that reaches any other is refused by the browser.
 *
 * @throws {RangeError} for another origin's.
 */
export function trustedScriptUrl(url: string): string {
  // With a policy this is a TrustedScriptURL, which TypeScript's library takes for text.
  return policy?.createScriptURL(url) ?? ownScriptUrl(url);
}

function trustedTypesHere(): TrustedTypes | undefined {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  return trustedTypes;
}
