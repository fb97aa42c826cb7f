/** The part of a page's address bar that is needed. */
export interface AddressBar {
  readonly href: string;
  readonly pathname: string;
  readonly hash: string;
  /** Puts another address in the place of this one, without a trace in the history. */
  replace(path: string): void;
}

/**
 * Takes an invitation out of the address bar at once: whoever looks over a shoulder, and whatever saves addresses, must
 * not see the one-use token in it.
 *
 * @returns The link; `undefined` where the page was opened without one.
 */
export function takeLink(bar: AddressBar): string | undefined {
  const { href, pathname, hash } = bar;
  if (pathname !== "/" || hash !== "") bar.replace("/");
  return pathname === "/enrol" && hash.length > 1 ? href : undefined;
}

/** The invitation that this page was opened with. Taken when the first module runs, before anything else happens. */
export const openedWith: string | undefined = takeLink({
  href: location.href,
  pathname: location.pathname,
  hash: location.hash,
  replace: (path) => history.replaceState(null, "", path),
});
