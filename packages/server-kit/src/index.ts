export { ServerKitError, type ServerKitErrorCode } from "./error.ts";
export { systemClock, type Clock } from "./clock.ts";
export { createDeferred, type Deferred } from "./deferred.ts";
export {
  explainSettings,
  loadSettings,
  type Setting,
  type SettingExplained,
  type SettingSources,
  type SettingsOf,
  type SettingsSpec,
} from "./settings.ts";
export {
  choiceSetting,
  integerSetting,
  listSetting,
  optional,
  portSetting,
  setting,
  textSetting,
  yesNoSetting,
  type SettingText,
} from "./setting-kinds.ts";
export { readSettingsFile } from "./settings-file.ts";
export {
  createLogger,
  errorFields,
  LOG_LEVELS,
  silentLogger,
  type LogFields,
  type Logger,
  type LogLevel,
} from "./logger.ts";
export { createHealth, type Health, type HealthCheck, type HealthReport } from "./health.ts";
export {
  createLifecycle,
  type Lifecycle,
  type LifecycleOptions,
  type SignalSource,
  type StopStep,
} from "./lifecycle.ts";
export { EXIT, exitOnStrayErrors, runProgram, type ProgramOptions } from "./program.ts";
export { ensurePrivateFolder } from "./private-folder.ts";
export {
  listenOnSocket,
  MAX_SOCKET_PATH_BYTES,
  resolveSocket,
  type ListeningSocket,
} from "./unix-socket.ts";
export { TLS_RULES } from "./tls.ts";
export { createMetrics, type CountMetric, type DurationMetric, type Metrics } from "./metrics.ts";
export {
  serveOperations,
  type OperationsServer,
  type OperationsServerOptions,
} from "./operations-server.ts";
