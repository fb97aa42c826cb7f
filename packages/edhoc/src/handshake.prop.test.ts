import type { Bytes } from "@siphms/cose";
import { concatBytes, decodeCborSequence, encodeCbor } from "@siphms/cose";
import { bytesArbitrary, cborValueArbitrary } from "@siphms/testkit";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { EadItem } from "./ead.ts";
import { encodeEad, encodePadding, parseEad } from "./ead.ts";
import { encodeIdentifier, parseIdentifier } from "./identifier.ts";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createMessage4,
  EdhocError,
  parseErrorMessage,
  processMessage1,
  processMessage2,
  processMessage3,
  processMessage4,
  splitMessage1,
  splitMessage3,
} from "./index.ts";
import type { IdCred, OwnIdentity } from "./index.ts";
import {
  begin,
  createDevice,
  createHospital,
  resolveAmong,
  suite,
  toReadyForMessage4,
} from "./party.suite.ts";
import type { Party } from "./party.suite.ts";
import { encodeMessage1, parseMessage1 } from "./message-1.ts";
import { parsePlaintext2, parsePlaintext3 } from "./plaintext.ts";
import { suite2, suite3, suiteMinus21WithoutProfile } from "./rfc-suites.suite.ts";

let device: Party;
let hospital: Party;

beforeAll(async () => {
  [device, hospital] = await Promise.all([createDevice(), createHospital()]);
});

const eadItem: fc.Arbitrary<EadItem> = fc.record(
  { label: fc.integer({ min: 1, max: 2 ** 32 }), critical: fc.boolean(), value: bytesArbitrary() },
  { requiredKeys: ["label", "critical"] },
);
const eadItems = fc.array(eadItem, { maxLength: 4 });

/** Bytes that get past the CBOR decoder, beside such that do not. */
const input: fc.Arbitrary<Bytes> = fc.oneof(
  bytesArbitrary(0, 200),
  fc
    .array(cborValueArbitrary(), { maxLength: 5 })
    .map((values) => concatBytes(...values.map(encodeCbor))),
);

describe("encodings", () => {
  it("bring any EAD back, padding apart, and keep its bytes", () => {
    fc.assert(
      fc.property(eadItems, fc.nat(300), (items, padding) => {
        const bytes = concatBytes(encodeEad(items), encodePadding(padding));
        const received = parseEad(decodeCborSequence(bytes));
        expect(received.items).toEqual(items);
        expect(received.raw).toEqual(bytes);
      }),
    );
  });

  it("bring any message_1 back", () => {
    const message = fc.record({
      method: fc.integer({ min: -30, max: 300 }),
      suites: fc.array(fc.integer({ min: -70_000, max: 70_000 }), { minLength: 1, maxLength: 9 }),
      gX: bytesArbitrary(),
      cI: bytesArbitrary(0, 20),
    });
    fc.assert(
      fc.property(message, eadItems, (parts, items) => {
        const parsed = parseMessage1(encodeMessage1({ ...parts, ead1: encodeEad(items) }));
        expect(parsed).toMatchObject({ ...parts, ead1: { items } });
      }),
    );
  });

  it("bring any identifier back", () => {
    fc.assert(
      fc.property(bytesArbitrary(), (identifier) => {
        const [item] = decodeCborSequence(encodeIdentifier(identifier));
        expect(parseIdentifier(item)).toEqual(identifier);
      }),
    );
  });
});

