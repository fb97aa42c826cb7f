import { statfs } from "node:fs/promises";

/** Knows whether the disk has room for more than what must always be possible: answers and deletions. */
export interface DiskRoom {
  hasRoom(): boolean;
  close(): void;
}

const LOOK_EVERY_MS = 2000;

/**
 * Watches the free space of a folder's disk.
 *
 * LMDB writes new pages even to delete. On a disk that is full to the last byte nothing could be taken out of the queue any more,
 * so new envelopes are refused while `reserveBytes` are still free.
 */
export async function watchDiskRoom(folder: string, reserveBytes: number): Promise<DiskRoom> {
  let room = true;
  async function look(): Promise<void> {
    const { bavail, bsize } = await statfs(folder);
    room = bavail * bsize > reserveBytes;
  }
  await look();
  // A look that fails says nothing about the room; the write that follows will.
  const timer = setInterval(() => {
    look().catch(() => undefined);
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    hasRoom: () => room,
    close: () => {
      clearInterval(timer);
    },
  };
}
