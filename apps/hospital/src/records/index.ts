export { createRecords } from "./records.ts";
export type { Records, StoredReadings } from "./records.ts";
export type { Latest } from "./latest.ts";
export type { RangeAnswer, RangeQuery } from "./range-query.ts";
export { BATCH_COLUMNS, openBatch, readBatch } from "./stored-batch.ts";
export type { StoredBatch } from "./stored-batch.ts";
export { noteDisclosure } from "./disclosure.ts";
export type { Disclosure } from "./disclosure.ts";
export { addRecordsRoutes } from "./routes.ts";
