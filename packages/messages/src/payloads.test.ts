import {
  type CborKey,
  type CborMap,
  type CborValue,
  createWebCrypto,
  decodeCbor,
  encodeCbor,
} from "@siphms/cose";
import {
  createMessageId,
  encodeNotice,
  encodeReadings,
  encodeReceipt,
  encodeRequest,
  encodeResponse,
  MessageError,
  messageIdTime,
  parseNotice,
  parseReadings,
  parseReceipt,
  parseRequest,
  parseResponse,
  peekMessageId,
  type Readings,
  samples,
  type Series,
} from "@siphms/messages";
import { describe, expect, it } from "vitest";
import { encodePadded } from "./padding.ts";

const crypto = createWebCrypto();
const created = 1_795_349_700_123;
const messageId = createMessageId(created, crypto);
const name = crypto.randomBytes(32);

const series: Series = {
  kind: 1,
  start: created - 3000,
  step: 1000,
  values: [70, 71, 72],
  origin: 0,
};
const pressure: Series = {
  kind: 2,
  start: created - 5000,
  deltas: [0, 2000],
  values: [
    [120, 80, 93],
    [null, null, 95],
  ],
  origin: 1,
  sensor: {
    manufacturer: "Acme",
    model: "C1",
    serial: "7",
    firmware: "1.2",
    batteryPercent: 80,
    bodySite: 3,
  },
  status: [0, 4],
};
const readings: Readings = { messageId, created, series: [series, pressure] };

type Change = (map: Map<CborKey, CborValue>) => void;

/** The payload with its decoded map changed, its pad made anew. */
function changed(payload: Uint8Array, change: Change): Uint8Array {
  const map = thawed(decodeCbor(payload)) as Map<CborKey, CborValue>;
  map.delete(0);
  change(map);
  return encodePadded(map);
}

/** A deep copy whose maps and arrays can be changed. */
function thawed(value: CborValue): CborValue {
  if (Array.isArray(value)) return (value as readonly CborValue[]).map(thawed);
  if (value instanceof Map) {
    return new Map([...(value as CborMap)].map(([key, member]) => [key, thawed(member)]));
  }
  return value;
}

function firstSeries(map: Map<CborKey, CborValue>, index = 0): Map<CborKey, CborValue> {
  return (map.get(3) as readonly CborValue[])[index] as Map<CborKey, CborValue>;
}

const inSeries =
  (key: number, value: CborValue | undefined, index = 0): Change =>
  (map) =>
    value === undefined
      ? firstSeries(map, index).delete(key)
      : firstSeries(map, index).set(key, value);

const member =
  (key: CborKey, value: CborValue | undefined): Change =>
  (map) =>
    value === undefined ? map.delete(key) : map.set(key, value);

function itRefuses(
  parse: (payload: Uint8Array) => unknown,
  payload: Uint8Array,
  changes: Readonly<Record<string, Change>>,
): void {
  for (const [title, change] of Object.entries(changes)) {
    it(`refuse one with ${title}`, () => {
      const wrong = changed(payload, change);
      expect(() => parse(wrong)).toThrow(expect.objectContaining({ code: "PAYLOAD_SCHEMA" }));
    });
  }
}

const bytes = (length: number) => new Uint8Array(length);

