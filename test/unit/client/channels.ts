/** BroadcastChannel among the pages of one origin: everybody of the same name but the sender hears it, later. */
export const createChannelClass = () => {
  const open = new Set<Channel>();
  class Channel {
    onmessage: (() => void) | null = null;
    readonly name: string;
    constructor(name: string) {
      this.name = name;
      open.add(this);
    }
    postMessage(_message: unknown): void {
      for (const other of open) {
        if (other !== this && other.name === this.name) queueMicrotask(() => other.onmessage?.());
      }
    }
    close(): void {
      open.delete(this);
    }
  }
  return Channel;
};

export type ChannelClass = ReturnType<typeof createChannelClass>;
