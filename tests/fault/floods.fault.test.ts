/**
 * Floods against a running installation, from an attacker in a process of its own that plays many senders
 * (`apps/cli/src/bench/floods`, the same as `siphms bench floods` measures with; nothing is timed here).
 *
 * Each test asserts the same: while the attack goes on every message of the honest devices gets its verified receipt, a
 * device that comes new gets its session, and whatever the attack sent was refused in the way that is said; afterwards
 * nothing is left of it. At the end all that was sent is stored, once, and no program has grown beyond its bounds.
 *
 * Limits are set low, so that a small attack reaches them on any machine.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FloodPlan, FloodReport } from "../../apps/cli/src/bench/floods/flood-calls.ts";
import { sendJson } from "../../apps/cli/src/installation/json-http.ts";
import { resolveSocket } from "@siphms/server-kit";
import { ApartInstallation } from "../crash/apart-installation.ts";
import { until, uplink } from "../faults-kit/watched-devices.ts";
import { startAttacker, type Attacker } from "../floods/attacker.ts";
import { HonestDevices } from "../floods/honest-devices.ts";

const DEVICES = 6;
const MESSAGES = 120;
const WAITS = 120;
const MAX_CONNECTIONS = 200;
const MEBIBYTE = 1_048_576;
/** Of a program that holds nothing it takes about a quarter. */
const MAX_BYTES = 512 * MEBIBYTE;
const LIMITS = {
  SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: "300",
  SIPHMS_GATEWAY_MAX_HANDSHAKES: "32",
  SIPHMS_GATEWAY_MAX_CONNECTIONS: String(MAX_CONNECTIONS),
};

const ONE = { perSecond: 2_000, connections: 60, addresses: 1 };
const MANY = { perSecond: 2_000, connections: 100, addresses: 100 };
const HELD = { perSecond: 1_000, connections: 2 * MAX_CONNECTIONS, addresses: 20 };

/** What is sent, what it may be answered with, and for what reasons it is refused. */
interface Attack {
  readonly plan: Omit<FloodPlan, "network">;
  readonly statuses: readonly string[];
  readonly reasons: readonly string[];
}

const ATTACKS: readonly (readonly [string, Attack])[] = [
  [
    "message_1 from one address",
    {
      plan: { kind: "message-1", ...ONE },
      statuses: ["200", "429"],
      reasons: ["gateway address-rate"],
    },
  ],
  [
    "message_1 from many addresses",
    {
      plan: { kind: "message-1", ...MANY },
      statuses: ["200", "429"],
      reasons: ["gateway handshake-places"],
    },
  ],
  [
    "whole handshakes of a device that nobody knows",
    {
      plan: { kind: "message-3", ...MANY, perSecond: 50, connections: 20 },
      statuses: ["400", "429"],
      reasons: ["hospital handshake-device-not-bound"],
    },
  ],
  [
    "texts in place of passes",
    {
      plan: { kind: "garbage-passes", ...ONE },
      statuses: ["401"],
      reasons: ["gateway pass-malformed"],
    },
  ],
  [
    "passes of other sessions",
    {
      plan: { kind: "foreign-passes", ...ONE },
      statuses: ["401"],
      reasons: ["gateway pass-malformed"],
    },
  ],
  [
    "forged passes from one address",
    {
      plan: { kind: "forged-passes", ...ONE },
      statuses: ["401", "429"],
      reasons: ["gateway pass-forged", "gateway address-rate"],
    },
  ],
  [
    "forged passes from many addresses",
    {
      plan: { kind: "forged-passes", ...MANY },
      statuses: ["401", "429"],
      reasons: ["gateway pass-forged"],
    },
  ],
  [
    "bodies without end",
    {
      plan: { kind: "huge-bodies", perSecond: 200, connections: 20, addresses: 10 },
      statuses: ["413", "lost"],
      reasons: ["gateway too-large"],
    },
  ],
  [
    "a new connection for each false pass",
    {
      plan: { kind: "new-connections", perSecond: 200, connections: 100, addresses: 100 },
      statuses: ["401", "lost"],
      reasons: ["gateway pass-malformed"],
    },
  ],
  [
    "headers that do not end",
    {
      plan: { kind: "slow-headers", ...HELD },
      statuses: ["408", "429", "lost"],
      reasons: ["gateway connection-places"],
    },
  ],
  [
    "bodies that do not come",
    {
      plan: { kind: "slow-bodies", ...HELD, connections: 100 },
      statuses: ["408", "429", "lost"],
      reasons: ["gateway session-uploads"],
    },
  ],
  [
    "connections on which nothing comes",
    {
      plan: { kind: "silent-connections", ...HELD },
      statuses: ["408", "429", "lost"],
      reasons: ["gateway connection-places"],
    },
  ],
];

