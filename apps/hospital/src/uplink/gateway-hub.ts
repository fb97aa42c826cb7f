import type { HospitalFrame } from "@siphms/relay";
import type { GatewayLink } from "../sessions/index.ts";

/** Where parts of the hospital find the connection to a gateway, whichever is up at the moment. */
export interface GatewayHub {
  /** For sessions, which have something to say that no gateway asked for. */
  readonly link: GatewayLink;
  /** Takes a connection that is up. @returns what takes it out again. */
  attach(gateway: string, push: (frame: HospitalFrame) => void): () => void;
}

/** Creates a hub without connections. */
export function createGatewayHub(): GatewayHub {
  const connections = new Map<string, (frame: HospitalFrame) => void>();
  return {
    link: {
      closeSession: (gateway, sid) => connections.get(gateway)?.({ type: "close", sid }),
      deliver({ gateway, sid, envelope }) {
        const push = connections.get(gateway);
        push?.({ type: "answer", sid, number: 0, body: envelope });
        return push !== undefined;
      },
      connected: () => [...connections.keys()],
    },
    attach(gateway, push) {
      connections.set(gateway, push);
      return () => {
        // A later connection may have taken its place already.
        if (connections.get(gateway) === push) connections.delete(gateway);
      };
    },
  };
}
