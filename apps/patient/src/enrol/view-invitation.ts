import { toHex, type Crypto } from "@siphms/cose";
import type { Clock } from "@siphms/device";
import { MessageError, parseInvitationLink } from "@siphms/messages";
import type { InvitationView } from "../app/stage.ts";

/** What an invitation says; `undefined` for text that is none. */
export async function viewInvitation(
  link: string,
  { crypto, clock }: { readonly crypto: Crypto; readonly clock: Clock },
): Promise<InvitationView | undefined> {
  try {
    const { hospitalName, credential, expires } = await parseInvitationLink(link, crypto);
    return {
      hospitalName,
      fingerprint: toHex(credential.kid),
      hasExpired: clock.now() > expires,
    };
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}
