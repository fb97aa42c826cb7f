import { toHex } from "@siphms/cose";
import { hashRecord, type AuditRecord } from "./entry.ts";
import { InstanceChain } from "./instance-chain.ts";
import { LOG_EVENTS } from "./log-events.ts";
import { MAX_FINDINGS, type LogFinding, type LogNote, type LogReport } from "./log-report.ts";
import { parseSequences } from "./sequences.ts";

/** What the entries of a log say of each other, instance by instance, whatever the tree says of them. */
export class Chains {
  readonly #chains = new Map<string, InstanceChain>();
  readonly #findings: LogFinding[] = [];
  readonly #notes: LogNote[] = [];
  #abandoned = 0;
  #first: number | undefined;
  #last = 0;
  #latest = 0;

  /** The latest time that any entry so far says, ms. */
  get latest(): number {
    return this.#latest;
  }

  /** Adds the log's next entry. */
  add(record: AuditRecord, place: { readonly index: number; readonly entry: Uint8Array }): void {
    const instance = toHex(record.instance);
    const chain = this.#chainOf(instance);
    const { sequence, at, before } = record;
    const { index } = place;
    chain.add({ index, sequence, at, before, hash: hashRecord(place.entry) });
    if (record.event === LOG_EVENTS.abandoned) this.#abandon(record, { chain, index, instance });
    if (record.event === LOG_EVENTS.stopped) chain.end();
    this.#first ??= at;
    this.#last = at;
    this.#latest = Math.max(this.#latest, at);
  }

  /** What was found. To be called once, behind the log's last entry. */
  finish(): Pick<LogReport, "abandoned" | "findings" | "instances" | "notes" | "times"> {
    const chains = [...this.#chains.values()];
    for (const chain of chains) chain.finish();
    return {
      findings: this.#findings,
      notes: this.#notes,
      abandoned: this.#abandoned,
      instances: {
        count: chains.length,
        unended: chains.filter(({ isEnded }) => !isEnded).length,
      },
      ...(this.#first === undefined ? {} : { times: { first: this.#first, last: this.#last } }),
    };
  }

  #chainOf(instance: string): InstanceChain {
    const known = this.#chains.get(instance);
    if (known !== undefined) return known;
    const chain = new InstanceChain(instance, {
      find: (finding) => {
        if (this.#findings.length < MAX_FINDINGS) this.#findings.push(finding);
      },
      note: (note) => {
        if (this.#notes.length < MAX_FINDINGS) this.#notes.push(note);
      },
    });
    this.#chains.set(instance, chain);
    return chain;
  }

  #abandon(
    { object = "", sequence }: AuditRecord,
    at: { readonly chain: InstanceChain; readonly index: number; readonly instance: string },
  ): void {
    const ranges = parseSequences(object);
    if (ranges === undefined || (ranges.at(-1)?.last ?? sequence) >= sequence) {
      const { index, instance } = at;
      this.#findings.push({ kind: "chain", reason: "abandoned", index, instance, sequence });
      return;
    }
    for (const { first, last } of ranges) this.#abandoned += last - first + 1;
    at.chain.abandon(ranges);
  }
}
