import { GattError, type GattErrorCode } from "@siphms/gatt";

/** The code with which a value is refused; `undefined` where it is taken. Lets every other error through. */
export function refusal(decode: () => unknown): GattErrorCode | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (error instanceof GattError) return error.code;
    throw error;
  }
}
