import type { FastifyReply } from "fastify";

/**
 * Calls back once when an answer has been sent or its connection has ended; at once where that has happened already, as
 * while a pass was checked: it is told only once.
 */
export function onceGone({ raw, request }: FastifyReply, gone: () => void): void {
  if (raw.destroyed) gone();
  // Not `once`, which costs a function more: an idle device's request is kept for long.
  else if (raw.socket !== null) raw.on("close", gone);
  else onceGoneInLine({ raw, request }, gone);
}

/** Of answers that stand behind others of their connection, Node tells the end only when they have come to the front. */
function onceGoneInLine(
  { raw, request }: Pick<FastifyReply, "raw" | "request">,
  gone: () => void,
): void {
  const { socket } = request.raw;
  // However many stand there, it is no leak.
  socket.setMaxListeners(0);
  const tell = (): void => {
    raw.off("close", tell);
    socket.off("close", tell);
    gone();
  };
  raw.once("close", tell);
  socket.once("close", tell);
}
