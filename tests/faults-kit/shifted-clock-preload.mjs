// Loaded before a program's first line (`node --import`): its wall clock is as many ms off as the file says that the
// environment names. The monotonic clock and timers stay as they are, as when a machine's clock is set.
import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 20;
const file = process.env.TEST_CLOCK_FILE;
const RealDate = Date;
let shiftMs = 0;

function look() {
  try {
    shiftMs = Number(readFileSync(file, "utf8"));
  } catch {
    // Not written yet: the clock is right.
  }
}

const now = () => RealDate.now() + shiftMs;

look();
setInterval(look, LOOK_EVERY_MS).unref();
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, parameters) =>
    new target(...(parameters.length === 0 ? [now()] : parameters)),
  get: (target, name) => (name === "now" ? now : target[name]),
});
