import { Writable } from 'node:stream';

/** Streams that keep what a command writes. */
export const capturedIo = () => {
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write: (chunk, _encoding, done) => {
        written[name] += String(chunk);
        done();
      },
    });
  return { written, io: { out: sink('out'), err: sink('err') } };
};
