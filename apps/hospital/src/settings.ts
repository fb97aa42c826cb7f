import { isIP } from "node:net";
import { isGatewayUrl, isHttpOrigin } from "@siphms/relay";
import {
  choiceSetting,
  integerSetting,
  loadSettings,
  LOG_LEVELS,
  optional,
  readSettingsFile,
  ServerKitError,
  setting,
  textSetting,
  type Setting,
  type SettingsOf,
  type SettingText,
} from "@siphms/server-kit";
import { parseKekSource, type KekSource } from "./keys/index.ts";
import { NOTIFY_SETTINGS } from "./notify/index.ts";
import { WITNESS_SETTINGS } from "./witness/index.ts";

/** Names that begin so are this program's own: a mistyped one is refused. */
const SETTINGS_PREFIX = "SIPHMS_HOSPITAL_";

/** Node's own name for the size of its thread pool. */
const POOL_THREADS = "UV_THREADPOOL_SIZE";

const DEFAULT_CONSOLE_PORT = 8090;
const DEFAULT_APP_PORT = 8091;
/** A port that the system chooses would make an origin that nobody knows beforehand. */
const PORTS = { least: 1, most: 65_535 };
const HOSPITAL_ID = /^[a-z0-9-]{1,63}$/;

/** The settings of the hospital, each with its explanation; `siphms config` prints them. */
export const HOSPITAL_SETTINGS = {
  settingsFile: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_SETTINGS",
      explanation:
        "A file with lines NAME=value for any of the other settings; the environment goes before it.",
    }),
  ),
  databaseUrl: textSetting({
    variable: "DATABASE_URL",
    explanation:
      "Address of the PostgreSQL database (15 or newer) under the service's role: postgres://USER:PASSWORD@HOST/NAME. On another machine it is reached by TLS, and its certificate has to be good for HOST: ?sslrootcert=FILE names an authority of your own. The hospital brings no database of its own; siphms up starts one for a demonstration.",
    secret: true,
  }),
  databaseAdminUrl: optional(
    textSetting({
      variable: "DATABASE_ADMIN_URL",
      explanation:
        "The same database under the role that owns the schema. Needed by init and by the first start of a new release, to bring the schema up to date; leave it out otherwise.",
      secret: true,
    }),
  ),
  unsafeDatabaseWithoutTls: yesNo(
    {
      variable: "SIPHMS_HOSPITAL_UNSAFE_DATABASE_WITHOUT_TLS",
      explanation:
        "Accepts sslmode=disable in the address of a database on another machine: whoever is on the way can then read the password, and what is not sealed.",
    },
    "no",
  ),
  dataFolder: textSetting(
    {
      variable: "SIPHMS_DATA",
      explanation:
        "Folder of this installation: secrets/ holds the key-encryption key, run/ the operator's socket.",
    },
    ".siphms",
  ),
  kek: optional(
    setting<KekSource>(
      {
        variable: "SIPHMS_HOSPITAL_KEK",
        explanation:
          "Where the key-encryption key comes from: file:PATH (a file of mode 0600), passphrase:PATH (PATH holds the parameters, the passphrase is read from SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE), command:PROGRAM ARGUMENTS (prints the key, for a KMS or HSM) or recovery:PATH (a recovery file, with its passphrase in that file too, after every other key is lost). By default file: with secrets/kek in the installation's folder.",
      },
      parseKekSource,
    ),
  ),
  kekPassphraseFile: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE",
      explanation:
        "File of mode 0600 with the passphrase of the key-encryption key or the recovery file.",
    }),
  ),
  backupFolder: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_BACKUP_FOLDER",
      explanation:
        "Where backups of the database are kept. A key-encryption key inside it is refused.",
    }),
  ),
  backupHours: integerSetting(
    {
      variable: "SIPHMS_HOSPITAL_BACKUP_HOURS",
      explanation:
        "A backup is made by itself once the newest one is older than so many hours, where SIPHMS_HOSPITAL_BACKUP_FOLDER is set.",
    },
    { least: 1, most: 48 },
    24,
  ),
  backupsKept: integerSetting(
    {
      variable: "SIPHMS_HOSPITAL_BACKUPS_KEPT",
      explanation: "How many of the newest backups stay when one was made by itself.",
    },
    { least: 2, most: 1_000 },
    14,
  ),
  drillUrl: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_DRILL_URL",
      explanation:
        "Address of an empty PostgreSQL database for drills, under the role that owns it: a backup is restored there and taken away again.",
      secret: true,
    }),
  ),
  unsafeKekWithData: yesNo(
    {
      variable: "SIPHMS_HOSPITAL_UNSAFE_KEK_WITH_DATA",
      explanation:
        "Accepts a key-encryption key in the database's or the backup's folder: whoever copies that folder can then read everything.",
    },
    "no",
  ),
  hospitalId: optional(
    setting(
      {
        variable: "HOSPITAL_ID",
        explanation:
          "This hospital's id, 1 to 63 of a-z, 0-9 and -. Chosen once at init and never changed: devices know the hospital by it.",
      },
      parseHospitalId,
    ),
  ),
  hospitalName: optional(
    setting(
      {
        variable: "SIPHMS_HOSPITAL_NAME",
        explanation: "The hospital's name as patients see it, 1 to 200 characters. Read at init.",
      },
      parseName,
    ),
  ),
  gateways: setting(
    {
      variable: "SIPHMS_HOSPITAL_GATEWAYS",
      explanation:
        "Origins of the gateways that this hospital connects to, separated by commas. Invitations name the first.",
    },
    parseGateways,
    "http://127.0.0.1:8080",
  ),
  host: textSetting(
    {
      variable: "SIPHMS_HOSPITAL_HOST",
      explanation:
        "Address on which console and patient app listen. Anything but loopback needs TLS files or a reverse proxy.",
    },
    "localhost",
  ),
  consolePort: integerSetting(
    { variable: "SIPHMS_HOSPITAL_PORT", explanation: "Port of the console and its API." },
    PORTS,
    DEFAULT_CONSOLE_PORT,
  ),
  appPort: integerSetting(
    {
      variable: "SIPHMS_HOSPITAL_APP_PORT",
      explanation: "Port of the patient app, which is another origin than the console's.",
    },
    PORTS,
    DEFAULT_APP_PORT,
  ),
  consoleOrigin: optional(
    setting(
      {
        variable: "SIPHMS_HOSPITAL_CONSOLE_ORIGIN",
        explanation:
          "Origin of the console as browsers see it, such as https://console.hospital.example. By default http://localhost with the console's port.",
      },
      parseOrigin,
    ),
  ),
  appOrigin: optional(
    setting(
      {
        variable: "SIPHMS_HOSPITAL_APP_ORIGIN",
        explanation:
          "Origin of the patient app as phones see it; invitations are links to it. By default http://localhost with the app's port.",
      },
      parseOrigin,
    ),
  ),
  tlsCertificate: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_TLS_CERTIFICATE",
      explanation: "PEM file with the certificate and its chain.",
    }),
  ),
  tlsKey: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_TLS_KEY",
      explanation: "PEM file of mode 0600 with the certificate's key.",
    }),
  ),
  behindProxy: yesNo(
    {
      variable: "SIPHMS_HOSPITAL_BEHIND_PROXY",
      explanation:
        "Says that a reverse proxy ends TLS before this program, so that plain http may listen on more than loopback.",
    },
    "no",
  ),
  trustedProxies: optional(
    setting(
      {
        variable: "SIPHMS_HOSPITAL_TRUSTED_PROXIES",
        explanation:
          "Addresses of the reverse proxies, or networks as 10.1.0.0/24, separated by commas, whose X-Forwarded-For says where a request came from. Without it everybody behind a proxy counts as one when failed log-ins are slowed down.",
      },
      parseProxies,
    ),
  ),
  consoleFolder: optional(
    textSetting({
      variable: "SIPHMS_CONSOLE_DIR",
      explanation: "Folder of the built console. Without it only the API is served.",
    }),
  ),
  appFolder: optional(
    textSetting({
      variable: "SIPHMS_APP_DIR",
      explanation:
        "Folder of the built patient app. Without it a page says how to enrol with the command line.",
    }),
  ),
  demo: yesNo(
    {
      variable: "SIPHMS_DEMO",
      explanation:
        "A demonstration: takes patients that replay recordings, and turns links for staff into sessions without a second factor. Never with real patients.",
    },
    "no",
  ),
  timeZone: setting(
    {
      variable: "SIPHMS_HOSPITAL_TIME_ZONE",
      explanation:
        "Time zone of the hospital, such as Europe/Berlin: the weekly review of activity begins its weeks and counts its nights in it. By default the machine's.",
    },
    parseTimeZone,
    Intl.DateTimeFormat().resolvedOptions().timeZone,
  ),
  ...NOTIFY_SETTINGS,
  ...WITNESS_SETTINGS,
  passEnvelopesPerMinute: integerSetting(
    {
      variable: "SIPHMS_HOSPITAL_ENVELOPES_PER_MINUTE",
      explanation: "Envelopes that one session may hand to a gateway in a minute.",
    },
    { least: 1, most: 6_000 },
    600,
  ),
  poolThreads: integerSetting(
    {
      variable: POOL_THREADS,
      explanation:
        "Threads that verify signatures; set it to the number of processors. Node.js reads it before this program runs, so it has to stand in the environment: a settings file comes too late and is refused.",
    },
    { least: 1, most: 1024 },
    4,
  ),
  logLevel: choiceSetting(
    { variable: "SIPHMS_LOG_LEVEL", explanation: "How much is logged to standard error." },
    LOG_LEVELS,
    "info",
  ),
} as const;

