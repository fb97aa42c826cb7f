// The hospital without its audit log: entries are rows and no more, and no log is made of them. `siphms bench audit` runs it
// beside the real one, to measure what the log costs. No setting leads here.
import { createLogger, runProgram } from "@siphms/server-kit";
import { serve } from "./serve.ts";
import { loadHospitalSettings } from "./settings.ts";

const run = (): Promise<number> => {
  const settings = loadHospitalSettings(process.env);
  const log = createLogger({ program: "hospital", level: settings.logLevel });
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  return serve(settings, { log, tell, withoutLog: true });
};

process.exitCode = await runProgram({ name: "hospital", run });
