import { createMetrics, type Metrics } from "@siphms/server-kit";
import type { Handshakes } from "./domain/handshakes.ts";
import type { Passes } from "./domain/passes.ts";
import type { QueueStore } from "./domain/ports.ts";
import type { Rates } from "./domain/rates.ts";
import type { EnvelopeWaits, MailboxWaits } from "./domain/settling.ts";
import type { Uplinks } from "./domain/uplinks.ts";

/** What the metrics look at. */
export interface MeteredParts {
  readonly store: QueueStore;
  readonly uplinks: Uplinks;
  readonly handshakes: Handshakes;
  readonly passes: Passes;
  readonly rates: Rates;
  readonly envelopeWaits: EnvelopeWaits;
  readonly mailboxWaits: MailboxWaits;
}

/** The gateway's metrics and the one that is counted as requests are answered. */
export interface GatewayMetrics {
  readonly metrics: Metrics;
  /** Counts an answer by the route's template, never by an address that holds an id. */
  readonly onAnswered: (route: string, status: number, seconds: number) => void;
}

/** Creates the metrics over the parts of a gateway. */
export function createGatewayMetrics(parts: MeteredParts): GatewayMetrics {
  const metrics = createMetrics();
  const gauges: readonly (readonly [string, string, () => number])[] = [
    [
      "queued_envelopes",
      "Envelopes that wait for their hospital.",
      () => parts.store.usage().queued,
    ],
    ["queued_bytes", "Bytes of those envelopes.", () => parts.store.usage().queuedBytes],
    [
      "store_works",
      "1 if the last write worked and the disk has room.",
      () => Number(parts.store.works()),
    ],
    ["uplinks", "Hospitals that are connected.", () => parts.uplinks.size()],
    [
      "handshakes_in_flight",
      "Handshake messages that wait for a hospital.",
      () => parts.handshakes.inFlight(),
    ],
    ["cached_passes", "Verified passes that are remembered.", () => parts.passes.size()],
    ["rate_counters", "Sessions and addresses that were active lately.", () => parts.rates.size()],
    ["waiting_posts", "Requests that wait for an answer.", () => parts.envelopeWaits.size()],
    [
      "waiting_mailboxes",
      "Sessions whose mailbox is being waited for.",
      () => parts.mailboxWaits.size(),
    ],
  ];
  for (const [name, help, read] of gauges) metrics.gauge(`siphms_gateway_${name}`, help, read);
  const labels = ["route", "status"];
  const answers = metrics.counter("siphms_gateway_answers_total", "Answers given.", labels);
  const seconds = metrics.duration(
    "siphms_gateway_answer_seconds",
    "Time to the answer, waits included.",
    ["route"],
  );
  return {
    metrics,
    onAnswered(route, status, elapsed) {
      answers.add({ route, status: String(status) });
      seconds.observe(elapsed, { route });
    },
  };
}
