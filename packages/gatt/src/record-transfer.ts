import {
  encodeRecordRequest,
  OP_CODES,
  type RecordFilter,
  type RecordResponse,
  type RecordResult,
} from "./record-access.ts";

/**
 * Why a transfer is over. `complete`: the meter has sent all that was asked for, which may be nothing. `refused`: it did not
 * take the request; `result` says why. `aborted`, `failed` (the meter gave up) and `lost` (no link, no answer) leave records
 * behind.
 */
export type TransferOutcome = "complete" | "refused" | "aborted" | "failed" | "lost";

/** A transfer of stored records, from the request to the meter's last word. A value: each step makes a new one. */
export interface Transfer {
  readonly state: "receiving" | "aborting" | "ended";
  readonly records: number;
  /** Records that came and could not be read. */
  readonly unreadable: number;
  /** Set at the end. */
  readonly outcome: TransferOutcome | undefined;
  /** What the meter answered at the end, where it did. */
  readonly result: RecordResult | undefined;
  /** The highest sequence number that came. */
  readonly highest: number | undefined;
  /** Each record so far had a higher number than the one before. */
  readonly isInOrder: boolean;
}

/**
 * What happens in a transfer: a record came (and could be read or not), the meter indicated a response, the user or we want it
 * to end, or the link is gone or silent for too long.
 */
export type TransferEvent =
  | { readonly kind: "record"; readonly sequence: number }
  | { readonly kind: "unreadable" }
  | { readonly kind: "response"; readonly response: RecordResponse }
  | { readonly kind: "abort" }
  | { readonly kind: "lost" };

/** The next state, and what is to be written to the Record Access Control Point. */
export interface TransferStep {
  readonly transfer: Transfer;
  readonly write: Uint8Array<ArrayBuffer> | undefined;
}

/** Asks for stored records: write what it gives, then feed every event to {@link stepTransfer}. */
export function beginTransfer(filter: RecordFilter): TransferStep {
  return {
    transfer: {
      state: "receiving",
      records: 0,
      unreadable: 0,
      outcome: undefined,
      result: undefined,
      highest: undefined,
      isInOrder: true,
    },
    write: encodeRecordRequest({ kind: "report", filter }),
  };
}

/**
 * Takes one event in. What does not belong to a transfer leaves it as it is: an answer to another request, anything after the
 * end.
 */
export function stepTransfer(transfer: Transfer, event: TransferEvent): TransferStep {
  if (transfer.state === "ended") return silently(transfer);
  switch (event.kind) {
    case "record":
      return silently(withRecord(transfer, event.sequence));
    case "unreadable":
      return silently({ ...transfer, unreadable: transfer.unreadable + 1 });
    case "lost":
      return silently(ended(transfer, "lost"));
    case "abort":
      if (transfer.state === "aborting") return silently(transfer);
      return {
        transfer: { ...transfer, state: "aborting" },
        write: encodeRecordRequest({ kind: "abort" }),
      };
    case "response":
      return silently(withResponse(transfer, event.response));
  }
}

/**
 * After which sequence number the next transfer may go on, once all records of this one are stored.
 *
 * @returns `undefined` where nothing new is certain: keep the number from before. So after an interrupted transfer of a meter
 *   that sends its newest record first: going on behind the highest number would lose the older ones for ever.
 */
export function resumeAfter(transfer: Transfer): number | undefined {
  if (transfer.unreadable > 0) return undefined;
  return transfer.outcome === "complete" || transfer.isInOrder ? transfer.highest : undefined;
}

function withRecord(transfer: Transfer, sequence: number): Transfer {
  const { highest, isInOrder, records } = transfer;
  return {
    ...transfer,
    records: records + 1,
    highest: Math.max(highest ?? sequence, sequence),
    isInOrder: isInOrder && (highest === undefined || sequence > highest),
  };
}

function withResponse(transfer: Transfer, response: RecordResponse): Transfer {
  if (response.kind !== "result") return transfer;
  const { request, result } = response;
  if (request === OP_CODES.report) return ended(transfer, reportOutcome(result), result);
  if (request !== OP_CODES.abort || transfer.state !== "aborting") return transfer;
  // An abort that failed: the records go on coming, and the end of the report is still to come.
  if (result !== "success") return { ...transfer, state: "receiving" };
  return ended(transfer, "aborted", result);
}

function reportOutcome(result: RecordResult): TransferOutcome {
  if (result === "success" || result === "no-records") return "complete";
  return result === "not-completed" || result === "unknown" ? "failed" : "refused";
}

function ended(transfer: Transfer, outcome: TransferOutcome, result?: RecordResult): Transfer {
  return { ...transfer, state: "ended", outcome, result };
}

function silently(transfer: Transfer): TransferStep {
  return { transfer, write: undefined };
}
