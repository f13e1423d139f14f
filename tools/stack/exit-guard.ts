import { signal, type ProcessIdentity } from './os-process.js';

interface Guarded {
  readonly server: ProcessIdentity;
  readonly stopSignal: NodeJS.Signals;
  beforeSignal(): void;
}

const guarded = new Set<Guarded>();

/**
 * Servers live in process groups of their own, so they would outlive a process that ends without stopping
 * them. At exit nothing can be awaited: they are signalled, and the record says that they are going.
 */
export function stopAtExit(
  server: ProcessIdentity,
  stopSignal: NodeJS.Signals,
  beforeSignal: () => void,
): () => void {
  if (guarded.size === 0) process.on('exit', signalAll);
  const entry: Guarded = { server, stopSignal, beforeSignal };
  guarded.add(entry);
  return () => {
    guarded.delete(entry);
    if (guarded.size === 0) process.off('exit', signalAll);
  };
}

function signalAll(): void {
  for (const { server, stopSignal, beforeSignal } of guarded) {
    try {
      beforeSignal();
    } catch {
      // The directory may be gone already; the server must be stopped all the same.
    }
    signal(server, stopSignal);
  }
}
