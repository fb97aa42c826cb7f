import { create } from "qrcode";
import { useMemo, type ReactElement } from "react";

/** Modules of white around a code: four, as readers are promised. */
const QUIET_ZONE = 4;

/** Props of {@link QrCode}. */
export interface QrCodeProps {
  readonly text: string;
  /** What the code is for, for those who do not see it. */
  readonly label: string;
}

/** A QR code, drawn here; what is in it goes nowhere else. Black on white in every theme: not every reader takes it inverted. */
export function QrCode({ text, label }: QrCodeProps): ReactElement {
  const { size, path } = useMemo(() => drawingOf(text), [text]);
  const side = size + 2 * QUIET_ZONE;
  return (
    <svg
      role="img"
      aria-label={label}
      className="siphms-qr"
      viewBox={`${-QUIET_ZONE} ${-QUIET_ZONE} ${side} ${side}`}
      shapeRendering="crispEdges"
    >
      <rect x={-QUIET_ZONE} y={-QUIET_ZONE} width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** One rectangle for each run of dark modules in a row. */
function drawingOf(text: string): { readonly size: number; readonly path: string } {
  const { modules } = create(text, { errorCorrectionLevel: "L" });
  const { size, data } = modules;
  const runs: string[] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const start = x;
      while (x < size && data[y * size + x] === 1) x++;
      if (x > start) runs.push(`M${start} ${y}h${x - start}v1h-${x - start}z`);
    }
  }
  return { size, path: runs.join("") };
}
