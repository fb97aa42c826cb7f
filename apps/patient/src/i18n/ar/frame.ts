import type { frame as english } from "../en/frame.ts";
import type { Texts } from "@siphms/web-kit";

/** Arabic texts of the frame. */
export const frame: Texts<typeof english> = {
  app: "SIPHMS",
  bar: "الشاشات الرئيسية",
  tabs: { today: "اليوم", sensors: "المستشعرات", record: "السجل", safety: "الأمان" },
  back: "رجوع",
  lock: "قفل",
  loading: "جارٍ التحميل",
  strip: {
    confirmed: "كل القراءات عند المستشفى",
    waiting_zero: "لا قراءات في الانتظار",
    waiting_one: "قراءة واحدة في الانتظار",
    waiting_two: "قراءتان في الانتظار",
    waiting_few: "{{count}} قراءات في الانتظار",
    waiting_many: "{{count}} قراءة في الانتظار",
    waiting_other: "{{count}} قراءة في الانتظار",
    offline: "غير متصل منذ {{time}}",
    offlineNow: "غير متصل",
    connecting: "جارٍ الاتصال",
    attention: "يلزم إجراء منك",
    storage: "لا يأخذ هذا الهاتف قراءات أخرى",
    monitoring: "المراقبة حتى {{time}}",
  },
  connected: "متصل بالمستشفى",
  connectedBy: "متصل بالمستشفى عبر {{network}}",
  notConnected: "غير متصل بالمستشفى",
  network: { wifi: "واي فاي", cellular: "شبكة الهاتف", ethernet: "الكابل", bluetooth: "بلوتوث" },
  demo: "عرض: لا مريض حقيقي",
  alreadyConnected: "فتحت دعوة، لكن هذا الهاتف مرتبط بـ{{hospital}} من قبل. لم يتغيّر شيء.",
  dismiss: "إغلاق",
  logAlarm: {
    title: "سجل المستشفى يناقض نفسه",
    more: "ماذا يعني هذا",
  },
};
