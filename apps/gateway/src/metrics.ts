import type { Metrics } from "@siphms/server-kit";
import type { Handshakes } from "./domain/handshakes.ts";
import type { Passes } from "./domain/passes.ts";
import type { QueueStore } from "./domain/ports.ts";
import type { RefusalPace } from "./domain/refusal-pace.ts";
import type { RefusalReason } from "./domain/refusal.ts";
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
  readonly refusalPace: RefusalPace;
  readonly envelopeWaits: EnvelopeWaits;
  readonly mailboxWaits: MailboxWaits;
}

/** Counts an answer by the route's template, never by an address that holds an id. */
export type OnAnswered = (route: string, status: number, seconds: number) => void;

/** Creates the count of what was refused, by reason: requests, connections, waits. */
export function createRefusalCount(metrics: Metrics): (reason: RefusalReason) => void {
  const name = "siphms_gateway_refused_total";
  const refused = metrics.counter(name, "What was refused, by its reason.", ["reason"]);
  return (reason) => {
    refused.add({ reason });
  };
}

/** Adds the metrics over the parts of a gateway. @returns what counts the answers. */
export function addGatewayMetrics(metrics: Metrics, parts: MeteredParts): OnAnswered {
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
    ["held_refusals", "Refusals that are held back.", () => parts.refusalPace.held()],
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
  return (route, status, elapsed) => {
    answers.add({ route, status: String(status) });
    seconds.observe(elapsed, { route });
  };
}
