import type { Series } from "@siphms/messages";
import type { Kind, WireValue } from "@siphms/vitals";

import type { OperatorClient } from "../../installation/operator-client.ts";
import type { BenchSession } from "../harness/bench-device.ts";
import { enrolBenchDevices, mapAtOnce, openBenchSession } from "../harness/bench-devices.ts";
import { checkReceipt, heartRates, sealSeries } from "../harness/bench-envelopes.ts";
import type { FeederCalls } from "../ingest/feeder.ts";
import { createFeeder } from "../ingest/feeder.ts";
import type { StubGateway } from "../ingest/stub-gateway.ts";

/** The patients whose history is read. */
export interface HistoryPatients {
  /** Sends a message a minute. Hospital's id. */
  readonly day: string;
  /** Sends a message in the morning and one in the evening. */
  readonly year: string;
}

/** What the process that takes the gateway's place can be asked. */
export interface HistoryCalls extends FeederCalls {
  /** Enrols the patients whose history is read. */
  enrolPatients(input: { readonly operatorSocket: string }): Promise<HistoryPatients>;
  /** Stores a minute of one heart rate a second. Resolves once its receipt is here, and verified. */
  storeMinute(input: { readonly start: number }): Promise<void>;
  /** Stores what was measured in the mornings and evenings of so many days. */
  storeDays(input: { readonly first: number; readonly days: number }): Promise<void>;
}

const PREFIX = "HISTORY";
const POSTED_AT_ONCE = 32;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** When such a patient measures, UTC. */
const HOURS = [8, 20];

/** Creates the feeder of `bench history`: that of `bench ingest`, and what stores two patients' histories. */
export function createHistoryFeeder(
  gateway: StubGateway,
  connectOperator: (socket: string) => OperatorClient,
): HistoryCalls {
  let sessions: readonly BenchSession[] = [];

  /** Through the hospital's whole pipeline, as of a device that had to keep it until now. */
  const store = async (which: 0 | 1, series: readonly Series[]): Promise<void> => {
    const session = sessions[which];
    if (session === undefined) throw new RangeError("no patient is enrolled");
    const item = await sealSeries(session, series, Date.now());
    const { sid } = session.keys;
    await checkReceipt(
      session,
      item,
      await gateway.post({ sid, pass: session.pass }, item.envelope),
    );
  };

  return {
    ...createFeeder(gateway, connectOperator),
    async enrolPatients({ operatorSocket }) {
      const operator = connectOperator(operatorSocket);
      await gateway.connected;
      const enrolled = await enrolBenchDevices(2, { operator, gateway, prefix: PREFIX });
      operator.close();
      sessions = await mapAtOnce(enrolled, 2, (device) => openBenchSession(device, gateway));
      const [day, year] = enrolled.map(({ patient }) => patient);
      if (day === undefined || year === undefined) throw new RangeError("two were enrolled");
      return { day, year };
    },
    storeMinute: ({ start }) => store(0, [heartRates(start)]),
    async storeDays({ first, days }) {
      const times = Array.from({ length: days }, (_, day) =>
        HOURS.map((hour) => first + day * DAY_MS + hour * HOUR_MS),
      );
      await mapAtOnce(times.flat(), POSTED_AT_ONCE, (at) => store(1, spotCheck(at)));
    },
  };
}

/** What a patient at home measures in one go. */
function spotCheck(at: number): readonly Series[] {
  const one = (kind: Kind, value: WireValue): Series => ({
    ...{ kind, start: at, step: 0, values: [value], origin: 0 },
  });
  const swing = Math.round(5 * Math.sin(at / DAY_MS));
  return [
    one(1, 70 + swing),
    one(2, [125 + swing, 80 + swing, null]),
    one(3, 970),
    one(5, 3_670 + swing),
    one(7, 8_000 + swing),
  ];
}
