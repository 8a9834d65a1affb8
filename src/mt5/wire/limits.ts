/** Every bound of the link, in one place; sizes in bytes, times in milliseconds of wall time. */
export const WIRE_LIMITS = {
  /** Largest JSON frame and largest attachment, each. Above it a message is `too_large`. */
  messageBytes: 1_048_576,
  /** libzmq cuts the connection above this. It is higher than `messageBytes`, so that a message a
   * little too large is answered and counted, instead of looking like a network fault. */
  transportFrameBytes: 1_572_864,
  /** What a snapshot part may hold, which leaves room for its envelope. */
  snapshotPartBytes: 1_000_000,
  snapshotParts: 1_024,
  ticksPerBatch: 32_768,
  symbolsPerBatch: 4_096,
  /** Messages per peer inside libzmq; the sender's side then says `queueFull`. */
  sendHighWaterMark: 512,
  receiveHighWaterMark: 256,
  /** Messages waiting in our own queue for their turn on the socket. */
  sendQueue: 1_024,
  /** Inbound messages handled before timers and other sockets get their turn. */
  messagesPerTurn: 64,
  /** Peers whose malformed messages are counted one by one; the oldest is forgotten first. */
  countedPeers: 256,
  malformedReportMs: 60_000,
  detailCharacters: 300,
  identityBytes: 200,
  heartbeatIntervalMs: 1_000,
  heartbeatTimeoutMs: 3_000,
  handshakeMs: 5_000,
  /** How long a graceful close waits for the last messages (a goodbye) to leave. */
  closeFlushMs: 200,
  closeMs: 1_000,
} as const;
