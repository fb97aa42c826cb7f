import { toHex } from "@siphms/cose";
import type { Cell } from "../keys/index.ts";

/** The cell of a column of a table whose primary key is device and message-id, under the patient's data key. */
export function messageCell(
  place: { readonly table: "requests" | "notices"; readonly column: string },
  deviceId: number,
  messageId: Uint8Array,
): Cell {
  return { ...place, row: deviceId.toString(16).padStart(16, "0") + toHex(messageId) };
}
