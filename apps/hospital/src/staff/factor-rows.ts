import type { Transaction } from "../database/index.ts";

/**
 * Takes away everything that somebody signs in with, but one passkey.
 *
 * @returns how much there was that could sign in; recovery codes are not counted.
 */
export async function deleteFactors(
  tx: Transaction,
  { staffId, keptPasskey }: { readonly staffId: number; readonly keptPasskey: number | null },
): Promise<number> {
  const passkeys = await tx.query(
    "DELETE FROM staff_passkeys WHERE staff_id = $1 AND id IS DISTINCT FROM $2::bigint",
    [staffId, keptPasskey],
  );
  const passwords = await tx.query("DELETE FROM staff_passwords WHERE staff_id = $1", [staffId]);
  await tx.query("DELETE FROM staff_totp WHERE staff_id = $1", [staffId]);
  await tx.query("DELETE FROM staff_recovery_codes WHERE staff_id = $1", [staffId]);
  return passkeys.count + passwords.count;
}
