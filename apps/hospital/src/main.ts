import { createLogger, EXIT, explainSettings, runProgram, type Logger } from "@siphms/server-kit";
import { backup, drill, restore } from "./backup-commands.ts";
import { init } from "./init.ts";
import { registration } from "./registration.ts";
import { serve } from "./serve.ts";
import { serveEmergency } from "./serve-emergency.ts";
import { HOSPITAL_SETTINGS, loadHospitalSettings, type HospitalSettings } from "./settings.ts";

const USAGE = `Usage:
  hospital                        serve; settings come from the environment ("hospital settings" explains each)
  hospital init                   make the installation: schema, keys, id and name; what is there already stays
  hospital registration           print what a gateway needs to admit this hospital, as one line of JSON
  hospital backup [FOLDER]        make a backup, there or in SIPHMS_HOSPITAL_BACKUP_FOLDER
  hospital restore BACKUP [KEYS]  restore a backup into an empty database; KEYS: a newer one, whose keys are taken
  hospital drill [FOLDER]         restore the newest backup into SIPHMS_HOSPITAL_DRILL_URL, and say how that went
  hospital emergency              show the records of a read-only copy of the database, and do nothing else
  hospital settings               explain every setting, one JSON object a line

Example: HOSPITAL_ID=city-hospital SIPHMS_HOSPITAL_NAME="City Hospital" DATABASE_URL=postgres://... hospital init
`;

type Run = (
  settings: HospitalSettings,
  words: readonly string[],
  outputs: { readonly log: Logger; readonly tell: (line: string) => void },
) => Promise<number>;

/** Each command, and how many words may stand behind it. */
const COMMANDS: Readonly<Record<string, { readonly words: number; readonly run: Run }>> = {
  serve: { words: 0, run: (settings, _, outputs) => serve(settings, outputs) },
  init: { words: 0, run: (settings, _, outputs) => init(settings, outputs) },
  registration: { words: 0, run: (settings, _, outputs) => registration(settings, outputs) },
  emergency: { words: 0, run: (settings, _, outputs) => serveEmergency(settings, outputs) },
  backup: { words: 1, run: backup },
  restore: { words: 2, run: restore },
  drill: { words: 1, run: drill },
};

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(words: readonly string[]): Promise<number> {
  const [name = "serve", ...rest] = words;
  if (name === "--help" || name === "-h") {
    tell(USAGE);
    return EXIT.done;
  }
  if (name === "settings" && rest.length === 0) {
    for (const row of explainSettings(HOSPITAL_SETTINGS)) tell(JSON.stringify(row));
    return EXIT.done;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined || rest.length > command.words) {
    process.stderr.write(USAGE);
    return EXIT.wrongUse;
  }
  const settings = loadHospitalSettings(process.env);
  const log = createLogger({ program: "hospital", level: settings.logLevel });
  return command.run(settings, rest, { log, tell });
}

process.exitCode = await runProgram({ name: "hospital", run: () => run(process.argv.slice(2)) });
