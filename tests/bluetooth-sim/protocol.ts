/** A flag of a characteristic, by BlueZ's name. */
export type Flag = "read" | "write" | "write-without-response" | "notify" | "indicate";

/** A characteristic; the descriptor 2902 comes by itself where it notifies or indicates. */
export interface SimCharacteristic {
  /** 16-bit in hex, or full. */
  readonly uuid: string;
  readonly flags: readonly Flag[];
  /** What it is read as, in hex; by default empty. */
  readonly value?: string;
}

/** A sensor in range. */
export interface SimPeripheral {
  /** In capitals, as `02:00:00:00:00:11`. */
  readonly address: string;
  readonly name: string;
  readonly appearance?: number;
  readonly services: readonly {
    readonly uuid: string;
    readonly characteristics: readonly SimCharacteristic[];
  }[];
}

/** A value of a characteristic, in hex. */
export interface SimValue {
  readonly address: string;
  readonly characteristic: string;
  readonly value: string;
}

/** What the simulation can be told. */
export type SimCommand =
  | { readonly notify: SimValue }
  | { readonly set: SimValue }
  | { readonly disconnect: { readonly address: string } }
  | { readonly remove: { readonly address: string } }
  | { readonly add: SimPeripheral };

const NAMES = [
  "ready",
  "discovery-started",
  "connected",
  "read",
  "subscribed",
  "unsubscribed",
  "written",
  "disconnected",
  "error",
] as const;

/** What can happen on the simulation's side. */
export type SimEventName = (typeof NAMES)[number];

const FIELDS = ["address", "characteristic", "value", "type", "by", "command", "message"] as const;

/** The members that an event may have beside its name. */
export type SimEventFields = Readonly<Partial<Record<(typeof FIELDS)[number], string>>>;

/** One line of the simulation. */
export interface SimEvent extends SimEventFields {
  readonly event: SimEventName;
}

/**
 * Reads one line of the simulation.
 *
 * @throws {Error} for whatever is no JSON object, an unknown event, or has a member that is unknown or no text.
 */
export function parseSimEvent(line: string): SimEvent {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== "object" || parsed === null) throw new Error(`no event: ${line}`);
  const { event: name, ...rest } = parsed as Record<string, unknown>;
  const event = NAMES.find((one) => one === name);
  if (event === undefined) throw new Error(`unknown event: ${line}`);
  const fields: Partial<Record<(typeof FIELDS)[number], string>> = {};
  for (const [key, value] of Object.entries(rest)) {
    const field = FIELDS.find((one) => one === key);
    if (field === undefined || typeof value !== "string") throw new Error(`bad event: ${line}`);
    fields[field] = value;
  }
  return { event, ...fields };
}