describe("readings", () => {
  const payload = encodeReadings(readings);

  it("come back as they were, in whole steps of 128 bytes", () => {
    expect(parseReadings(payload)).toEqual(readings);
    expect(payload.length % 128).toBe(0);
  });

  it("are not altered by encoding", () => {
    const frozen = Object.freeze({ ...readings, series: Object.freeze([series]) });
    expect(() => encodeReadings(frozen)).not.toThrow();
  });

  it("take the most values that CBOR's limits leave, and refuse to encode one more", () => {
    const values = (count: number) => Array.from({ length: count }, () => 72);
    const of = (count: number): Readings => ({
      ...readings,
      series: [{ ...series, values: values(count) }],
    });
    expect(parseReadings(encodeReadings(of(4096))).series[0]?.values).toHaveLength(4096);
    expect(() => encodeReadings(of(4097))).toThrow(RangeError);
  });

  it("refuse to encode what a receiver refuses", () => {
    const wrong: readonly Readings[] = [
      { ...readings, series: [] },
      { ...readings, created: created + 1 },
      { ...readings, messageId: bytes(15) },
      { ...readings, series: [{ ...series, values: [] }] },
      { ...readings, series: [{ ...series, values: [1.5] }] },
      { ...readings, series: [{ ...series, values: [NaN] }] },
      { ...readings, series: [{ ...series, step: 0 }] },
      { ...readings, series: [{ ...series, step: 0.5 }] },
      { ...readings, series: [{ ...pressure, status: [0] }] },
      { ...readings, series: [{ ...pressure, kind: 1 }] },
      { ...readings, series: [{ kind: 1, start: 0, values: [1], origin: 0 }] },
    ];
    for (const one of wrong) expect(() => encodeReadings(one)).toThrow(RangeError);
  });

  itRefuses(parseReadings, payload, {
    "no message-id": member(1, undefined),
    "a message-id of 17 bytes": member(1, bytes(17)),
    "a message-id of another time": member(1, createMessageId(created + 1, crypto)),
    "created as text": member(2, "0"),
    "no series": member(3, undefined),
    "an empty list of series": member(3, []),
    "a map in place of the list": member(3, new Map()),
    "a number among the series": member(3, [1]),
    "an unknown member": member(4, 0),
    "an unknown text member": member("x", 0),
    "kind null": inSeries(1, null),
    "kind -1": inSeries(1, -1),
    "a negative start": inSeries(2, -1),
    "start as bytes": inSeries(2, bytes(1)),
    "no step": inSeries(3, undefined),
    "a negative step": inSeries(3, -1),
    "step 0 for three values": inSeries(3, 0),
    "step null": inSeries(3, null),
    "a step that leads beyond 2^53": inSeries(3, 2 ** 52),
    "distances one too many": inSeries(3, [0, 1, 1, 1]),
    "distances that do not begin at 0": inSeries(3, [1, 1, 1]),
    "a distance of null": inSeries(3, [0, null, 1]),
    "distances that lead beyond 2^53": inSeries(3, [0, 2 ** 52, 2 ** 52]),
    "no values": inSeries(4, undefined),
    "an empty list of values": inSeries(4, []),
    "a boolean value": inSeries(4, [70, true, 72]),
    "a pressure among heart rates": inSeries(4, [70, [120, 80, 93], 72]),
    "values as bytes": inSeries(4, bytes(3)),
    "origin -1": inSeries(5, -1),
    "origin true": inSeries(5, true),
    "sensor null": inSeries(6, null, 1),
    "a sensor's serial as a number": inSeries(6, new Map([[3, 7]]), 1),
    "a sensor's battery below 0": inSeries(6, new Map([[5, -1]]), 1),
    "a sensor's text key": inSeries(6, new Map([["model", "x"]]), 1),
    "a status too few": inSeries(7, [0], 1),
    "a negative status": inSeries(7, [0, -1], 1),
    "a status of null": inSeries(7, [0, null], 1),
    "no status in the list": inSeries(7, [], 1),
    "an unknown member of a series": inSeries(8, 0),
    "a pressure of numbers alone": inSeries(4, [120, 80], 1),
    "a pressure of four": inSeries(
      4,
      [
        [120, 80, 93, 60],
        [120, 80, 93],
      ],
      1,
    ),
    "a pressure of text": inSeries(
      4,
      [
        ["120", 80, 93],
        [120, 80, 93],
      ],
      1,
    ),
  });

  it("refuse a payload that is no map", () => {
    for (const value of [[], 0, "x", null]) {
      expect(() => parseReadings(encodeCbor(value))).toThrow(
        expect.objectContaining({ code: "PAYLOAD_SCHEMA" }),
      );
    }
    expect(() => parseReadings(bytes(0))).toThrow(
      expect.objectContaining({ code: "PAYLOAD_MALFORMED" }),
    );
  });

  it("name the member and no content in what they refuse", () => {
    const secret = changed(payload, inSeries(6, new Map<CborKey, CborValue>([[3, 424_242]])));
    const error = thrownBy(() => parseReadings(secret));
    expect(error).toBeInstanceOf(MessageError);
    expect(String(error)).toBe("MessageError: PAYLOAD_SCHEMA: series.sensor");
  });
});

describe("samples", () => {
  it("stand one step apart", () => {
    expect([...samples(series)]).toEqual([
      { index: 0, at: created - 3000, value: 70 },
      { index: 1, at: created - 2000, value: 71 },
      { index: 2, at: created - 1000, value: 72 },
    ]);
  });

  it("stand each its distance from the one before, with their status", () => {
    const spaced: Series = { ...series, deltas: [0, 10, 300], status: [4, 5, 6] };
    expect([...samples(spaced)].map(({ at, status }) => [at - series.start, status])).toEqual([
      [0, 4],
      [10, 5],
      [310, 6],
    ]);
  });
});

describe("receipts", () => {
  const least = { messageId, name, outcome: 0, received: 1, stored: 2 } as const;
  const full = {
    ...least,
    outcome: 1,
    quarantined: [[0, 1, "out-of-range"]],
    reason: "some",
    informed: ["Dr. Weber"],
    audit: { size: 5, root: bytes(32) },
  } as const;
  const payload = encodeReceipt(full);

  it("come back as they were, with and without what is optional", () => {
    expect(parseReceipt(payload)).toEqual(full);
    expect(parseReceipt(encodeReceipt(least))).toEqual(least);
  });

  it("refuse to encode more quarantined samples than CBOR's limits leave", () => {
    const quarantined = Array.from({ length: 4097 }, (_, index) => [0, index, "x"] as const);
    expect(() => encodeReceipt({ ...full, quarantined })).toThrow(RangeError);
  });

  itRefuses(parseReceipt, payload, {
    "no message-id": member(1, undefined),
    "a name of 31 bytes": member(2, bytes(31)),
    "no outcome": member(3, undefined),
    "outcome -1": member(3, -1),
    "outcome as text": member(3, "0"),
    "no received time": member(4, undefined),
    "a negative stored time": member(5, -1),
    "an empty quarantine": member(6, []),
    "a quarantined sample without reason": member(6, [[0, 1]]),
    "a quarantined sample of four": member(6, [[0, 1, "x", 0]]),
    "a quarantined sample at -1": member(6, [[0, -1, "x"]]),
    "a reason as a number": member(7, 1),
    "nobody informed": member(8, []),
    "informed as text": member(8, "Dr. Weber"),
    "an audit root of 31 bytes": member(9, [5, bytes(31)]),
    "an audit of three": member(9, [5, bytes(32), 0]),
    "audit null": member(9, null),
    "an unknown member": member(10, 0),
  });
});

