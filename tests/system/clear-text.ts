import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

/** Where a marker was found, and in which form. */
export interface Finding {
  readonly file: string;
  readonly marker: string;
  readonly form: string;
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Base64 of a text inside a longer one depends on where it begins: three forms, less the letters that neighbours share. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
      .toString("base64")
      .replace(/=+$/, "");
    return whole.slice(offset === 0 ? 0 : offset + 1, -2);
  });
}

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}

/** Every form in which a marker could lie in a file. */
function formsOf(marker: string): { form: string; bytes: Buffer }[] {
  const utf16 = Buffer.from(marker, "utf16le");
  const hex = Buffer.from(marker).toString("hex");
  return [
    { form: "text", bytes: Buffer.from(marker) },
    { form: "hex", bytes: Buffer.from(hex) },
    { form: "HEX", bytes: Buffer.from(hex.toUpperCase()) },
    { form: "UTF-16LE", bytes: utf16 },
    { form: "UTF-16BE", bytes: swapped(utf16) },
    ...base64Forms(marker).flatMap((text) => [
      { form: "base64", bytes: Buffer.from(text) },
      { form: "base64url", bytes: Buffer.from(text.replaceAll("+", "-").replaceAll("/", "_")) },
    ]),
  ];
}

/** All plain files under a folder. Sockets and pipes hold nothing. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Searches one buffer, as {@link findInFiles} searches files. */
export function findInBuffer(file: string, content: Buffer, markers: readonly string[]): Finding[] {
  return markers.flatMap((marker) =>
    formsOf(marker)
      .filter(({ bytes }) => content.includes(bytes))
      .map(({ form }) => ({ file, marker, form })),
  );
}

/** Searches files for markers in every form; also where one lies across the border of two chunks. */
export function findInFiles(files: readonly string[], markers: readonly string[]): Finding[] {
  const overlap = Math.max(
    ...markers.flatMap((marker) => formsOf(marker).map(({ bytes }) => bytes.length)),
  );
  const findings = new Map<string, Finding>();
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (const file of files) {
    const { size } = statSync(file);
    const handle = openSync(file, "r");
    for (let at = 0; at < size; at += CHUNK_BYTES - overlap) {
      const read = readSync(handle, buffer, 0, CHUNK_BYTES, at);
      for (const finding of findInBuffer(file, buffer.subarray(0, read), markers)) {
        findings.set(`${file} ${finding.marker} ${finding.form}`, finding);
      }
    }
    closeSync(handle);
  }
  return [...findings.values()];
}