describe("a flood of (SR-45)", () => {
  let installation: ApartInstallation;
  let attacker: Attacker;
  let honest: HonestDevices;
  let network = 100;

  beforeAll(async () => {
    installation = await ApartInstallation.start({ gateway: LIMITS });
    await uplink(installation);
    const operatorSocket = join(installation.folder, "hospital", "run", "hospital.sock");
    const place = { gatewayUrl: installation.gatewayUrl, operatorSocket };
    honest = await HonestDevices.enrol(DEVICES, place);
    attacker = await startAttacker();
    await attacker.ask("prepare", { ...place, sessions: WAITS });
  });

  afterAll(async () => {
    await attacker.stop();
    await installation.remove();
  });

  /** What was refused since the programs started, by whom and why. */
  async function refusals(): Promise<ReadonlyMap<string, number>> {
    const socketPath = resolveSocket(join(installation.folder, "gateway-run", "gateway.sock"));
    const { body } = await sendJson({ socketPath }, { method: "GET", path: "/metrics" });
    const lines = body.matchAll(/^siphms_gateway_refused_total\{reason="([\w-]+)"\} (\d+)$/gm);
    const ofGateway = [...lines].map(([, reason, count]) => [`gateway ${reason!}`, Number(count)]);
    const { refused } = await installation.operator.counters();
    const ofHospital = Object.entries(refused).map(([reason, count]) => [
      `hospital ${reason}`,
      count,
    ]);
    return new Map([...ofGateway, ...ofHospital] as [string, number][]);
  }

  /** Waits until something more is refused for each of these reasons. */
  async function refusedFor(reasons: readonly string[]): Promise<void> {
    const before = await refusals();
    await until(
      async () => {
        const now = await refusals();
        return reasons.every((reason) => (now.get(reason) ?? 0) > (before.get(reason) ?? 0));
      },
      `refusals for ${reasons.join(", ")}`,
    );
  }

  /** Does something while an attack goes on, which is ended in any case: it must not be met by the next test. */
  async function during(plan: Attack["plan"], work: () => Promise<void>): Promise<FloodReport> {
    await attacker.ask("begin", { ...plan, network: network++ });
    let report;
    try {
      await work();
    } finally {
      report = await attacker.ask("end", null);
    }
    return report;
  }

  /** Nothing of an attack is left in the gateway. */
  async function expectNothingHeld(): Promise<void> {
    for (const name of [
      "held_refusals",
      "handshakes_in_flight",
      "waiting_mailboxes",
      "waiting_posts",
    ]) {
      const metric = `siphms_gateway_${name}`;
      await until(async () => (await installation.gatewayMetric(metric)) === 0, `${metric} 0`);
    }
  }

  it.each(ATTACKS)("%s", { timeout: 120_000 }, async (_name, { plan, statuses, reasons }) => {
    const report = await during(plan, async () => {
      await refusedFor(reasons);
      expect(await honest.send(MESSAGES)).toEqual([200]);
      await honest.comeNew();
      // It has not given up meanwhile.
      await refusedFor(reasons);
    });
    expect(statuses).toEqual(expect.arrayContaining(Object.keys(report.statuses)));
    await expectNothingHeld();
    expect(await honest.send(DEVICES)).toEqual([200]);
  });

  it("mailbox waits, each of a session that has nothing else to do", async () => {
    const waiting = (): Promise<number> =>
      installation.gatewayMetric("siphms_gateway_waiting_mailboxes");
    const plan: Attack["plan"] = {
      kind: "idle-waits",
      perSecond: 1_000,
      connections: WAITS,
      addresses: 50,
    };
    const { statuses, held } = await during(plan, async () => {
      await until(async () => (await waiting()) === WAITS, "all waits");
      expect(await honest.send(MESSAGES)).toEqual([200]);
      await honest.comeNew();
      expect(await waiting()).toBe(WAITS);
    });
    expect([held, Object.keys(statuses).filter((status) => status !== "204")]).toEqual([WAITS, []]);
    await expectNothingHeld();
  });

  it("all of these has lost and doubled nothing, and left the programs at their size", async () => {
    const database = new Client({ connectionString: installation.postgres.url });
    await database.connect();
    const { rows } = await database.query<{ id: Buffer }>("SELECT message_id AS id FROM batches");
    await database.end();
    const stored = rows.map(({ id }) => id.toString("base64url"));
    expect(honest.receipted).toHaveLength(honest.sent);
    expect(stored.toSorted()).toEqual(honest.receipted.toSorted());
    for (const { name, pid } of [installation.gateway, installation.hospital]) {
      const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
      const bytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
      expect(bytes, name).toBeLessThan(MAX_BYTES);
    }
    expect([installation.gateway.starts, installation.hospital.starts]).toEqual([1, 1]);
  });
});