describe("requests, responses and notices", () => {
  const request = { messageId, created, method: "profile", parameters: new Map([[7, "any"]]) };
  const response = { requestId: messageId, error: 0, result: new Map([[1, "any"]]) } as const;
  const notice = { messageId, created, kind: "message", body: new Map([[1, "any"]]) };

  it("come back as they were, unknown methods, keys and kinds included", () => {
    expect(parseRequest(encodeRequest(request))).toEqual(request);
    expect(parseResponse(encodeResponse(response))).toEqual(response);
    expect(parseNotice(encodeNotice(notice))).toEqual(notice);
    const failed = { requestId: messageId, error: "gone", result: new Map() } as const;
    expect(parseResponse(encodeResponse(failed))).toEqual(failed);
  });

  it("refuse to encode an error with a result", () => {
    expect(() => encodeResponse({ ...response, error: "busy" })).toThrow(RangeError);
  });

  describe("requests", () => {
    itRefuses(parseRequest, encodeRequest(request), {
      "no method": member(3, undefined),
      "the method as a number": member(3, 1),
      "no parameters": member(4, undefined),
      "parameters as a list": member(4, []),
      "created of another time": member(2, created + 1),
      "an unknown member": member(5, 0),
    });
  });

  describe("responses", () => {
    itRefuses(parseResponse, encodeResponse(response), {
      "a message-id of 8 bytes": member(1, bytes(8)),
      "no error member": member(2, undefined),
      "error 1": member(2, 1),
      "an unknown error code": member(2, "tired"),
      "an error beside a result": member(2, "stale"),
      "no result": member(3, undefined),
      "result null": member(3, null),
      "an unknown member": member(4, 0),
    });
  });

  describe("notices", () => {
    itRefuses(parseNotice, encodeNotice(notice), {
      "a message-id of another time": member(2, created - 1),
      "no kind": member(3, undefined),
      "no body": member(4, undefined),
      "an unknown member": member(5, 0),
    });
  });
});

describe("padding", () => {
  const payload = encodeReadings(readings);

  it("is refused where a longer or shorter one was used", () => {
    const rest = new Map([...(decodeCbor(payload) as CborMap)]);
    const good = (rest.get(0) as Uint8Array).length;
    for (const length of [0, good - 1, good + 1, good + 128]) {
      const padded = encodeCbor(new Map([...rest, [0, bytes(length)]]));
      expect(() => parseReadings(padded)).toThrow(expect.objectContaining({ reason: "pad" }));
    }
  });

  it("is refused where it hides anything", () => {
    const rest = new Map([...(decodeCbor(payload) as CborMap)]);
    const pad = rest.get(0) as Uint8Array<ArrayBuffer>;
    const hiding = encodeCbor(new Map([...rest, [0, pad.with(-1, 1)]]));
    expect(() => parseReadings(hiding)).toThrow(expect.objectContaining({ reason: "pad" }));
  });

  it("is refused where it is missing or no bytes", () => {
    for (const pad of [undefined, "0000", 0]) {
      const map = new Map([...(decodeCbor(payload) as CborMap)]);
      if (pad === undefined) map.delete(0);
      else map.set(0, pad);
      expect(() => parseReadings(encodeCbor(map))).toThrow(
        expect.objectContaining({ reason: "pad" }),
      );
    }
  });
});

describe("message-ids", () => {
  it("begin with the time of the message and end at random", () => {
    expect(messageIdTime(messageId)).toBe(created);
    expect(createMessageId(created, crypto)).not.toEqual(messageId);
    for (const time of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1]) {
      expect(messageIdTime(createMessageId(time, crypto))).toBe(time);
    }
  });

  it("hold no time beyond six bytes", () => {
    for (const time of [-1, 0.5, NaN, 2 ** 48]) {
      expect(() => createMessageId(time, crypto)).toThrow(RangeError);
    }
  });

  it("are found in a payload that is otherwise wrong, and nowhere else", () => {
    expect(peekMessageId(encodeCbor(new Map([[1, messageId]])))).toEqual(messageId);
    const nameless = [
      encodeCbor(new Map([[1, bytes(15)]])),
      encodeCbor(new Map([[2, messageId]])),
      encodeCbor([0, messageId]),
      Uint8Array.of(...encodeCbor(new Map([[1, messageId]])), 0),
      bytes(0),
    ];
    for (const payload of nameless) expect(peekMessageId(payload)).toBeUndefined();
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
