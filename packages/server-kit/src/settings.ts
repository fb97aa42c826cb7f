import { ServerKitError } from "./error.ts";

/**
 * One setting of a program: its variable, its explanation and how its text becomes a value.
 *
 * `parse` throws an `Error` whose message completes the sentence "NAME ..."; it must not repeat the text of a secret.
 */
export interface Setting<T> {
  /** Name in the environment and in a settings file, such as `SIPHMS_GATEWAY_PORT`. */
  readonly variable: string;
  /** For `siphms config`: what it changes, in whole sentences. */
  readonly explanation: string;
  /** What happens when it is not set: a value in the setting's text form, `"required"`, or `"none"`. */
  readonly absent: { readonly value: T; readonly shown: string } | "required";
  /** Whether its text is kept out of messages, lists and group-readable files. */
  readonly secret: boolean;
  readonly parse: (text: string) => T;
}

/** The settings of a program, by the name under which its code reads them. */
export type SettingsSpec = Readonly<Record<string, Setting<unknown>>>;

/** The values that a {@link SettingsSpec} yields. */
export type SettingsOf<Spec extends SettingsSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Setting<infer T> ? T : never;
};

/** One line of `siphms config`. */
export interface SettingExplained {
  readonly variable: string;
  readonly explanation: string;
  /** The text that holds when it is not set; `undefined` where it must be set. */
  readonly fallback: string | undefined;
  readonly secret: boolean;
}

/** Where {@link loadSettings} looks, strongest first. */
export interface SettingSources {
  /** The process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What a settings file says (see `readSettingsFile`). */
  readonly file?: Readonly<Record<string, string | undefined>>;
  /** Names that begin so belong to this program: one that it does not know is a mistyped one and refused. */
  readonly prefix: string;
}

/**
 * Reads a program's settings, or says everything that is wrong with them at once.
 *
 * The environment goes before the file; a set but empty variable counts as not set.
 *
 * @throws {ServerKitError} `SETTING_INVALID` with one line for each wrong, missing or unknown setting.
 */
export function loadSettings<Spec extends SettingsSpec>(
  spec: Spec,
  sources: SettingSources,
): SettingsOf<Spec> {
  const faults = unknownNames(spec, sources);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(spec)) {
    const outcome = readSetting(setting, sources);
    if ("fault" in outcome) faults.push(outcome.fault);
    else values[name] = outcome.value;
  }
  if (faults.length > 0) throw new ServerKitError("SETTING_INVALID", faults.join("\n"));
  // Every name of the spec was filled by its own parser just above.
  return values as SettingsOf<Spec>;
}

/** Lists a program's settings with their explanations, in the order of its spec. */
export function explainSettings(spec: SettingsSpec): readonly SettingExplained[] {
  return Object.values(spec).map((setting) => ({
    variable: setting.variable,
    explanation: setting.explanation,
    fallback: setting.absent === "required" ? undefined : setting.absent.shown,
    secret: setting.secret,
  }));
}

function readSetting(
  setting: Setting<unknown>,
  { environment, file }: SettingSources,
): { value: unknown } | { fault: string } {
  const text = present(environment[setting.variable]) ?? present(file?.[setting.variable]);
  if (text === undefined) {
    if (setting.absent !== "required") return { value: setting.absent.value };
    return { fault: `${setting.variable} is not set. ${setting.explanation}` };
  }
  try {
    return { value: setting.parse(text) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "cannot be read";
    return { fault: `${setting.variable} ${why}. ${setting.explanation}` };
  }
}

function unknownNames(spec: SettingsSpec, { environment, file, prefix }: SettingSources): string[] {
  const known = new Set(Object.values(spec).map((setting) => setting.variable));
  const named = new Set([...Object.keys(environment), ...Object.keys(file ?? {})]);
  return [...named]
    .filter((name) => name.startsWith(prefix) && !known.has(name))
    .map((name) => `${name} is not a setting of this program. Correct its name or take it away.`);
}

function present(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
