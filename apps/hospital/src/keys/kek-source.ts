/** Where the key-encryption key comes from. */
export type KekSource =
  | { readonly kind: "command"; readonly program: string; readonly arguments: readonly string[] }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "passphrase"; readonly path: string }
  | { readonly kind: "recovery"; readonly path: string };

/**
 * Takes the text of a setting: `file:PATH`, `passphrase:PATH`, `recovery:PATH` or `command:PROGRAM ARGUMENT …`.
 *
 * @throws {Error} completing "SETTING …".
 */
export function parseKekSource(text: string): KekSource {
  const at = text.indexOf(":");
  const [kind, rest] = [text.slice(0, at), text.slice(at + 1)];
  const [program, ...args] = rest.split(" ").filter((part) => part !== "");
  if (program !== undefined) {
    if (kind === "file" || kind === "passphrase" || kind === "recovery")
      return { kind, path: rest };
    if (kind === "command") return { kind, program, arguments: args };
  }
  throw new Error("must be file:PATH, passphrase:PATH, recovery:PATH or command:PROGRAM ARGUMENTS");
}

/** The text that {@link parseKekSource} takes for it. */
export function kekSourceText(source: KekSource): string {
  if (source.kind !== "command") return `${source.kind}:${source.path}`;
  return `command:${[source.program, ...source.arguments].join(" ")}`;
}
