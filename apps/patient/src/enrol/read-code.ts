import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm?url";

// Without this the library would fetch its program from somebody else's server.
prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });

const detector = new BarcodeDetector({ formats: ["qr_code"] });

/** Reads a QR code from a picture or a camera's frame; `undefined` where none is to be seen. */
export async function readCode(picture: ImageBitmapSource): Promise<string | undefined> {
  try {
    const [code] = await detector.detect(picture);
    return code?.rawValue;
  } catch {
    // A file that is no picture, or a frame that is not there yet.
    return undefined;
  }
}
