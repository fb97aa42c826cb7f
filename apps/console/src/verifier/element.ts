type Child = Node | string;

/** Attributes of an element; `undefined` leaves one out. */
type Attributes = Readonly<Record<string, string | undefined>>;

/** Makes an element. Everything that comes from a file goes in as text, never as markup. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(attribute, value);
  }
  made.append(...children);
  return made;
}
