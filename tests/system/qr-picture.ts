import { writeFileSync } from "node:fs";
import QRCode from "qrcode";

const FRAME = { width: 640, height: 480 };
const QUIET_MODULES = 4;
const WHITE = 235;
const BLACK = 16;

/** Writes a picture of a text's QR code, as a scanned invitation or a screenshot of one would be (PNG). */
export async function writeQrPicture(text: string, file: string): Promise<void> {
  await QRCode.toFile(file, text, { type: "png", scale: 8, errorCorrectionLevel: "L" });
}

/**
 * Writes a film of one frame that shows a text's QR code: what a camera sees that is held before it (YUV4MPEG2).
 *
 * @see Chromium's `--use-file-for-fake-video-capture`, which plays the file over and over.
 */
export function writeQrFilm(text: string, file: string): void {
  const { width, height } = FRAME;
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "L" });
  const side = Math.floor(height / (modules.size + 2 * QUIET_MODULES));
  const left = Math.floor((width - side * modules.size) / 2);
  const top = Math.floor((height - side * modules.size) / 2);
  const light = Buffer.alloc(width * height, WHITE);
  for (let y = 0; y < side * modules.size; y++) {
    for (let x = 0; x < side * modules.size; x++) {
      if (modules.get(Math.floor(y / side), Math.floor(x / side)) !== 0) {
        light[(top + y) * width + left + x] = BLACK;
      }
    }
  }
  const colourless = Buffer.alloc((width * height) / 2, 128);
  const head = `YUV4MPEG2 W${String(width)} H${String(height)} F10:1 Ip A1:1 C420jpeg\n`;
  writeFileSync(file, Buffer.concat([Buffer.from(`${head}FRAME\n`), light, colourless]));
}
