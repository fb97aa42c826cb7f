export type {
  Clock,
  DevicePorts,
  DurableStore,
  Http,
  HttpRequest,
  HttpResponse,
  StoreOperation,
} from "./ports.ts";
export { DeviceError } from "./errors.ts";
export type { DeviceErrorCode } from "./errors.ts";
export type {
  AuditAlarm,
  AuditState,
  DeviceEvent,
  DeviceState,
  DeviceStatus,
  DeviceTotals,
  ItemState,
  KeptReason,
  OutboxItem,
  SessionEnd,
} from "./status.ts";
export { openDevice } from "./engine.ts";
export type {
  Device,
  DeviceOptions,
  DeviceSettings,
  EnrolmentResult,
  RecordOptions,
  RequestOptions,
  RunOptions,
} from "./device.ts";
export type { InspectedItem, Inspection } from "./inspection.ts";
export { createFetchHttp } from "./fetch-http.ts";
export { openEntry, sealEntry } from "./sealed-store.ts";
export type { EntryKey } from "./sealed-store.ts";
export { createUnsafeMemoryStore } from "./memory-store.ts";
