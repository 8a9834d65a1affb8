export interface Used {
  readonly wallMs: number;
  /** Of all threads of this process, the collector's too. */
  readonly cpuMs: number;
}

/** What a piece of work took. */
export const used = async (work: () => Promise<unknown>): Promise<Used> => {
  const before = process.cpuUsage();
  const from = performance.now();
  await work();
  const wallMs = performance.now() - from;
  const { user, system } = process.cpuUsage(before);
  return { wallMs, cpuMs: (user + system) / 1_000 };
};
