/** Every bound of the kernel in one place; what an actor may choose is only its default here. */
export const KERNEL_LIMITS = {
  /** Messages per lane of a mailbox whose spec does not say. */
  mailboxCapacity: 10_000,
  /** Messages one actor may handle before the next ready actor gets its turn. */
  turnMessages: 64,
  /** Messages handled before the event loop gets its turn (sockets, timers, promises). */
  pumpMessages: 1_024,
  /** OTP's defaults of a supervisor's restart budget. */
  intensity: 1,
  periodMs: 5_000,
  /** OTP's default time for a worker to stop by itself before it is killed. */
  workerShutdownMs: 5_000,
  /** Crashes in a row after which a message is quarantined. 1: the first crash, as in OTP. */
  poisonAfter: 1,
  /** Events kept by an actor whose `log` verb was switched on without a size. */
  sysLogEvents: 64,
} as const;
