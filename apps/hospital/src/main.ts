import { createLogger, EXIT, explainSettings, runProgram } from "@siphms/server-kit";
import { init } from "./init.ts";
import { registration } from "./registration.ts";
import { serve } from "./serve.ts";
import { HOSPITAL_SETTINGS, loadHospitalSettings } from "./settings.ts";

const USAGE = `Usage:
  hospital               serve; settings come from the environment ("hospital settings" explains each)
  hospital init          make the installation: schema, keys, id and name; what is there already stays
  hospital registration  print what a gateway needs to admit this hospital, as one line of JSON
  hospital settings      explain every setting, one JSON object a line

Example: HOSPITAL_ID=city-hospital SIPHMS_HOSPITAL_NAME="City Hospital" DATABASE_URL=postgres://... hospital init
`;

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(words: readonly string[]): Promise<number> {
  const [command = "serve", ...rest] = words;
  if (command === "--help" || command === "-h") {
    tell(USAGE);
    return EXIT.done;
  }
  if (rest.length > 0 || !["init", "registration", "serve", "settings"].includes(command)) {
    process.stderr.write(USAGE);
    return EXIT.wrongUse;
  }
  if (command === "settings") {
    for (const row of explainSettings(HOSPITAL_SETTINGS)) tell(JSON.stringify(row));
    return EXIT.done;
  }
  const settings = loadHospitalSettings(process.env);
  const log = createLogger({ program: "hospital", level: settings.logLevel });
  if (command === "init") return init(settings, { log, tell });
  if (command === "registration") return registration(settings, { log, tell });
  return serve(settings, { log, tell });
}

process.exitCode = await runProgram({ name: "hospital", run: () => run(process.argv.slice(2)) });
