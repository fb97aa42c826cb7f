import { describe, expect, it } from "vitest";
import { parseCheckpoint } from "./checkpoint.ts";
import { parseTimestampedSignature } from "./cosignature.ts";
import { createWebEd25519 } from "./ed25519.ts";
import { encodeNote, parseNote, parseSignatureLines } from "./note.ts";
import { codeOf, codeOfPromise } from "./testing/refusal.ts";
import { parseVerifierKey } from "./verifier-key.ts";
import { verifyNote } from "./verify-note.ts";
import { encodeAddCheckpoint, parseAddCheckpoint } from "./witness-request.ts";

/** Examples of the C2SP specifications signed-note, tlog-checkpoint, tlog-cosignature and tlog-witness (CC BY 4.0). */
const NOTE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
const CHECKPOINT = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;
const COSIGNATURE =
  "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
const REQUEST = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

${CHECKPOINT}— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;
const ANSWER = `— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
`;

const bytesOf = (text: string): Uint8Array => Buffer.from(text);

describe("the specifications' examples", () => {
  it("signed-note: the key verifies the note", async () => {
    const key = parseVerifierKey(NOTE_KEY);
    const note = parseNote(bytesOf(NOTE));
    expect(note.text).toBe("This is an example message.\n");
    expect(await verifyNote(note, [key], createWebEd25519())).toEqual([
      { key, timestampS: undefined },
    ]);
  });

  it("signed-note: the key verifies no other text", async () => {
    const note = parseNote(bytesOf(NOTE.replace("example message", "example massage")));
    const promise = verifyNote(note, [parseVerifierKey(NOTE_KEY)], createWebEd25519());
    expect(await codeOfPromise(promise)).toBe("NOTE_UNAUTHENTIC");
  });

  it("tlog-checkpoint: the checkpoint is read and written", () => {
    const note = parseNote(bytesOf(CHECKPOINT));
    expect(parseCheckpoint(note.text)).toMatchObject({
      origin: "example.com/behind-the-sofa",
      size: 20_852_163,
      extensions: [],
    });
    expect(Buffer.from(encodeNote(note)).toString()).toBe(CHECKPOINT);
  });

  it("tlog-cosignature: the cosignature has the time that the text names", () => {
    const [line] = parseSignatureLines(COSIGNATURE);
    expect(line?.name).toBe("witness.example.com/w1");
    expect(parseTimestampedSignature(line!.signature)?.timestampS).toBe(1_679_315_147);
  });

  it("tlog-witness: the request is read and written", () => {
    const request = parseAddCheckpoint(bytesOf(REQUEST));
    expect(request.oldSize).toBe(20_852_014);
    expect(request.proof).toHaveLength(4);
    expect(request.note.signatures).toHaveLength(2);
    expect(Buffer.from(encodeAddCheckpoint(request)).toString()).toBe(REQUEST);
  });

  it("tlog-witness: the answer's lines are cosignatures", () => {
    const lines = parseSignatureLines(ANSWER);
    expect(lines.map(({ name }) => name)).toEqual([
      "witness.example/w1",
      "witness.example/w1",
      "witness.example/w2",
    ]);
    expect(lines.every(({ signature }) => signature.length === 72)).toBe(true);
  });

  it("tlog-witness: the request in one piece less or more is none", () => {
    const lines = REQUEST.split("\n");
    for (const at of [0, 5, 6, 7, 8, 9]) {
      const text = lines.filter((_, place) => place !== at).join("\n");
      expect(
        codeOf(() => parseAddCheckpoint(bytesOf(text))),
        `without line ${at}`,
      ).toBeDefined();
    }
    expect(codeOf(() => parseAddCheckpoint(bytesOf(`${REQUEST}\n`)))).toBe("NOTE_MALFORMED");
  });
});
