import { parseCheckpoint, parseNote, type TreeHead } from "@siphms/tlog";
import type { WitnessMemory } from "../domain/witness.ts";
import type { Environment } from "./environment.ts";

/** Opens in the data folder what the witness has cosigned last: one entry for each log, which only ever moves on. */
export function openWitnessMemory({
  witnessed,
  commits,
}: Pick<Environment, "witnessed" | "commits">): WitnessMemory {
  return {
    advance({ origin, note }, decide) {
      return commits.run(() => {
        const key = Buffer.from(origin);
        const latest = headOf(witnessed.get(key));
        const decision = decide(latest);
        // Of one size there is one root, and one note is enough.
        const isNew = decision.kind === "accepted" && decision.latest.size !== latest?.size;
        if (isNew) void witnessed.put(key, Buffer.from(note));
        return decision;
      });
    },
    list: () =>
      [...witnessed.getRange()].map(({ key, value }) => {
        return { origin: key.toString("utf8"), note: new Uint8Array(value) };
      }),
  };
}

function headOf(note: Buffer | undefined): TreeHead | undefined {
  if (note === undefined) return undefined;
  const { size, root } = parseCheckpoint(parseNote(new Uint8Array(note)).text);
  return { size, root };
}
