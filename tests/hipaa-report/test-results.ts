/** One test of a run. */
export interface TestResult {
  /** `unit`, `int`, `e2e`, `fault` or `browser`. */
  readonly kind: string;
  readonly file: string;
  /** Its title, behind those of the groups that it stands in. */
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
}

/** What `npm test -- --results FILE` writes. */
export interface TestResults {
  /** Empty where the tests ran outside of a repository. */
  readonly commit: string;
  /** Whether files differed from that commit. */
  readonly isChanged: boolean;
  /** Instants in ISO 8601, UTC. */
  readonly began: string;
  readonly ended: string;
  readonly node: string;
  /** Kinds and files that were asked for; none where all tests ran. */
  readonly only: readonly string[];
  readonly counts: {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly tests: readonly TestResult[];
}

/** Anything in a title that looks like a row, misspelt ones too. */
const NAMED_ROW = /(?<![A-Za-z0-9-])(?:HS|HP|HB|HH|HN|SR)-[0-9A-Za-z]+/g;

/** The rows that a test says it shows, each once: `opens nothing (SR-01) [HS-312d]`. */
export function rowsInTitle(name: string): string[] {
  return [...new Set(name.match(NAMED_ROW) ?? [])];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isTest(value: unknown): value is TestResult {
  if (!isRecord(value)) return false;
  const isText = ["kind", "file", "name"].every((name) => typeof value[name] === "string");
  return isText && ["passed", "failed", "skipped"].includes(String(value["state"]));
}

function isCounts(value: unknown): value is TestResults["counts"] {
  return (
    isRecord(value) &&
    ["passed", "failed", "skipped"].every((name) => Number.isSafeInteger(value[name]))
  );
}

function isResults(value: unknown): value is TestResults {
  if (!isRecord(value) || !isCounts(value["counts"])) return false;
  const isText = ["commit", "began", "ended", "node"].every(
    (name) => typeof value[name] === "string",
  );
  const { isChanged, only, tests } = value;
  const isOnly = Array.isArray(only) && only.every((word) => typeof word === "string");
  const isTests = Array.isArray(tests) && tests.every(isTest);
  return isText && typeof isChanged === "boolean" && isOnly && isTests;
}

/**
 * Reads the results of a run of the tests.
 *
 * @throws {Error} where the text is not what `npm test -- --results FILE` writes, or its counts are not those of its tests.
 */
export function parseTestResults(text: string): TestResults {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error("the results are no JSON", { cause });
  }
  if (!isResults(value)) throw new Error("these are not the results of `npm test -- --results`");
  const passed = value.tests.filter(({ state }) => state === "passed").length;
  if (passed !== value.counts.passed) {
    throw new Error("the results name another number of passed tests than they count");
  }
  return value;
}
