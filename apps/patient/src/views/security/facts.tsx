import { toHex, type Bytes } from "@siphms/cose";
import type { ReactElement, ReactNode } from "react";
import { groupsOf } from "../hex-groups.ts";

/** Names with what belongs to them. */
export function Facts({ children }: { readonly children: ReactNode }): ReactElement {
  return <dl className="siphms-facts">{children}</dl>;
}

/** One name and what belongs to it. */
export function Fact(props: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Bytes in groups that can be compared by eye; nothing where there are none. */
export function Fingerprint({ bytes }: { readonly bytes: Bytes | undefined }): ReactElement | null {
  if (bytes === undefined) return null;
  return (
    <bdi dir="ltr" className="siphms-fingerprint siphms-bytes">
      {groupsOf(toHex(bytes))}
    </bdi>
  );
}
