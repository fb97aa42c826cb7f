import type { record as english } from "../en/record.ts";
import type { Texts } from "@siphms/web-kit";

/** Arabic texts of the own record. */
export const record: Texts<typeof english> = {
  title: "سجلي",
  messages: "من المستشفى",
  noMessages: "لا رسائل.",
  message: {
    "binding-active": "أكد المستشفى هذا الهاتف. تُرسل قراءاتك.",
    "measure-now": "قِس الآن: {{kinds}}",
    measureAll: "قِس الآن ما تستطيع.",
    measureUntil: "حتى {{time}}.",
    "limits-changed": "تغيّرت حدود التنبيه الخاصة بك.",
    "key-rotation": "للمستشفى مفتاح جديد. تحقق منه هذا الهاتف ويستخدمه؛ لا شيء عليك فعله.",
  },
  seen: "قرأتها",
  span: "الفترة المعروضة",
  spans: { day: "يوم", week: "أسبوع", month: "شهر" },
  noReadings: "ليس لدى المستشفى قراءات من هذه الفترة.",
  cut: "القراءات أكثر مما يُعرض: تُترك ما قبل {{time}} حيث تكثر.",
  heldNote: "النقاط المجوّفة محفوظة جانباً: فقط ما يذكره هذا الهاتف.",
  chart: "{{kind}}، {{count}} قيمة، الأحدث {{value}}",
  table: "القيم في جدول",
  tableCut: "أحدث {{count}} من {{total}} قيمة.",
  time: "الوقت",
  value: "القيمة",
  from: "المصدر",
  information: "معلوماتي",
  devices: "أجهزتي",
  limits: {
    title: "حدود التنبيه الخاصة بي",
    none: "لم توضع لك حدود.",
    above: "{{high}} أو أكثر",
    below: "{{low}} أو أقل",
    level: { warn: "تحذير", urgent: "عاجل" },
    lower: "السفلي (الانبساطي)",
    mean: "المتوسط",
  },
  accesses: {
    title: "من اطّلع على سجلي",
    none: "لم يطّلع عليه أحد في آخر ٣٠ يوماً.",
    line: "{{who}}، {{role}}: {{what}} ({{purpose}})",
  },
};
