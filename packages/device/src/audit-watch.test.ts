import type { Device } from "@siphms/device";
import { METHODS, type Request, type Response } from "@siphms/messages";
import { createDeviceWorld, type DeviceWorld } from "@siphms/testkit";
import {
  appendLeaves,
  EMPTY_EDGE,
  hashLeaf,
  proveConsistency,
  rootOfEdge,
  type Bytes,
  type TreeHead,
} from "@siphms/tlog";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROUND_MS = 10 * 60_000;

/** Leaves of a log; another `content` is another history. */
function leavesOf(content: string): readonly Bytes[] {
  return Array.from({ length: 40 }, (_, at) =>
    hashLeaf(new TextEncoder().encode(`${content} ${String(at)}`)),
  );
}

const GENUINE = leavesOf("entry");
/** The same log up to entry 10, which was changed. */
const REWRITTEN = [...GENUINE.slice(0, 10), ...leavesOf("other").slice(10)];

function headAt(size: number, leaves = GENUINE): TreeHead {
  return { size, root: rootOfEdge(appendLeaves(EMPTY_EDGE, leaves.slice(0, size)).edge) };
}

let world: DeviceWorld;
let device: Device;
let stop: AbortController;
let running: Promise<void>;
/** The tree from which the hospital makes its proofs, and what it answers in their place. */
let leaves: readonly Bytes[];
let answer: ((request: Request) => Omit<Response, "requestId">) | undefined;

beforeEach(async () => {
  world = await createDeviceWorld();
  leaves = GENUINE;
  answer = undefined;
  const proofs = await allProofs();
  world.hospital.behaviour.respond = (request) => {
    if (request.method !== "audit-consistency") return undefined;
    if (answer !== undefined) return answer(request);
    const { fromSize, toSize } = METHODS["audit-consistency"].parameters.parse(request.parameters);
    const proof = proofs.get(leaves)?.[fromSize]?.[toSize] ?? [];
    return { error: 0, result: METHODS["audit-consistency"].result.encode({ proof }) };
  };
  device = await world.open();
  await world.enrolActive(device);
  await start();
});

afterEach(halt);

/** The hospital answers at once: its proofs are made before. */
async function allProofs(): Promise<Map<readonly Bytes[], (readonly Bytes[])[][]>> {
  const made = new Map<readonly Bytes[], (readonly Bytes[])[][]>();
  for (const tree of [GENUINE, REWRITTEN]) {
    const [tile] = appendLeaves(EMPTY_EDGE, tree).tiles;
    const source = { readTiles: () => Promise.resolve([tile?.bytes ?? new Uint8Array()]) };
    const rows: (readonly Bytes[])[][] = [];
    for (let from = 1; from <= tree.length; from++) {
      const row: (readonly Bytes[])[] = [];
      for (let to = from; to <= tree.length; to++) {
        row[to] = await proveConsistency({ oldSize: from, newSize: to }, source);
      }
      rows[from] = row;
    }
    made.set(tree, rows);
  }
  return made;
}

async function start(): Promise<void> {
  stop = new AbortController();
  running = device.run({ signal: stop.signal });
  await world.settle();
}

async function halt(): Promise<void> {
  stop.abort();
  await world.resolve(running);
}

async function restart(): Promise<void> {
  await halt();
  device = await world.open();
  await start();
}

/** A reading whose receipt names this state of the log. */
async function receiptWith(audit: TreeHead): Promise<void> {
  world.hospital.behaviour.receipt = (receipt) => ({ ...receipt, audit });
  await device.record([{ kind: 1, start: device.now(), step: 1, values: [70], origin: 0 }]);
  await world.until(() => device.items().length === 0);
  await world.settle();
}

function asked(): (readonly [number, number])[] {
  return world.hospital.requests
    .filter(({ method }) => method === "audit-consistency")
    .map(({ parameters }) => {
      const { fromSize, toSize } = METHODS["audit-consistency"].parameters.parse(parameters);
      return [fromSize, toSize] as const;
    });
}

const alarms = (): number =>
  world.events.filter((event) => event.type === "alarm" && event.alarm === "audit-history").length;

const verifiedSize = (): number | undefined => device.status().audit?.size;

