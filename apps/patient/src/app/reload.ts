/** Loads the app anew: after everything was erased, or where it cannot go on. */
export function reload(): void {
  location.reload();
}
