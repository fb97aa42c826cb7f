import type { KeyObject } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { runCrewTask, type CrewTask } from "./crew-task.ts";

const known = new Map<number, KeyObject>();

parentPort?.on("message", (task: CrewTask) => {
  const result = runCrewTask(task, known);
  parentPort?.postMessage(result, [result.bytes.buffer as ArrayBuffer]);
});
