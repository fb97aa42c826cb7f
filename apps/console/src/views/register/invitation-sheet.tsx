import type { Invitation } from "@siphms/api";
import type { ReactElement } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language } from "../../i18n/index.ts";
import { formatTimeIn } from "../../format.ts";
import { QrCode } from "../qr-code.tsx";

/** Props of {@link InvitationSheet}. */
export interface InvitationSheetProps {
  readonly invitation: Invitation;
  /** The patient's, which may be another than that of the console. */
  readonly language: Language;
}

/**
 * What is printed while it is on the page: one A4 sheet for the patient, in large type, and nothing of the screen.
 * It names nobody and says nothing about anybody's health: papers are left lying.
 */
export function InvitationSheet({ invitation, language }: InvitationSheetProps): ReactElement {
  const { i18n } = useTranslation();
  const t = i18n.getFixedT(language, "enrol", "sheet");
  const dir = LANGUAGES.find(({ code }) => code === language)?.dir ?? "ltr";
  return createPortal(
    <section className="siphms-sheet" lang={language} dir={dir} aria-hidden="true">
      <h1>{t("title")}</h1>
      <QrCode text={invitation.link} label={t("title")} />
      <ol>
        <li>{t("step1")}</li>
        <li>{t("step2")}</li>
        <li>{t("step3")}</li>
        <li>{t("step4")}</li>
      </ol>
      <p className="siphms-sheet-valid">
        {t("valid", { time: formatTimeIn(language, invitation.expires) })}
      </p>
      <p className="siphms-sheet-small">{t("warning")}</p>
      <p className="siphms-sheet-small">{t("emergency")}</p>
    </section>,
    document.body,
  );
}
