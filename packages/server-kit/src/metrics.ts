import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** A count that only grows, by a fixed set of label values. */
export interface CountMetric {
  add(labels?: Readonly<Record<string, string>>, amount?: number): void;
}

/** A distribution of durations in seconds. */
export interface DurationMetric {
  observe(seconds: number, labels?: Readonly<Record<string, string>>): void;
}

/** The metrics of one server, in Prometheus text form. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): CountMetric;
  duration(name: string, help: string, labels?: readonly string[]): DurationMetric;
  /** A value that is read whenever the metrics are asked for. */
  gauge(name: string, help: string, read: () => number): void;
  text(): Promise<string>;
  readonly contentType: string;
}

// From one millisecond to the longest wait that a device may ask for.
const SECONDS_BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/**
 * Creates a server's metrics, with those of the process itself (memory, event loop, garbage collection).
 *
 * Labels must be closed sets of the program's own words: an id as a label would name people and never end.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    counter(name, help, labels = []) {
      const counter = new Counter({ name, help, labelNames: [...labels], registers });
      return {
        add: (values = {}, amount = 1) => {
          counter.inc({ ...values }, amount);
        },
      };
    },
    duration(name, help, labels = []) {
      const histogram = new Histogram({
        name,
        help,
        labelNames: [...labels],
        registers,
        buckets: SECONDS_BUCKETS,
      });
      return {
        observe: (seconds, values = {}) => {
          histogram.observe({ ...values }, seconds);
        },
      };
    },
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers,
        collect: () => {
          gauge.set(read());
        },
      });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
