import { Button, Stack, Text } from "@mantine/core";
import { useEffect, useRef, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { readCode } from "../../enrol/read-code.ts";

/** Between two looks at the camera's picture. */
const LOOK_EVERY_MS = 200;

/** Props of {@link CameraScan}. */
export interface CameraScanProps {
  readonly onFound: (text: string) => void;
  readonly onFailed: () => void;
  readonly onStop: () => void;
}

/** Looks through the camera until it sees a QR code. Pictures leave this component only as the code's text. */
export function CameraScan({ onFound, onFailed, onStop }: CameraScanProps): ReactElement {
  const { t } = useTranslation("welcome");
  const video = useRef<HTMLVideoElement>(null);
  const callbacks = useRef({ onFound, onFailed });
  useEffect(() => {
    callbacks.current = { onFound, onFailed };
  });
  useEffect(() => {
    const stop = new AbortController();
    if (video.current !== null) {
      scan(video.current, stop.signal).then(
        (text) => {
          if (text !== undefined) callbacks.current.onFound(text);
        },
        () => callbacks.current.onFailed(),
      );
    }
    return () => stop.abort();
  }, []);
  return (
    <Stack gap="xs">
      <video
        ref={video}
        className="siphms-camera"
        muted
        playsInline
        aria-label={t("cameraRunning")}
      />
      <Text>{t("cameraRunning")}</Text>
      <Button variant="default" onClick={onStop}>
        {t("stopCamera")}
      </Button>
    </Stack>
  );
}

async function scan(video: HTMLVideoElement, signal: AbortSignal): Promise<string | undefined> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment" },
  });
  try {
    if (signal.aborted) return undefined;
    video.srcObject = stream;
    await video.play();
    return await firstCode(video, signal);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

async function firstCode(
  video: HTMLVideoElement,
  signal: AbortSignal,
): Promise<string | undefined> {
  while (!signal.aborted) {
    const text = await readCode(video);
    if (text !== undefined) return text;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return undefined;
}
