/** What a key does on the worklist. */
export type KeyAct = "down" | "first" | "help" | "last" | "search" | "up";

/** Where the focus was when a key was pressed. */
export interface KeyPlace {
  readonly inList: boolean;
  /** In something that takes text, where letters are text. */
  readonly inField: boolean;
  readonly inDialog: boolean;
}

/** Keys that are letters or signs: only these can get in the way of speech input, so only these can be switched off. */
const SINGLE: Readonly<Record<string, KeyAct>> = { j: "down", k: "up", "/": "search", "?": "help" };
const IN_LIST: Readonly<Record<string, KeyAct>> = {
  ArrowDown: "down",
  ArrowUp: "up",
  Home: "first",
  End: "last",
};

/** What a key means where the focus is; nothing where it has its usual meaning. */
export function keyAct(
  event: Pick<KeyboardEvent, "altKey" | "ctrlKey" | "key" | "metaKey">,
  { inList, inField, inDialog }: KeyPlace,
  singleKeys: boolean,
): KeyAct | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey || inDialog) return undefined;
  if (inField) return event.key === "ArrowDown" ? "first" : undefined;
  const single = singleKeys ? SINGLE[event.key] : undefined;
  return single ?? (inList ? IN_LIST[event.key] : undefined);
}