describe("the audit log's state in a receipt (SR-60)", () => {
  it("is taken as it is the first time, and kept over a restart", async () => {
    await receiptWith(headAt(12));
    expect([device.status().audit, asked()]).toEqual([
      { ...headAt(12), at: world.clock.now() },
      [],
    ]);
    await restart();
    expect(verifiedSize()).toBe(12);
  });

  it("is proved to continue the one before, and then counts", async () => {
    await receiptWith(headAt(12));
    await receiptWith(headAt(20));
    expect([asked(), verifiedSize(), alarms()]).toEqual([[[12, 20]], 20, 0]);
  });

  it("is proved to lie in the newer one when it comes late", async () => {
    await receiptWith(headAt(20));
    await receiptWith(headAt(12));
    expect([asked(), verifiedSize(), alarms()]).toEqual([[[12, 20]], 20, 0]);
  });

  it("costs no question when it is known", async () => {
    await receiptWith(headAt(12));
    await receiptWith(headAt(12));
    await world.pass(2 * ROUND_MS);
    expect(asked()).toEqual([]);
  });

  it("costs a few questions a round, however many come, and one of another history is found among them", async () => {
    await receiptWith(headAt(12));
    await receiptWith(headAt(13));
    for (let size = 14; size < 30; size++) await receiptWith(headAt(size));
    expect(asked()).toEqual([[12, 13]]);
    await world.pass(ROUND_MS);
    const round = asked().slice(1);
    expect(round).toHaveLength(4);
    expect(round.map(([from]) => from)).toContain(13);
    expect(alarms()).toBe(0);
  });

  it("is asked about again in the next session where the hospital did not answer", async () => {
    await receiptWith(headAt(12));
    answer = () => ({ error: "busy", result: new Map() });
    await receiptWith(headAt(20));
    expect([verifiedSize(), alarms()]).toEqual([12, 0]);
    answer = undefined;
    await restart();
    await world.until(() => verifiedSize() === 20);
    expect(alarms()).toBe(0);
  });
});

describe("a history that contradicts itself is an alarm [HS-312b] (SR-60)", () => {
  const expectAlarm = (kind: string, earlier: TreeHead, later: TreeHead): void => {
    expect(device.status().auditAlarm).toEqual({ kind, at: world.clock.now(), earlier, later });
    expect(alarms()).toBe(1);
  };

  it("when one size has two roots, without a question", async () => {
    await receiptWith(headAt(12));
    await receiptWith(headAt(12, REWRITTEN));
    expectAlarm("two-roots", headAt(12), headAt(12, REWRITTEN));
    expect(asked()).toEqual([]);
  });

  it("when the log was rewritten and went on, whose proof fits the new history alone", async () => {
    await receiptWith(headAt(12));
    leaves = REWRITTEN;
    await receiptWith(headAt(20, REWRITTEN));
    expectAlarm("not-continued", headAt(12), headAt(20, REWRITTEN));
  });

  it("when the log was rolled back and is shorter", async () => {
    await receiptWith(headAt(20));
    leaves = REWRITTEN;
    await receiptWith(headAt(15, REWRITTEN));
    expectAlarm("not-continued", headAt(15, REWRITTEN), headAt(20));
  });

  it.each(["refused", "bad-parameters"] as const)(
    "when the hospital answers %s and proves nothing",
    async (error) => {
      await receiptWith(headAt(20));
      answer = () => ({ error, result: new Map() });
      await receiptWith(headAt(15));
      expectAlarm("refused", headAt(15), headAt(20));
    },
  );

  it.each(["busy", "unknown-method"] as const)(
    "when the hospital answers %s again and again, over restarts too",
    async (error) => {
      await receiptWith(headAt(12));
      answer = () => ({ error, result: new Map() });
      await receiptWith(headAt(20));
      for (let rounds = 1; rounds < 19; rounds++) await world.pass(ROUND_MS);
      expect([asked().length, alarms()]).toEqual([19, 0]);
      await restart();
      await world.until(() => asked().length === 20);
      await world.settle();
      expect(device.status().auditAlarm).toMatchObject({ kind: "refused", later: headAt(20) });
      expect(alarms()).toBe(1);
    },
  );

  it("when the answer holds no proof at all", async () => {
    await receiptWith(headAt(12));
    answer = () => ({ error: 0, result: new Map([[1, "no proof"]]) });
    await receiptWith(headAt(20));
    expectAlarm("not-continued", headAt(12), headAt(20));
  });

  it("which stays over a restart, and is raised once", async () => {
    await receiptWith(headAt(12));
    await receiptWith(headAt(12, REWRITTEN));
    const before = device.status().auditAlarm;
    await restart();
    await receiptWith(headAt(13));
    await receiptWith(headAt(14, REWRITTEN));
    await world.pass(2 * ROUND_MS);
    expect([device.status().auditAlarm, alarms(), asked()]).toEqual([before, 1, []]);
  });

  it("until the patient puts it aside: then the next receipt is where it begins again", async () => {
    await receiptWith(headAt(12));
    await receiptWith(headAt(12, REWRITTEN));
    await device.putAuditAlarmAside();
    expect([device.status().auditAlarm, device.status().audit]).toEqual([undefined, undefined]);
    leaves = REWRITTEN;
    await receiptWith(headAt(14, REWRITTEN));
    await receiptWith(headAt(20, REWRITTEN));
    expect([verifiedSize(), alarms()]).toEqual([20, 1]);
  });

  it("and its receipts free their items all the same", async () => {
    await receiptWith(headAt(12));
    await receiptWith(headAt(12, REWRITTEN));
    expect(device.status().totals.receiptedItems).toBe(2);
  });
});

describe("what the device keeps of the log", () => {
  it("is refused when it was altered", async () => {
    await receiptWith(headAt(12));
    await halt();
    const entry = await world.store.get("audit");
    const altered = entry!.slice();
    altered[altered.length - 1]! ^= 1;
    await world.store.batch([{ kind: "put", name: "audit", bytes: altered }]);
    await expect(world.open()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });
});
