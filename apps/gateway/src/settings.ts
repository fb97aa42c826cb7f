import { isGatewayUrl, isLoopbackName, WITNESS_PATH } from "@siphms/relay";
import {
  choiceSetting,
  integerSetting,
  listSetting,
  loadSettings,
  LOG_LEVELS,
  optional,
  portSetting,
  readSettingsFile,
  ServerKitError,
  setting,
  textSetting,
  type SettingsOf,
} from "@siphms/server-kit";

import { parseProxies } from "./routes/proxies.ts";

/** Names of the gateway's own settings begin so; a mistyped one is found by that. */
export const SETTING_PREFIX = "SIPHMS_GATEWAY_";

const MIB = 1_048_576;

function variable(name: string, explanation: string) {
  return { variable: SETTING_PREFIX + name, explanation };
}

/** Every setting of the gateway. */
export const GATEWAY_SETTINGS = {
  settingsFile: optional(
    textSetting(
      variable(
        "SETTINGS",
        "A file with lines NAME=value for any of the other settings; the environment goes before it.",
      ),
    ),
  ),
  url: optional(
    setting(
      variable(
        "URL",
        "The address by which devices and hospitals reach this gateway, for instance https://gateway.example.org. " +
          "Passes are good only for this address, so it must be the one that hospitals are told. " +
          "Only a gateway on loopback may leave it out.",
      ),
      parseUrl,
    ),
  ),
  host: textSetting(
    variable(
      "HOST",
      "The address of this machine on which to listen. Anything but loopback needs TLS files or a reverse proxy.",
    ),
    "127.0.0.1",
  ),
  port: portSetting(
    variable("PORT", "The port on which to listen; 0 lets the system choose."),
    8080,
  ),
  dataFolder: textSetting(
    variable(
      "DATA",
      "The folder of the queue, the mailboxes and the admitted hospitals. Only this user may enter it.",
    ),
    ".siphms/gateway",
  ),
  runFolder: textSetting(
    variable(
      "RUN",
      "The folder of the Unix socket gateway.sock, which serves metrics and health to the operator.",
    ),
    ".siphms/run",
  ),
  tlsCert: optional(
    textSetting(
      variable("TLS_CERT", "The file with the TLS certificate and its chain in PEM form."),
    ),
  ),
  tlsKey: optional(
    textSetting(
      variable(
        "TLS_KEY",
        "The file with the key of that certificate in PEM form, readable by this user only.",
      ),
    ),
  ),
  witnessName: optional(
    setting(
      variable(
        "WITNESS_NAME",
        "The name under which this gateway cosigns the hospitals' audit logs, taken when its key is made; by default the " +
          "host of URL. Later changes count for nothing: a key keeps its name.",
      ),
      parseWitnessName,
    ),
  ),
  proxies: listSetting(
    variable(
      "PROXIES",
      "Addresses or networks of reverse proxies that end TLS in front of this gateway; their X-Forwarded-For is believed.",
    ),
  ),
  logLevel: choiceSetting(
    variable("LOG", "How much is logged, as JSON lines on standard error."),
    LOG_LEVELS,
    "info",
  ),
  maxConnections: integerSetting(
    variable(
      "MAX_CONNECTIONS",
      "Connections above which a new one takes the place of one of the address that has most; " +
        "fewer where the system's limit of open files has no room for so many.",
    ),
    { least: 10, most: 1_000_000 },
    20_000,
  ),
  addressPerMinute: integerSetting(
    variable(
      "ADDRESS_PER_MINUTE",
      "Handshakes that one address may begin in a minute, all at once if need be; passes that prove to be false count too.",
    ),
    { least: 1, most: 10_000_000 },
    3000,
  ),
  maxHandshakes: integerSetting(
    variable(
      "MAX_HANDSHAKES",
      "Handshakes that may wait for one hospital at once; an address can have half of the places.",
    ),
    { least: 2, most: 1024 },
    1024,
  ),
  sessionEnvelopes: integerSetting(
    variable("SESSION_ENVELOPES", "Envelopes of one session that may wait for its hospital."),
    { least: 1, most: 10_000_000 },
    10_000,
  ),
  maxUnanswered: integerSetting(
    variable(
      "MAX_UNANSWERED",
      "Envelopes of one hospital that may wait for its answer while it is connected; above, devices are told to keep theirs " +
        "for a moment. While it is away, HOSPITAL_ENVELOPES counts.",
    ),
    { least: 64, most: 1_000_000 },
    2048,
  ),
  hospitalEnvelopes: integerSetting(
    variable("HOSPITAL_ENVELOPES", "Envelopes of one hospital that may wait for it."),
    { least: 1, most: 100_000_000 },
    1_000_000,
  ),
  hospitalMebibytes: integerSetting(
    variable("HOSPITAL_MEBIBYTES", "Mebibytes of envelopes of one hospital that may wait for it."),
    { least: 1, most: 100_000_000 },
    4096,
  ),
  reserveMebibytes: integerSetting(
    variable(
      "RESERVE_MEBIBYTES",
      "Free mebibytes on the disk below which no envelope is taken, so that answers can still be stored.",
    ),
    { least: 0, most: 1_000_000 },
    64,
  ),
};

