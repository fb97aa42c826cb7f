// Finds what the browser tests need beside Node, or installs Debian's where this machine lets us.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const PLACES = [
  process.env.SIPHMS_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
];

/** The path of a Chromium or Chrome that is here, or undefined. */
export function findBrowser() {
  return PLACES.find((place) => place && existsSync(place));
}

/** Whether tests/bluetooth-sim can run: a message bus, and Debian's Python with its two modules. */
export function hasBluetoothSim() {
  const works = (...call) => spawnSync(call[0], call.slice(1), { stdio: "ignore" }).status === 0;
  return works("dbus-daemon", "--version") && works("/usr/bin/python3", "-c", "import dbus, gi");
}

/** Installs Debian packages when run as root (or with passwordless sudo); false where that is not possible. */
export function aptInstall(...packages) {
  const root = process.getuid?.() === 0;
  const prefix = root ? [] : ["sudo", "-n"];
  const run = (...args) => {
    const [command, ...rest] = [...prefix, ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    return spawnSync(command, rest, { env, stdio: ["ignore", 2, 2] }).status === 0;
  };
  if (!existsSync("/usr/bin/apt-get")) return false;
  if (!root && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status !== 0) return false;
  process.stderr.write(`Installing ${packages.join(", ")} with apt …\n`);
  return (
    run("apt-get", "update", "-qq") &&
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...packages)
  );
}
