import type { AlertStand } from "@siphms/api";
import { silentLogger } from "@siphms/server-kit";
import { describe, expect, it } from "vitest";
import { createStandPublisher } from "./stand-publisher.ts";

const QUIET: AlertStand = { open: [], news2: null };
const none = (): Promise<void> => Promise.resolve();

function publisherOf(stands: (ids: readonly string[]) => Promise<ReadonlyMap<string, AlertStand>>) {
  const told: string[] = [];
  const asked: (readonly string[])[] = [];
  const publisher = createStandPublisher({
    stands: (ids) => {
      asked.push(ids);
      return stands(ids);
    },
    publish: (id) => told.push(id),
    log: silentLogger,
    pause: none,
  });
  return { publisher, told, asked };
}

const all = (ids: readonly string[]) => Promise.resolve(new Map(ids.map((id) => [id, QUIET])));

describe("the stands that screens are told", () => {
  it("are read once for patients who change together, and anew for whoever changes meanwhile", async () => {
    const { publisher, told, asked } = publisherOf(all);
    publisher.changed(["a", "b"]);
    publisher.changed(["b", "c"]);
    publisher.changed(["c"]);
    await publisher.settled();
    expect(asked).toEqual([
      ["a", "b"],
      ["b", "c"],
    ]);
    expect(told).toEqual(["a", "b", "b", "c"]);
  });

  it("are told later where they could not be read", async () => {
    let isAway = true;
    const { publisher, told } = publisherOf((ids) => {
      if (!isAway) return all(ids);
      isAway = false;
      return Promise.reject(new Error("invented"));
    });
    publisher.changed(["a"]);
    await publisher.settled();
    expect(told).toEqual(["a"]);
  });

  it("are not asked for where nothing has changed", async () => {
    const { publisher, asked } = publisherOf(all);
    publisher.changed([]);
    await publisher.settled();
    expect(asked).toEqual([]);
  });
});
