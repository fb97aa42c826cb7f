/** Where the console shows the signed message that a value of a patient came in. */
export function evidenceAddress(
  patient: string,
  { messageId, device }: { readonly messageId: string; readonly device: string },
): string {
  const path = `/patients/${encodeURIComponent(patient)}/evidence/${encodeURIComponent(messageId)}`;
  return `${path}?device=${encodeURIComponent(device)}`;
}