/** The gateway's settings, checked one by one and together. */
export type GatewaySettings = SettingsOf<typeof GATEWAY_SETTINGS> & {
  /** Whether devices come by https. */
  readonly secure: boolean;
  readonly hospitalBytes: number;
  readonly reserveBytes: number;
  /** Under which name a new witness key signs, and the address that checkpoints are posted to, where URL says it. */
  readonly witness: { readonly name: string; readonly url?: string };
};

/**
 * Reads the gateway's settings from the environment and the settings file that it names.
 *
 * @throws {ServerKitError} `SETTING_INVALID` or `SETTING_FILE`, saying what to do.
 */
export function loadGatewaySettings(
  environment: Readonly<Record<string, string | undefined>>,
): GatewaySettings {
  const path = environment[GATEWAY_SETTINGS.settingsFile.variable] ?? "";
  const file = path === "" ? {} : readSettingsFile(path, GATEWAY_SETTINGS);
  const settings = loadSettings(GATEWAY_SETTINGS, { environment, file, prefix: SETTING_PREFIX });
  refuseUnsafe(settings);
  return {
    ...settings,
    secure: settings.url?.startsWith("https:") ?? false,
    hospitalBytes: settings.hospitalMebibytes * MIB,
    reserveBytes: settings.reserveMebibytes * MIB,
    witness: witnessOf(settings),
  };
}

function witnessOf({ url, host, port, witnessName }: Settings): GatewaySettings["witness"] {
  const name = witnessName ?? (url === undefined ? `${host}:${String(port)}` : new URL(url).host);
  return url === undefined ? { name } : { name, url: url + WITNESS_PATH };
}

type Settings = SettingsOf<typeof GATEWAY_SETTINGS>;

function refuseUnsafe(settings: Settings): void {
  refuseUnreadable(settings);
  const { host, url, tlsCert, tlsKey, proxies } = settings;
  const tls = tlsCert !== undefined;
  if (tls !== (tlsKey !== undefined)) {
    throw wrong("TLS_CERT and SIPHMS_GATEWAY_TLS_KEY belong together. Set both or neither.");
  }
  if (!isLoopbackName(host) && !tls && proxies.length === 0) {
    throw wrong(
      "HOST is not loopback, and passes must not cross a network in the clear. Set SIPHMS_GATEWAY_TLS_CERT and " +
        "SIPHMS_GATEWAY_TLS_KEY, or name the reverse proxy that ends TLS in SIPHMS_GATEWAY_PROXIES.",
    );
  }
  if (url === undefined && (tls || !isLoopbackName(host))) {
    throw wrong(
      "URL is not set. Set it to the address that devices use, for instance https://gateway.example.org.",
    );
  }
  if (url?.startsWith("http:") === true && (tls || !isLoopbackName(host))) {
    throw wrong("URL must begin with https: here, because devices come through TLS.");
  }
}

function refuseUnreadable({ proxies }: Settings): void {
  try {
    parseProxies(proxies);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw wrong(`PROXIES: ${error.message}. Separate several by commas.`);
  }
}

function parseUrl(text: string): string {
  if (isGatewayUrl(text)) return text;
  throw new Error(
    "must be an https origin without path or final slash, at most 128 characters (http only on loopback)",
  );
}

function parseWitnessName(text: string): string {
  if (/^[a-z0-9.:/_-]{1,100}$/.test(text)) return text;
  throw new Error("must be 1 to 100 of a-z, 0-9 and . : / _ -");
}

function wrong(what: string): ServerKitError {
  return new ServerKitError("SETTING_INVALID", SETTING_PREFIX + what);
}
