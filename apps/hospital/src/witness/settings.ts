import { isHttpOrigin } from "@siphms/relay";
import { setting } from "@siphms/server-kit";
import { parseVerifierKey, TlogError, type VerifierKey } from "@siphms/tlog";

/** Somebody else who looks after the audit log: cosigns its heads, as long as each continues the one before. */
export interface Witness {
  /** The name of its key. */
  readonly name: string;
  /** Its verifier key as text. */
  readonly key: string;
  readonly verifierKey: VerifierKey;
  /** The prefix of its addresses, such as `https://gateway.example.org/witness`. */
  readonly url: string;
}

const MAX_WITNESSES = 8;

/** The witnesses of the audit log. */
export const WITNESS_SETTINGS = {
  witnesses: setting<readonly Witness[]>(
    {
      variable: "SIPHMS_HOSPITAL_WITNESSES",
      explanation:
        "Witnesses of the audit log, each as its address and its verifier key with a space between, several separated by commas. siphms gateway witness shows those of a gateway. Choose one that another organisation runs: a witness of the hospital's own operator proves nothing to others.",
    },
    parseWitnesses,
    "",
  ),
} as const;

function parseWitnesses(text: string): readonly Witness[] {
  const pairs = text.split(",").flatMap((pair) => (pair.trim() === "" ? [] : [pair.trim()]));
  const witnesses = pairs.map(parseWitness);
  const names = new Set(witnesses.map(({ name }) => name));
  if (names.size < witnesses.length) throw new Error("names a witness twice");
  if (witnesses.length > MAX_WITNESSES) throw new Error("names more than 8 witnesses");
  return witnesses;
}

function parseWitness(pair: string): Witness {
  const [url = "", key = "", ...rest] = pair.split(/ +/);
  const verifierKey = parseKey(key);
  if (!isWitnessUrl(url) || verifierKey === undefined || rest.length > 0) {
    throw new Error(
      "must be pairs of an https address (http only on loopback) and a witness's verifier key, such as https://gateway.example.org/witness NAME+12345678+KEY",
    );
  }
  return { name: verifierKey.name, key, verifierKey, url };
}

function isWitnessUrl(url: string): boolean {
  if (!URL.canParse(url) || url.length > 512) return false;
  const { origin, pathname, search, hash } = new URL(url);
  return (
    isHttpOrigin(origin) && origin + pathname === url && !url.endsWith("/") && search + hash === ""
  );
}

/** A cosigner's key; a log's own key could cosign nothing. */
function parseKey(text: string): VerifierKey | undefined {
  try {
    const key = parseVerifierKey(text);
    return key.kind === "cosignature" ? key : undefined;
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
}
