import { CONSOLE_PATHS, type SessionInfo } from "@siphms/api";
import { ApiError, callOnce, hospitalNow } from "../client.ts";

/** How long a sign-out waits for the hospital before the screen is emptied without its answer. */
const SIGN_OUT_MS = 8000;

/** Why nobody is signed in. `idle`, `ended`: a session was there when the page last looked. */
export type WhySignedOut = "ended" | "idle" | "nobody" | "signed-out";

/** What a sign-out did not end: the hospital goes on taking this session, or this and the person's other ones. */
export interface Unended {
  readonly where: "everywhere" | "here";
  /** When the session of this browser ends by itself if nobody uses it, by the hospital's clock. */
  readonly until: number;
}

/** Whether somebody is signed in at this browser. */
export type SessionState =
  | { readonly kind: "asking" }
  | { readonly kind: "signed-in"; readonly session: SessionInfo }
  | { readonly kind: "signed-out"; readonly why: WhySignedOut; readonly unended?: Unended }
  | { readonly kind: "unreachable" };

/** What a window tells the others of the same browser, which have the same cookie. */
export type SessionNews =
  | { readonly kind: "entered"; readonly session: SessionInfo }
  | { readonly kind: "renewed"; readonly session: SessionInfo }
  | { readonly kind: "left"; readonly why: WhySignedOut; readonly unended?: Unended };

/** What the store tells others with. */
export interface SessionStorePorts {
  /** Tells the other windows. */
  readonly tell: (news: SessionNews) => void;
  /** Called when nothing of the session may stay in this window. */
  readonly forget: () => void;
}

/**
 * Who is signed in, for this window; it hears of what happens in the others.
 *
 * The hospital alone decides whether a session holds. This is what it last said.
 */
export class SessionStore {
  #state: SessionState = { kind: "asking" };
  #asked: Promise<boolean> | undefined;
  /** How often somebody has come or gone: an answer to a question from before says nothing of now. */
  #turns = 0;
  readonly #ports: SessionStorePorts;
  readonly #listeners = new Set<() => void>();

  constructor(ports: SessionStorePorts) {
    this.#ports = ports;
  }

  readonly state = (): SessionState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Somebody has signed in here. */
  enter(session: SessionInfo): void {
    this.#take({ kind: "entered", session });
    this.#ports.tell({ kind: "entered", session });
  }

  /** The same session goes on: its ends are other ones now. */
  renew(session: SessionInfo): void {
    this.#take({ kind: "renewed", session });
    this.#ports.tell({ kind: "renewed", session });
  }

  /** Nobody is signed in any more: everything of the session leaves this window and the others. */
  leave(why: WhySignedOut, unended?: Unended): void {
    const news = { kind: "left", why, ...(unended === undefined ? {} : { unended }) } as const;
    this.#take(news);
    this.#ports.tell(news);
  }

  /**
   * Ends the session at the hospital, or all of this person, and empties everything that the windows hold, also where the
   * hospital was not reached; then it is said, and {@link SessionStore.signOut} may be tried again.
   */
  async signOut(where: "everywhere" | "here"): Promise<void> {
    const until = this.#endsAt();
    const path = where === "here" ? CONSOLE_PATHS.session : CONSOLE_PATHS.sessions;
    // Records must not stay on the screen for as long as a broken network keeps silent.
    const signal = AbortSignal.timeout(SIGN_OUT_MS);
    const isEnded = await callOnce(path, { method: "DELETE", signal }).then(
      () => true,
      // Without a session there is nothing to end here; elsewhere there may be.
      (error: unknown) => where === "here" && error instanceof ApiError && error.status === 401,
    );
    this.leave("signed-out", isEnded ? undefined : { where, until });
  }

  #endsAt(): number {
    const state = this.#state;
    if (state.kind === "signed-in") return Math.min(state.session.idleEnds, state.session.expires);
    return state.kind === "signed-out" ? (state.unended?.until ?? 0) : 0;
  }

  /** Takes what another window tells. */
  hear(news: SessionNews): void {
    this.#take(news);
  }

  /**
   * Asks the hospital whether the session holds.
   *
   * @param options.byPerson - The person did something: their session is kept open by it. By default the page asks by itself.
   * @param options.why - What to say if it does not.
   * @returns Whether it does. Several questions that the page asks at the same time are one.
   */
  async ask(
    options: { readonly byPerson?: boolean; readonly why?: WhySignedOut } = {},
  ): Promise<boolean> {
    // Shared, a person's question could be the page's, which keeps nothing open.
    if (options.byPerson === true) return this.#askNow(options);
    this.#asked ??= this.#askNow(options).finally(() => (this.#asked = undefined));
    return this.#asked;
  }

  async #askNow({
    byPerson = false,
    why = "ended",
  }: {
    readonly byPerson?: boolean;
    readonly why?: WhySignedOut;
  }): Promise<boolean> {
    const turn = this.#turns;
    const isOfNow = (): boolean => turn === this.#turns;
    try {
      const session = await callOnce<SessionInfo>(CONSOLE_PATHS.session, {
        background: !byPerson,
      });
      if (isOfNow()) this.renew(session);
      return this.#state.kind === "signed-in";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!isOfNow()) return this.#state.kind === "signed-in";
      if (error.problem === "not-signed-in") this.#end(why);
      else if (this.#state.kind === "asking") this.#set({ kind: "unreachable" });
      return false;
    }
  }

  #end(why: WhySignedOut): void {
    const state = this.#state;
    if (state.kind === "signed-in") {
      const { idleEnds, expires } = state.session;
      // Whoever asked first, the live stream or the guard: the reason is the same.
      const isIdle = idleEnds < expires && hospitalNow() >= idleEnds;
      this.leave(isIdle ? "idle" : why);
    } else if (state.kind !== "signed-out") this.#set({ kind: "signed-out", why: "nobody" });
  }

  #take(news: SessionNews): void {
    const before = this.#state;
    if (news.kind === "left") {
      // The first reason counts; only what was left unended may come after it, or be ended after all.
      const isNew = before.kind !== "signed-out";
      if (!isNew && news.why !== "signed-out") return;
      this.#turns += 1;
      if (isNew) this.#ports.forget();
      const { why, unended } = news;
      this.#set({ kind: "signed-out", why, ...(unended === undefined ? {} : { unended }) });
      return;
    }
    const { session } = news;
    const isOther = before.kind === "signed-in" && before.session.staff.id !== session.staff.id;
    // What one person had on the screen is not the next one's to see.
    if (news.kind === "entered" || isOther) {
      this.#turns += 1;
      this.#ports.forget();
    }
    this.#set({ kind: "signed-in", session: isOther ? session : goneOn(before, news) });
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** The same session as it was told last: answers overtake each other, and what a person did a moment ago counts. */
function goneOn(
  before: SessionState,
  { kind, session }: SessionNews & { readonly session: SessionInfo },
): SessionInfo {
  if (kind === "entered" || before.kind !== "signed-in") return session;
  if (before.session.expires !== session.expires) return session;
  return { ...session, idleEnds: Math.max(before.session.idleEnds, session.idleEnds) };
}
