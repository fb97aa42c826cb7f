import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bytes } from "@siphms/tlog";
import { verifyLog } from "./verify-log.ts";
import {
  createLogWorld,
  sourceOf,
  UnsafeWriter,
  type LogFiles,
  type LogWorld,
} from "./testing/log-world.ts";

const COUNT = 300;

let world: LogWorld;
let entries: readonly Bytes[];
let files: LogFiles;

beforeAll(async () => {
  world = await createLogWorld();
  entries = new UnsafeWriter(1).writeMany(COUNT);
  files = await world.files(entries);
});

describe("a log of which one thing was altered", () => {
  it("has a finding for any byte of any bundle or tile, and none of a file that is whole [HS-312c1]", async () => {
    const paths = [...files.keys()].filter((path) => path.startsWith("tile/"));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (path, place, mask) => {
          const bytes = files.get(path)?.slice() ?? new Uint8Array();
          const at = place % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ mask;
          const { findings } = await verifyLog(
            sourceOf(new Map(files).set(path, bytes)),
            world.trust,
          );
          const isBundle = path.startsWith("tile/entries/");
          expect(findings[0]).toMatchObject(
            isBundle ? { kind: "entries" } : { kind: "tile", path },
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("has a finding for any entry that was taken out, doubled or moved, whatever was made anew but the signature", async () => {
    const change = fc.record({
      how: fc.constantFrom("move", "remove", "repeat"),
      from: fc.nat(COUNT - 1),
      to: fc.nat(COUNT - 1),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ how, from, to }) => {
        fc.pre(how !== "move" || from !== to);
        const entry = entries[from];
        if (entry === undefined) throw new Error("The entry is there.");
        const rest = how === "repeat" ? [...entries] : entries.filter((_, at) => at !== from);
        const changed = how === "remove" ? rest : [...rest.slice(0, to), entry, ...rest.slice(to)];
        const other = await world.files(changed);
        // The signatures are those of before.
        for (const path of ["checkpoint", "checkpoint.witnessed"]) {
          other.set(path, files.get(path) ?? new Uint8Array());
        }
        const { findings } = await verifyLog(sourceOf(other), world.trust);
        expect(findings.length).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });
});
