import { alertHistorySchema, CONSOLE_PATHS, parseApi, patientPartPath } from "@siphms/api";
import type { ApiAlert } from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { signIn, type ConsoleClient } from "../../apps/cli/src/demo/console-client.ts";
import { Installation } from "../system/installation.ts";

const HOUR = 3_600_000;
/** A day of the stories in a minute: a message has 0.6 s before what it says is late. */
const SPEED = 1_440;
const PLAYED_LIMIT_MS = 110_000;

describe("the ward of a demonstration, with invented patients (SR-66)", () => {
  let installation: Installation;
  let console: ConsoleClient;
  /** Ids by record number. */
  let ids: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const demo = ["--demo", "--recordings", "none", "--speed", String(SPEED), "--json"];
    installation = await Installation.start(demo);
    await vi.waitFor(() => expect(installation.output).toContain("is played to its end"), {
      timeout: PLAYED_LIMIT_MS,
      interval: 500,
    });
    const ready = installation.output.split("\n").find((line) => line.startsWith('{"ready"'));
    console = await signIn((JSON.parse(ready ?? "{}") as { console: string }).console);
    ids = new Map((await console.patients()).map(({ mrn, id }) => [mrn, id]));
    expect(ids.size).toBe(13);
  });
  afterAll(async () => {
    await console.close();
    await installation.remove();
  });

  /** Every alert that the patients of a story ever had, each with the clinical hour of the story at which it stands. */
  async function alertsOf(story: string): Promise<readonly (ApiAlert & { hour: number })[][]> {
    const mrns = [1, 2, 3].map((number) => `DEMO-synthetic-${story}-${number}`);
    return Promise.all(
      mrns.map(async (mrn) => {
        const id = ids.get(mrn) ?? "";
        const url = new URL(patientPartPath(id, "alerts"), installation.consoleUrl);
        const answer = await fetch(url, { headers: console.headers });
        const { alerts } = parseApi(alertHistorySchema, await answer.json());
        const begun = await firstReadingOf(id);
        return alerts.map((alert) => ({ ...alert, hour: (alert.at - begun) / HOUR }));
      }),
    );
  }

  async function firstReadingOf(id: string): Promise<number> {
    for await (const { at } of console.readings(id)) return at;
    return expect.fail("nothing is stored");
  }

  it.each(["normal", "artefacts"])("raises nothing of who is %s", async (story) => {
    expect(await alertsOf(story)).toEqual([[], [], []]);
  });

  it("tells of who fell silent in hour 8, thirteen hours later and of nothing else", async () => {
    for (const alerts of await alertsOf("silent")) {
      expect(alerts.map(({ rule, channel }) => [rule, channel])).toEqual([["silent", "technical"]]);
      expect(Math.floor(alerts[0]?.hour ?? 0)).toBe(21);
    }
  });

  it("tells of who gets worse from hour 12 on: urgent signs and NEWS2, and not before", async () => {
    for (const alerts of await alertsOf("deteriorating")) {
      const live = alerts.filter(({ late }) => !late);
      const urgent = live.filter(({ level }) => level === "urgent").map(({ finding }) => finding);
      const about = urgent.map((one) => (one.type === "limit" ? one.kind : one.type));
      expect(new Set(about)).toEqual(
        new Set(["blood-pressure", "heart-rate", "news2", "respiratory-rate", "spo2"]),
      );
      for (const { hour, told } of live) {
        expect(hour).toBeGreaterThan(12);
        expect(told.length).toBeGreaterThan(0);
      }
    }
  });

  it("shows them to the doctor as open", async () => {
    const url = new URL(CONSOLE_PATHS.alerts, installation.consoleUrl);
    const { stands } = (await (await fetch(url, { headers: console.headers })).json()) as {
      stands: Record<string, { open: readonly ApiAlert[] }>;
    };
    const open = (mrn: string) => stands[ids.get(mrn) ?? ""]?.open.length;
    expect(open("DEMO-synthetic-normal-1")).toBe(0);
    expect(open("DEMO-synthetic-silent-1")).toBe(1);
    expect(open("DEMO-synthetic-deteriorating-1")).toBeGreaterThanOrEqual(6);
  });
});