describe("any input (SR-43)", () => {
  const parsers = {
    splitMessage1,
    splitMessage3,
    parseErrorMessage,
    plaintext2: (bytes: Bytes) => parsePlaintext2(suite, bytes),
    plaintext3: (bytes: Bytes) => parsePlaintext3(suite, bytes),
  };

  it.each(Object.entries(parsers))("%s parses or refuses with an EdhocError", (_name, parse) => {
    fc.assert(
      fc.property(input, (bytes) => {
        try {
          parse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(EdhocError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is refused with an EdhocError by every state that waits for a message", async () => {
    const property = fc.asyncProperty(input, async (bytes) => {
      const { initiator, responder } = await begin(hospital.own);
      const last = await toReadyForMessage4({ device, hospital });
      const outcomes = await Promise.allSettled([
        processMessage1([suite], bytes),
        processMessage2(initiator, bytes, resolveAmong(hospital)),
        processMessage3(responder, bytes, resolveAmong(device)),
        processMessage4(last.initiator, bytes),
      ]);
      for (const outcome of outcomes) {
        expect(outcome.status === "rejected" && outcome.reason instanceof EdhocError).toBe(true);
      }
    });
    await fc.assert(property, { numRuns: 100 });
  });
});

/** Everything that two sides may choose freely where the profile does not choose for them. */
const choices = fc.record({
  suite: fc.constantFrom(suite2, suite3, suiteMinus21WithoutProfile),
  cI: bytesArbitrary(0, 20),
  cR: bytesArbitrary(0, 20),
  kidI: bytesArbitrary(0, 30),
  kidR: bytesArbitrary(0, 30),
  ead: fc.tuple(eadItems, eadItems, eadItems, eadItems),
});

describe("a handshake of RFC 9528 without our profile", () => {
  it("completes whatever identifiers, kids and EAD items that are not critical are chosen", async () => {
    const property = fc.asyncProperty(
      choices,
      async ({ suite: chosen, cI, cR, kidI, kidR, ead }) => {
        const [ead1, ead2, ead3, ead4] = ead.map((items) =>
          items.map((item) => ({ ...item, critical: false })),
        );
        const identity = (party: Party, kid: Bytes): OwnIdentity => ({
          ...party.own,
          idCred: { kind: "kid", kid },
        });
        const asked: IdCred[] = [];
        const resolveTo = (party: Party) => (idCred: IdCred) => {
          asked.push(idCred);
          return Promise.resolve(party.peer);
        };
        const first = await createMessage1(chosen, { cI, ead1: ead1! });
        const received1 = await processMessage1([chosen], first.message1);
        const second = await createMessage2(received1.state, identity(hospital, kidR), {
          cR,
          ead2: ead2!,
        });
        const received2 = await processMessage2(first.state, second.message2, resolveTo(hospital));
        const third = await createMessage3(received2.state, identity(device, kidI), {
          ead3: ead3!,
        });
        const received3 = await processMessage3(second.state, third.message3, resolveTo(device));
        const fourth = await createMessage4(received3.state, { ead4: ead4! });
        const received4 = await processMessage4(third.state, fourth.message4);

        expect([received1.ead1, received2.ead2, received3.ead3, received4.ead4]).toEqual([
          ead1,
          ead2,
          ead3,
          ead4,
        ]);
        expect([received1.cI, third.cR]).toEqual([cI, cR]);
        expect(asked).toEqual([
          { kind: "kid", kid: kidR },
          { kind: "kid", kid: kidI },
        ]);
        expect(await received4.exporter(1, cI, 32)).toEqual(await received3.exporter(1, cI, 32));
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it("is aborted at any unknown critical item in EAD_3", async () => {
    const property = fc.asyncProperty(eadItem, eadItems, async (item, others) => {
      const chosen = suiteMinus21WithoutProfile;
      const first = await createMessage1(chosen);
      const received1 = await processMessage1([chosen], first.message1);
      const second = await createMessage2(received1.state, hospital.own);
      const resolve = resolveAmong(hospital);
      const received2 = await processMessage2(first.state, second.message2, resolve);
      const ead3 = [...others, { ...item, critical: true }];
      const { message3 } = await createMessage3(received2.state, device.own, { ead3 });
      await expect(
        processMessage3(second.state, message3, resolveAmong(device)),
      ).rejects.toMatchObject({ code: "EDHOC_CRITICAL_EAD" });
    });
    await fc.assert(property, { numRuns: 30 });
  });
});
