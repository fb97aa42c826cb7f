import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MIB = 1_048_576;
const BALLAST = "ballast";

/** A disk of a few mebibytes (tmpfs) that another program's file can fill. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Mounts one that every user may pass, as the database's account has to. */
  static mount(mebibytes: number): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), "siphms-disk-"));
    const options = `size=${mebibytes}m,mode=0755`;
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
    chmodSync(folder, 0o755);
    return new SmallDisk(folder);
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Fills it until so many bytes are free: to the last one, where nothing is said. */
  fill(leaveBytes = 0): void {
    const file = openSync(join(this.folder, BALLAST), "a", 0o600);
    try {
      for (let left = this.freeBytes; left > leaveBytes; left = this.freeBytes) {
        writeSync(file, Buffer.alloc(Math.min(MIB, left - leaveBytes), 1));
      }
    } catch (error) {
      // Others write as well: the last byte may be theirs.
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Takes away what filled it. */
  free(): void {
    rmSync(join(this.folder, BALLAST), { force: true });
  }

  /** Takes it away with all that is on it. */
  unmount(): void {
    execFileSync("umount", [this.folder], { stdio: "ignore" });
    rmdirSync(this.folder);
  }
}

/** Why no small disk can be mounted here; empty where one can. */
export const whyNoSmallDisk: string = findOut();

function findOut(): string {
  if (process.getuid?.() !== 0) return "mounting a small disk needs root";
  try {
    SmallDisk.mount(1).unmount();
    return "";
  } catch {
    return "this system lets nobody mount a tmpfs";
  }
}
