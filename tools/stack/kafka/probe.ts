import { connect } from 'node:net';

const API_VERSIONS = 18;
const CORRELATION_ID = 7_011;
const ANSWER_WITHIN_MS = 3_000;

/**
 * Asks for ApiVersions (version 0, the oldest request every broker answers) and waits for its header. An
 * open port alone proves little: it accepts connections before the broker handles any request.
 */
export function answersApiVersions(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let received = Buffer.alloc(0);
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => answer(false));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
    socket.once('connect', () => socket.write(request()));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // Size, correlation id, error code; the list of versions after them is of no interest.
      if (received.length >= 10)
        answer(received.readInt32BE(4) === CORRELATION_ID && received.readInt16BE(8) === 0);
    });
  });
}

function request(): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.writeInt32BE(10, 0); // what follows
  bytes.writeInt16BE(API_VERSIONS, 4);
  bytes.writeInt16BE(0, 6);
  bytes.writeInt32BE(CORRELATION_ID, 8);
  bytes.writeInt16BE(-1, 12); // no client id
  return bytes;
}
