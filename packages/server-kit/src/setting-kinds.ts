import type { Setting } from "./settings.ts";

/** What every kind of setting is described by. */
export interface SettingText {
  readonly variable: string;
  readonly explanation: string;
  readonly secret?: boolean;
}

/**
 * A setting of any form.
 *
 * @param parse - Throws an `Error` whose message completes "NAME ...".
 * @param fallback - The text that holds when the setting is not set; left out, the setting is required.
 */
export function setting<T>(
  text: SettingText,
  parse: (text: string) => T,
  fallback?: string,
): Setting<T> {
  return {
    variable: text.variable,
    explanation: text.explanation,
    secret: text.secret ?? false,
    absent: fallback === undefined ? "required" : { value: parse(fallback), shown: fallback },
    parse,
  };
}

/** The same setting, but one that may be left out and is then `undefined`. */
export function optional<T>(inner: Setting<T>): Setting<T | undefined> {
  return { ...inner, absent: { value: undefined, shown: "" } };
}

/** A setting that is any text. */
export function textSetting(text: SettingText, fallback?: string): Setting<string> {
  return setting(text, (value) => value, fallback);
}

/** A setting that is a whole number within bounds, both included. */
export function integerSetting(
  text: SettingText,
  bounds: { readonly least: number; readonly most: number },
  fallback?: number,
): Setting<number> {
  const { least, most } = bounds;
  function parse(value: string): number {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    throw new Error(`must be a whole number from ${String(least)} to ${String(most)}`);
  }
  return setting(text, parse, fallback === undefined ? undefined : String(fallback));
}

/** A setting that is a TCP port; 0 lets the system choose. */
export function portSetting(text: SettingText, fallback?: number): Setting<number> {
  return integerSetting(text, { least: 0, most: 65_535 }, fallback);
}

/** A setting that is one of a few words. */
export function choiceSetting<const Choice extends string>(
  text: SettingText,
  choices: readonly Choice[],
  fallback?: Choice,
): Setting<Choice> {
  function parse(value: string): Choice {
    const choice = choices.find((one) => one === value);
    if (choice !== undefined) return choice;
    throw new Error(`must be one of ${choices.join(", ")}`);
  }
  return setting(text, parse, fallback);
}

/** A setting that is `yes` or `no`. */
export function yesNoSetting(text: SettingText, fallback: "yes" | "no"): Setting<boolean> {
  const choice = choiceSetting(text, ["yes", "no"], fallback);
  return setting(text, (value) => choice.parse(value) === "yes", fallback);
}

/** A setting that is a list of texts, separated by commas; empty by default. */
export function listSetting(text: SettingText, fallback = ""): Setting<readonly string[]> {
  function parse(value: string): readonly string[] {
    return value
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "");
  }
  return setting(text, parse, fallback);
}
