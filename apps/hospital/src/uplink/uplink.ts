import type { HospitalFrame } from "@siphms/relay";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import type { Ingest } from "../ingest/index.ts";
import type { PassKey } from "../keys/index.ts";
import type { Sessions } from "../sessions/index.ts";
import { createBackoff, type Backoff } from "./backoff.ts";
import { openConnection, type Connection } from "./connection.ts";
import { createFrameServer } from "./frame-server.ts";
import type { GatewayHub } from "./gateway-hub.ts";
import { createUplinkToken } from "./uplink-token.ts";

/** What the uplink is made with. */
export interface UplinkOptions {
  readonly hospitalId: string;
  /** gateway-urls. */
  readonly gateways: readonly string[];
  readonly passKey: PassKey;
  readonly hub: GatewayHub;
  readonly sessions: Pick<Sessions, "handshakes" | "onConnected">;
  readonly ingest: Pick<Ingest, "submit">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The hospital's connections to its gateways, kept up. */
export interface Uplink {
  /** How many of the gateways are connected now. */
  connected(): number;
  /** How each connection stands, in the order of the settings. */
  lines(): readonly LineStatus[];
  /** Ends all connections. What is unanswered comes again on the next ones. */
  stop(): Promise<void>;
}

/** How the connection to one gateway stands. */
export interface LineStatus {
  /** gateway-url. */
  readonly gateway: string;
  readonly isUp: boolean;
  /** Since when, ms; since the program began where nothing has changed. */
  readonly since: number;
  /** When something came from it last, ms. */
  readonly lastContact: number | undefined;
}

/** A connection that has held for this long was a good one: the next attempt comes soon. */
const STEADY_MS = 10_000;

/** Connects to every gateway and keeps the connections up: each for itself, with growing pauses between attempts. */
export function createUplink(options: UplinkOptions): Uplink {
  const lines = options.gateways.map((gateway) => createLine(gateway, options));
  return {
    connected: () => lines.filter((line) => line.status().isUp).length,
    lines: () => lines.map((line) => line.status()),
    async stop() {
      await Promise.all(lines.map((line) => line.stop()));
    },
  };
}

interface Line {
  status(): LineStatus;
  stop(): Promise<void>;
}

function createLine(gateway: string, options: UplinkOptions): Line {
  const { log, clock } = options;
  const backoff = createBackoff();
  let connection: Connection | undefined;
  let status: LineStatus = { gateway, isUp: false, since: clock.now(), lastContact: undefined };
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  function retry(): void {
    if (isStopped) return;
    const waitMs = backoff.next();
    log.info("gateway connects again", { waitMs });
    timer = setTimeout(attempt, waitMs);
  }

  function attempt(): void {
    const onUp = (isUp: boolean): void => {
      // An attempt that fails changes nothing about a gateway that is away.
      if (isUp !== status.isUp) status = { ...status, isUp, since: clock.now() };
    };
    const onHeard = (): void => {
      status = { ...status, lastContact: clock.now() };
    };
    connect(gateway, { backoff, options, onUp, onHeard, onEnd: retry }).then(
      (made) => {
        connection = made;
        if (isStopped) void made.close();
      },
      (error: unknown) => {
        log.error("gateway not connected", errorFields(error));
        retry();
      },
    );
  }

  attempt();
  return {
    status: () => status,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await connection?.close();
    },
  };
}

interface Attempt {
  readonly backoff: Backoff;
  readonly options: UplinkOptions;
  readonly onUp: (isUp: boolean) => void;
  /** Something came. */
  readonly onHeard: () => void;
  readonly onEnd: () => void;
}

async function connect(
  gateway: string,
  { backoff, options, onUp, onHeard, onEnd }: Attempt,
): Promise<Connection> {
  const { hospitalId, passKey, clock, log, hub, sessions, ingest } = options;
  const token = await createUplinkToken({ hospitalId, gateway, now: clock.now() }, passKey);
  let detach: (() => void) | undefined;
  let steady: NodeJS.Timeout | undefined;
  const connection = openConnection(
    { gateway, token },
    {
      onOpen() {
        log.info("gateway connected");
        onUp(true);
        detach = hub.attach(gateway, push);
        steady = setTimeout(() => {
          backoff.reset();
        }, STEADY_MS);
        server.start();
        sessions.onConnected(gateway).catch((error: unknown) => {
          log.error("gateway not brought up to date", errorFields(error));
        });
      },
      onMessage(message) {
        onHeard();
        return server.receive(message);
      },
      onEnd(status) {
        log.warn("gateway not connected", { status });
        onUp(false);
        clearTimeout(steady);
        detach?.();
        onEnd();
      },
    },
  );
  const push = (frame: HospitalFrame): void => {
    connection.push(frame);
  };
  const ports = { ingest, handshakes: sessions.handshakes, clock, log };
  const server = createFrameServer(gateway, push, ports);
  return connection;
}