/** The settings as {@link HOSPITAL_SETTINGS} yields them. */
export type HospitalSettings = SettingsOf<typeof HOSPITAL_SETTINGS>;

/**
 * Reads the hospital's settings from the environment and the settings file that it names.
 *
 * @throws {ServerKitError} `SETTING_INVALID` with a line for everything that is wrong, `SETTING_FILE`
 */
export function loadHospitalSettings(
  environment: Readonly<Record<string, string | undefined>>,
): HospitalSettings {
  const path = environment[HOSPITAL_SETTINGS.settingsFile.variable];
  const file: Readonly<Record<string, string | undefined>> =
    path === undefined || path === "" ? {} : readSettingsFile(path, HOSPITAL_SETTINGS);
  if (file[POOL_THREADS] !== undefined) {
    throw new ServerKitError(
      "SETTING_INVALID",
      `${POOL_THREADS} stands in the settings file, where it has no effect. Set it in the environment.`,
    );
  }
  return loadSettings(HOSPITAL_SETTINGS, { environment, file, prefix: SETTINGS_PREFIX });
}

/** `yes` or `no`, and `1` or `0`, which scripts like. */
function yesNo(text: SettingText, fallback: "no" | "yes"): Setting<boolean> {
  const parse = (value: string): boolean => {
    if (value === "yes" || value === "1") return true;
    if (value === "no" || value === "0") return false;
    throw new Error("must be yes or no");
  };
  return setting(text, parse, fallback);
}

