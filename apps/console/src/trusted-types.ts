/** The part of Trusted Types that is needed; browsers without them take the text itself. */
interface TrustedTypes {
  createPolicy(name: "default", rules: { createHTML(text: string): string }): unknown;
}

/**
 * Lets text become markup only where it is none.
 *
 * The component library writes its tokens into style tags the way markup is written. A text without `<` opens no tag and
 * so stays text, whoever wrote it.
 *
 * @throws {TypeError} for anything else.
 */
export function onlyText(text: string): string {
  if (text.includes("<")) throw new TypeError("a text that would become markup");
  return text;
}

/** Holds every place of this page that takes markup to {@link onlyText}; the page's policy names no other (SR-48). */
export function guardMarkup(): void {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy("default", { createHTML: onlyText });
}
