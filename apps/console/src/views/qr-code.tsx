import { create } from "qrcode";
import { useMemo, type ReactElement } from "react";

/** Light modules around a code, without which some cameras do not find it (ISO/IEC 18004 §6.3.8). */
const QUIET = 4;

/** The dark modules of a text's QR code as one SVG path; rows are joined into runs. */
export function qrPath(text: string): { readonly side: number; readonly path: string } {
  const { modules } = create(text, { errorCorrectionLevel: "M" });
  const parts: string[] = [];
  for (let y = 0; y < modules.size; y++) {
    for (let x = 0; x < modules.size; x++) {
      if (modules.get(y, x) === 0) continue;
      const start = x;
      while (x < modules.size && modules.get(y, x) !== 0) x++;
      parts.push(`M${start + QUIET} ${y + QUIET}h${x - start}v1h${start - x}z`);
    }
  }
  return { side: modules.size + 2 * QUIET, path: parts.join("") };
}

/** A text as a QR code, drawn here: what it says goes to nobody. Dark on light in both themes, as cameras expect. */
export function QrCode({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): ReactElement {
  const { side, path } = useMemo(() => qrPath(text), [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${side} ${side}`}
      width="100%"
      className="siphms-qr"
      shapeRendering="crispEdges"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
