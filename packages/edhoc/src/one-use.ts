import { EdhocError } from "./edhoc-error.ts";

/** Makes states of one type, and gives the content of each out once. */
export interface OneUse<State extends object, Content> {
  create(content: Content): State;
  /** @throws {EdhocError} `EDHOC_STATE_USED` the second time, and for a state of another type. */
  take(state: State): Content;
}

/**
 * A handshake state is an empty token; what it stands for (keys, hashes) lies here until it is taken, once.
 *
 * A message function takes it before anything else and in one step, so a state is gone whether the message was good or
 * bad, two calls at the same moment cannot both have it, and nobody can copy, log or serialise the keys.
 *
 * @param label - What the token shows; makes the state types distinct.
 */
export function createOneUse<State extends object, Content>(label: State): OneUse<State, Content> {
  const contents = new WeakMap<State, Content>();
  return {
    create(content) {
      const state = Object.freeze({ ...label });
      contents.set(state, content);
      return state;
    },
    take(state) {
      const content = contents.get(state);
      if (content === undefined)
        throw new EdhocError("EDHOC_STATE_USED", "a state is good for one call");
      contents.delete(state);
      return content;
    },
  };
}
