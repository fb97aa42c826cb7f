/** A published trace: named values in the order in which they come about. */
export interface TraceFile {
  readonly items: readonly {
    readonly section: string;
    readonly name: string;
    readonly kind: string;
    readonly hex: string;
  }[];
}

/** Looks values up by name, the last of that name (and of that kind, if one is given). */
export function traceValues(trace: TraceFile): (name: string, kind?: string) => string {
  return (name, kind) => {
    const item = trace.items.findLast(
      (candidate) => candidate.name === name && (kind === undefined || candidate.kind === kind),
    );
    if (item === undefined) throw new RangeError(`the trace has no ${name}`);
    return item.hex;
  };
}
