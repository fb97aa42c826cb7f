import pino from "pino";

/**
 * Everything that a log line may hold besides its event: ids, codes, sizes and durations.
 *
 * There is no field for a person, an address, a value or a text, so none can be logged by mistake.
 */
export interface LogFields {
  readonly hospital?: string;
  readonly session?: string;
  readonly handshake?: string;
  readonly device?: string;
  readonly staff?: string;
  readonly batch?: string;
  readonly job?: string;
  readonly step?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly outcome?: string;
  readonly signal?: string;
  readonly version?: string;
  readonly method?: string;
  readonly kind?: string;
  readonly status?: number;
  readonly count?: number;
  readonly total?: number;
  readonly bytes?: number;
  readonly durationMs?: number;
  readonly waitMs?: number;
  readonly attempt?: number;
  readonly port?: number;
  readonly pid?: number;
  readonly errorName?: string;
  readonly errorCode?: string;
  readonly errorAt?: string;
}

/** Writes log lines; a line's event is a constant text of the program, its data go into the fields. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** How much a program logs, least first. */
export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

/** All levels, for a setting. */
export const LOG_LEVELS: readonly LogLevel[] = ["silent", "error", "warn", "info", "debug"];

const ALLOWED: ReadonlySet<string> = new Set<keyof LogFields>([
  "hospital",
  "session",
  "handshake",
  "device",
  "staff",
  "batch",
  "job",
  "step",
  "code",
  "reason",
  "outcome",
  "signal",
  "version",
  "method",
  "kind",
  "status",
  "count",
  "total",
  "bytes",
  "durationMs",
  "waitMs",
  "attempt",
  "port",
  "pid",
  "errorName",
  "errorCode",
  "errorAt",
]);

// Ids and codes are short and plain. What is not was put there by mistake, or by an attacker to forge a line.
const PLAIN_TEXT = /^[\w.:/@+-]{1,128}$/;

/**
 * Creates a logger that writes one JSON object a line.
 *
 * Types stop a wrong field at compile time and the allow-list stops it again at run time, because objects are often
 * passed on whole: unknown fields are left out and texts that are not ids or codes become `"(withheld)"`.
 *
 * @param destination - Where lines go; standard error by default, since standard output belongs to the program's answers.
 */
export function createLogger(
  options: { readonly program: string; readonly level: LogLevel },
  destination: pino.DestinationStream = standardError(),
): Logger {
  const lines = pino(
    {
      level: options.level,
      base: { program: options.program },
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (event, fields) => {
      lines.debug(allowed(fields), event);
    },
    info: (event, fields) => {
      lines.info(allowed(fields), event);
    },
    warn: (event, fields) => {
      lines.warn(allowed(fields), event);
    },
    error: (event, fields) => {
      lines.error(allowed(fields), event);
    },
  };
}

/**
 * Standard error, on whose disk there may be no room: a line that cannot be written is lost and nothing else happens.
 *
 * Left to itself the stream would throw into the middle of whatever logs, and so end a program that can do its work.
 */
function standardError(): pino.DestinationStream {
  let isCut = false;
  let stream = open();
  function open() {
    const opened = pino.destination({ dest: 2, sync: true });
    opened.on("error", () => {
      // The failed one would keep every line from now on in memory, without a bound.
      stream = open();
      isCut = true;
    });
    return opened;
  }
  return {
    write(line) {
      // Half of the line before may stand there.
      const text = isCut ? `\n${line}` : line;
      isCut = false;
      stream.write(text);
    },
  };
}

/** A logger that writes nothing, for tests and tools. */
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

/**
 * What may be logged about an error: its class, its code and the line that threw it.
 *
 * Its message is left out: those of databases and parsers quote the data that they choked on.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code: unknown = "code" in error ? error.code : undefined;
  const place = /\/([\w.-]+\.[jt]s:\d+):\d+\)?$/m.exec(error.stack ?? "")?.[1];
  return {
    errorName: error.name,
    ...(typeof code === "string" && { errorCode: code }),
    ...(place !== undefined && { errorAt: place }),
  };
}

function allowed(fields: LogFields = {}): Record<string, string | number> {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (!ALLOWED.has(name)) continue;
    if (typeof value === "number") kept[name] = value;
    if (typeof value === "string") kept[name] = PLAIN_TEXT.test(value) ? value : "(withheld)";
  }
  return kept;
}

function nothing(): void {
  // Deliberately writes nothing.
}
