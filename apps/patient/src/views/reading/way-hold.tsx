import { Button } from "@mantine/core";
import type { Bytes } from "@siphms/cose";
import type { KeptReason } from "@siphms/device";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import type { Hold } from "../../journal/index.ts";
import { Notice } from "../parts/notices.tsx";
import { useDoing } from "../parts/use-doing.ts";
import { useFormats } from "../parts/use-formats.ts";
import { useNow } from "../parts/use-now.ts";
import { useReason } from "../parts/use-reason.ts";

const REQUEUABLE: ReadonlySet<KeptReason> = new Set<KeptReason>([
  "gateway-refused",
  "no-answer",
  "too-large",
]);

/** Why a reading does not go on, what that means and what to do. */
export function WayHold({
  hold,
  messageId,
}: {
  readonly hold: Hold | undefined;
  readonly messageId: Bytes | undefined;
}): ReactElement | null {
  const { t } = useTranslation("today");
  if (hold === undefined) return null;
  if (hold.kind === "unconfirmed-device")
    return <Notice tone="info">{t("way.hold.unconfirmed")}</Notice>;
  if (hold.kind === "kept") return <Kept hold={hold} messageId={messageId} />;
  return <NoConnection hold={hold} />;
}

function Kept({
  hold: { reason, receiptReason },
  messageId,
}: {
  readonly hold: Extract<Hold, { readonly kind: "kept" }>;
  readonly messageId: Bytes | undefined;
}): ReactElement {
  const { t } = useTranslation("today");
  const words = useReason();
  return (
    <Notice tone="stop" role="alert">
      <p>{t(`way.hold.kept.${reason}`)}</p>
      {receiptReason === undefined ? null : (
        <p>{t("way.hold.reason", { reason: words(receiptReason) })}</p>
      )}
      {messageId !== undefined && REQUEUABLE.has(reason) ? <Requeue messageId={messageId} /> : null}
    </Notice>
  );
}

function Requeue({ messageId }: { readonly messageId: Bytes }): ReactElement {
  const { t } = useTranslation("today");
  const { device } = useOpenApp();
  const { isDoing, fault, run } = useDoing();
  return (
    <>
      <Button
        variant="default"
        loading={isDoing}
        onClick={() => void run(() => device.requeue(messageId))}
      >
        {t("way.hold.requeue")}
      </Button>
      {fault === undefined ? null : <p role="alert">{fault}</p>}
    </>
  );
}

function NoConnection({
  hold: { code, nextTryAt, needsAttention },
}: {
  readonly hold: Extract<Hold, { readonly kind: "no-connection" }>;
}): ReactElement {
  const { t } = useTranslation("today");
  const { t: problem } = useTranslation("problems");
  const { clock } = useOpenApp();
  const formats = useFormats();
  // By the phone's own clock, as the engine's waits are; drawn anew each second.
  useNow(1_000);
  return (
    <Notice tone={needsAttention ? "warn" : "info"}>
      <p>{problem(code ?? "NETWORK_UNREACHABLE")}</p>
      {nextTryAt === undefined ? null : (
        <p>{t("way.hold.nextTry", { time: formats.until(nextTryAt, clock.now()) })}</p>
      )}
      {needsAttention ? <p>{t("way.hold.attention")}</p> : null}
    </Notice>
  );
}
