import QRCode from "qrcode";

/**
 * Draws a QR code with half blocks, two modules in each character.
 *
 * @param isTerminal - Sets the colours as well: with a dark background the code would come out inverted, which not every scanner reads.
 */
export async function toTerminalQr(text: string, isTerminal: boolean): Promise<string> {
  const drawn = isTerminal
    ? await QRCode.toString(text, { type: "terminal", small: true, errorCorrectionLevel: "L" })
    : await QRCode.toString(text, { type: "utf8", errorCorrectionLevel: "L" });
  return drawn.trimEnd();
}
