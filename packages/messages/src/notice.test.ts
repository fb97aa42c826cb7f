import type { CborMap, CborValue } from "@siphms/cose";
import { MessageError, readNoticeContent } from "@siphms/messages";
import { describe, expect, it } from "vitest";

const cbor = (...members: readonly (readonly [number, CborValue])[]): CborMap => new Map(members);

describe("what a notice says", () => {
  const credential = new Uint8Array([1]);
  it.each<[string, CborMap, object]>([
    ["binding-active", new Map(), {}],
    ["limits-changed", new Map(), {}],
    ["message", new Map([[1, "please call us"]]), { text: "please call us" }],
    ["measure-now", new Map(), {}],
    ["measure-now", cbor([1, [1, 2]], [2, 5]), { kinds: [1, 2], until: 5 }],
    [
      "key-rotation",
      cbor([1, credential], [2, 5]),
      { hospitalCredential: credential, validUntil: 5 },
    ],
  ])("is read with the codec of its kind: %s", (kind, body, content) => {
    expect(readNoticeContent({ kind, body })).toEqual({ kind, ...content });
  });

  it("is not read where its kind belongs to a later version", () => {
    const body = new Map([[1, "whatever"]]);
    expect(readNoticeContent({ kind: "of-version-2", body })).toEqual({ kind: "other" });
  });

  it.each<[string, CborMap]>([
    ["message", new Map()],
    ["message", new Map([[1, 5]])],
    ["measure-now", new Map([[1, []]])],
    ["measure-now", new Map([[1, [0]]])],
    ["measure-now", new Map([[2, -1]])],
    ["key-rotation", new Map([[1, new Uint8Array(1)]])],
    ["key-rotation", new Map([[2, 5]])],
  ])("is refused with a body that is none of its kind: %s", (kind, body) => {
    const read = () => readNoticeContent({ kind, body });
    expect(read).toThrow(MessageError);
    expect(read).toThrow(expect.objectContaining({ code: "PAYLOAD_SCHEMA" }));
  });
});
