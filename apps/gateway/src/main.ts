import { EXIT, explainSettings, runProgram } from "@siphms/server-kit";
import { admit, expel, list, witness, type CommandOutput } from "./admission-commands.ts";
import { serve } from "./serve.ts";
import { GATEWAY_SETTINGS, loadGatewaySettings } from "./settings.ts";

const USAGE = `Usage:
  gateway              serve; settings come from the environment ("gateway settings" explains each)
  gateway admit FILE   admit the hospital whose registration is in FILE
  gateway expel ID     end a hospital's admission
  gateway list         show the admitted hospitals, one JSON object a line
  gateway witness      show the key with which audit logs are cosigned, then each log's last checkpoint
  gateway settings     explain every setting, one JSON object a line

Example: SIPHMS_GATEWAY_DATA=/var/lib/siphms/gateway gateway admit city-hospital.json
`;

const output: CommandOutput = {
  tell: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
};

/** The commands that take no argument. */
const ALONE = new Map<string, () => number | Promise<number>>([
  ["settings", explain],
  ["list", () => list(dataFolder(), output)],
  ["witness", () => witness(loadGatewaySettings(process.env), output)],
]);

async function run(words: readonly string[]): Promise<number> {
  const [command, argument, ...rest] = words;
  if (command === "--help" || command === "-h") {
    output.tell(USAGE);
    return EXIT.done;
  }
  const count = words.length;
  if (command === undefined) return serve(loadGatewaySettings(process.env), output.tell);
  const alone = count === 1 ? ALONE.get(command) : undefined;
  if (alone !== undefined) return alone();
  if (argument !== undefined && rest.length === 0) {
    if (command === "admit") return admit(dataFolder(), argument, output);
    if (command === "expel") return expel(dataFolder(), argument, output);
  }
  output.complain(USAGE);
  return EXIT.wrongUse;
}

function dataFolder(): string {
  return loadGatewaySettings(process.env).dataFolder;
}

function explain(): number {
  for (const row of explainSettings(GATEWAY_SETTINGS)) output.tell(JSON.stringify(row));
  return EXIT.done;
}

process.exitCode = await runProgram({ name: "gateway", run: () => run(process.argv.slice(2)) });
