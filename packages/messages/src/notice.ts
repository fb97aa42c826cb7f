import type { Bytes, CborMap } from "@siphms/cose";
import type { Kind } from "@siphms/vitals";
import { createMapCodec, EMPTY, type Empty, type MapCodec } from "./map-codec.ts";
import { readMessageHead } from "./message-id.ts";
import { decodePadded, encodePayload } from "./padding.ts";
import {
  cborMap,
  readArrayOf,
  readBytes,
  readMap,
  readOptional,
  readText,
  readUint,
  refuseUnknownKeys,
} from "./schema.ts";
import { readKind } from "./series.ts";

/** What the hospital tells a device unasked. */
export interface Notice {
  /** 16 bytes, beginning with `created`. */
  readonly messageId: Bytes;
  /** ms. */
  readonly created: number;
  /** Any text; those that version 1 knows are in {@link NOTICES}. */
  readonly kind: string;
  /** Read with the kind's codec; unknown keys are allowed here. */
  readonly body: CborMap;
}

/** Body of `measure-now`: which vital signs (none named: all), and until when it makes sense. */
export interface MeasureNow {
  readonly kinds?: readonly Kind[];
  readonly until?: number;
}

/** Body of `message`: a text for the patient. */
export interface TextMessage {
  readonly text: string;
}

/** Body of `key-rotation`: the hospital's next credential, and when the old key stops answering. */
export interface KeyRotation {
  /** CRED_R as bytes; a device parses and checks it as it did the invitation's. */
  readonly hospitalCredential: Bytes;
  /** ms; at least 90 days ahead. */
  readonly validUntil: number;
}

/** The notice kinds of version 1 with the codecs of their bodies. */
export interface Notices {
  readonly "binding-active": MapCodec<Empty>;
  readonly "measure-now": MapCodec<MeasureNow>;
  readonly message: MapCodec<TextMessage>;
  readonly "limits-changed": MapCodec<Empty>;
  readonly "key-rotation": MapCodec<KeyRotation>;
}

/** The name of a notice kind of version 1. */
export type NoticeKind = keyof Notices;

/** What a notice says. `other`: its kind belongs to a later version. */
export type NoticeContent =
  | { readonly kind: "binding-active" }
  | ({ readonly kind: "measure-now" } & MeasureNow)
  | ({ readonly kind: "message" } & TextMessage)
  | { readonly kind: "limits-changed" }
  | ({ readonly kind: "key-rotation" } & KeyRotation)
  | { readonly kind: "other" };

const readKinds = readArrayOf(readKind, 1);

/** The codec of each notice kind's body. */
export const NOTICES: Notices = {
  "binding-active": EMPTY,
  "measure-now": createMapCodec(
    (body) => cborMap([1, body.kinds], [2, body.until]),
    (map) => {
      const kinds = readOptional(map.get(1), "measure-now.kinds", readKinds);
      const until = readOptional(map.get(2), "measure-now.until", readUint);
      return {
        ...(kinds === undefined ? {} : { kinds }),
        ...(until === undefined ? {} : { until }),
      };
    },
  ),
  message: createMapCodec(
    (body) => cborMap([1, body.text]),
    (map) => ({ text: readText(map.get(1), "message.text") }),
  ),
  "limits-changed": EMPTY,
  "key-rotation": createMapCodec(
    (body) => cborMap([1, body.hospitalCredential], [2, body.validUntil]),
    (map) => ({
      hospitalCredential: readBytes(map.get(1), "key-rotation.credential"),
      validUntil: readUint(map.get(2), "key-rotation.valid-until"),
    }),
  ),
};

/** True for a notice kind that version 1 knows; a device shows nothing for others. */
export function isNoticeKind(kind: string): kind is NoticeKind {
  return Object.hasOwn(NOTICES, kind);
}

/**
 * Encodes a `notice` payload with its pad.
 *
 * @throws {RangeError} for a notice that a device would refuse.
 */
export function encodeNotice(notice: Notice): Bytes {
  const map = cborMap(
    [1, notice.messageId],
    [2, notice.created],
    [3, notice.kind],
    [4, notice.body],
  );
  return encodePayload("notice", map, readNotice);
}

/**
 * Parses the payload of a message whose `typ` is notice. Its kind may be unknown, its body is unread.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @see protocol section 6
 */
export function parseNotice(payload: Uint8Array): Notice {
  return readNotice(decodePadded(payload));
}

/**
 * Reads what a notice says, with the codec of its kind.
 *
 * @throws {MessageError} `PAYLOAD_SCHEMA` for a body that is not of its kind's form.
 */
export function readNoticeContent({ kind, body }: Pick<Notice, "kind" | "body">): NoticeContent {
  switch (kind) {
    case "binding-active":
    case "limits-changed":
      return { kind };
    case "measure-now":
      return { kind, ...NOTICES[kind].parse(body) };
    case "message":
      return { kind, ...NOTICES[kind].parse(body) };
    case "key-rotation":
      return { kind, ...NOTICES[kind].parse(body) };
    default:
      return { kind: "other" };
  }
}

function readNotice(map: CborMap): Notice {
  refuseUnknownKeys(map, [0, 1, 2, 3, 4], "notice");
  return {
    ...readMessageHead(map),
    kind: readText(map.get(3), "notice.kind"),
    body: readMap(map.get(4), "notice.body"),
  };
}
