/** One message that is to leave: the same `id` at every try. Nothing in it says whose alert it is, or what was found. */
export interface OutgoingMessage {
  readonly id: string;
  readonly alertId: number;
  readonly level: "urgent" | "warn";
  /** Real time, ms. */
  readonly raisedAt: number;
}

/** Why a try failed, as system alerts name it and docs/errors.md explains it. */
export type FailureReason =
  | "address-altered"
  | "certificate"
  | "log-in"
  | "no-tls"
  | "not-configured"
  | "redirected"
  | "refused"
  | "too-slow"
  | "unreachable";

/** What a try came to: taken by the server, or why not. */
export type TryOutcome = FailureReason | "delivered";

/** The mail server. */
export interface MailWay {
  /** Hands one message to the server; gives up after twenty seconds. Never throws for what the server does. */
  send(message: OutgoingMessage, to: string): Promise<TryOutcome>;
}

/** The webhook's receiver. */
export interface WebhookWay {
  /** How it is named beside the names of people: its host, for an address may hold a secret. */
  readonly host: string;
  /** Posts one message; gives up after ten seconds. Never throws for what the receiver does. */
  send(message: OutgoingMessage, now: number): Promise<TryOutcome>;
}

/** The ways that this installation has beside the console. */
export interface NotifyWays {
  readonly email?: MailWay;
  readonly webhook?: WebhookWay;
}
