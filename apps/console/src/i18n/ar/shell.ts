import type { shell as english } from "../en/shell.ts";
import type { Texts } from "@siphms/web-kit";

/** Arabic texts of the frame: the rail, and pages that are none. */
export const shell: Texts<typeof english> = {
  rail: "اللوحة",
  menu: "القائمة",
  closeMenu: "أغلق القائمة",
  groups: {
    work: "المرضى",
    administration: "الإدارة",
    privacy: "الخصوصية",
    self: "أنا",
  },
  places: {
    worklist: "قائمة العمل",
    alerts: "التنبيهات",
    patient: "المريض",
    evidence: "دليل القراءة",
    register: "تسجيل مريض",
    emergency: "وصول طارئ",
    start: "الخطوات الأولى",
    people: "الأشخاص",
    care: "الرعاية",
    escalation: "من يُخبَر بعد ذلك",
    patients: "المرضى",
    gateways: "البوابات",
    system: "النظام",
    reviews: "المراجعات",
    activity: "المراجعة الأسبوعية",
    audit: "البحث في التدقيق",
    accessLog: "سجل الاطلاع",
    account: "حسابي",
  },
  roles: {
    doctor: "طبيب",
    nurse: "ممرّض",
    administrator: "مدير النظام",
    "privacy-officer": "مسؤول الخصوصية",
    integration: "ربط آلي",
  },
  home: "إلى حيث عملك",
  notForRoleTitle: "هذه الصفحة ليست لدورك",
  notForRole: "دخلت بصفة: {{role}}. هذه الصفحة لدور آخر. إن احتجت إليها فاسأل مدير النظام.",
  unknownTitle: "لا توجد صفحة كهذه",
  unknown: "لا يقود العنوان إلى شيء في هذه اللوحة. قد يكون فيه خطأ أو من إصدار آخر.",
  problem: {
    network: "تعذّر الوصول إلى المستشفى. لا يُعرف إن تمّ ذلك: انظر إلى الصفحة ثانية قبل أن تعيده.",
    notAllowed: "هذا ليس لدورك. لم يتغيّر شيء.",
    page: "تعطّلت هذه الصفحة. حمّلها من جديد؛ لم يُفقد شيء مما عند المستشفى.",
  },
};