function parseHospitalId(text: string): string {
  if (!HOSPITAL_ID.test(text)) throw new Error("must be 1 to 63 of a-z, 0-9 and -");
  return text;
}

function parseName(text: string): string {
  if (text.length > 200 || /\p{Cc}/u.test(text)) {
    throw new Error("must be 1 to 200 printable characters");
  }
  return text;
}

function parseTimeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new Error("must be the name of a time zone such as Europe/Berlin");
  }
}

function parseOrigin(text: string): string {
  if (isHttpOrigin(text)) return text;
  throw new Error(
    "must be an origin such as https://name:port, without a path; http on loopback only",
  );
}

/** Addresses and networks; a network so wide that it holds strangers is a mistake, and a name could point anywhere. */
function parseProxies(text: string): readonly string[] {
  const proxies = text.split(",").map((one) => one.trim());
  if (proxies.every(isAddressOrNetwork)) return proxies;
  throw new Error(
    "must be IP addresses such as 192.0.2.7, or networks of at most 65,536 IPv4 addresses such as 10.1.0.0/24 or of an IPv6 prefix from /48 on",
  );
}

function isAddressOrNetwork(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  const [least, most] = family === 4 ? [16, 32] : [48, 128];
  return /^\d{1,3}$/.test(bits) && Number(bits) >= least && Number(bits) <= most;
}

function parseGateways(text: string): readonly string[] {
  const gateways = text.split(",").map((one) => one.trim());
  if (gateways.every(isGatewayUrl)) return gateways;
  throw new Error(
    "must be origins such as https://name:port, of at most 128 characters and without a path; http on loopback only",
  );
}
