import type { ReactElement } from "react";
import { useFormats } from "./use-formats.ts";

/** How old something is, with the exact instant on focus and hover, and for machines. */
export function Age({ at, now }: { readonly at: number; readonly now: number }): ReactElement {
  const formats = useFormats();
  return (
    <time dateTime={isoOf(at)} title={formats.instant(at)} className="siphms-age">
      {formats.when(at, now)}
    </time>
  );
}

/** An exact instant. */
export function Instant({ at }: { readonly at: number }): ReactElement {
  return <time dateTime={isoOf(at)}>{useFormats().instant(at)}</time>;
}

/** A time beyond what a `Date` can hold has no machine-readable form. */
function isoOf(at: number): string | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
