import { join } from 'node:path';
import { openAuditDb } from '../audit/audit-db.ts';
import { AUDIT_FILE, JOURNAL_FILE } from '../journal/files.ts';
import { openGateway } from '../mt5/gateway.ts';
import { createClockPump } from './clock-pump.ts';
import { connection } from './connection/connection.ts';
import { oneAtATime } from './connection/connection-open.ts';
import { shownOnce } from './connection/connection-session.ts';
import type { Brake } from './control/brake.ts';
import { control } from './control/control.ts';
import type { DeskDeps } from './desk.ts';
import { executor } from './executor/executor.ts';
import { riskGuard } from './guard/risk-guard.ts';
import type { Isolation } from './isolation/isolation.ts';
import { type createJournalPort, journalKeeper } from './journal-keeper.ts';
import type { createVirtualClock } from './kernel/virtual-clock.ts';
import { auditor } from './observers/auditor.ts';
import type { Operator } from './operator/operator-types.ts';
import { recovery } from './recovery/recovery.ts';
import type { Notice, RuntimePorts, RuntimeSight, RuntimeSpec } from './runtime.ts';
import { surrounded } from './runtime-seams.ts';
import { strategyHost } from './strategy-host.ts';
import { noRestarts, terminalWatchdog } from './terminal-watchdog.ts';
import {
  type AnyBehaviour,
  anyBehaviour,
  deskPath,
  type ObserverPart,
  strategyPath,
  type TreeParts,
  tree,
} from './tree.ts';

/** What the actors of a runtime stand on. */
interface Composed {
  readonly spec: RuntimeSpec;
  readonly ports: RuntimePorts;
  readonly deps: DeskDeps;
  readonly journal: ReturnType<typeof createJournalPort>;
  readonly isolation: Isolation;
  readonly note: (notice: Omit<Notice, 'at'>) => void;
  readonly quiescent: () => Promise<void>;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly mayStop: () => boolean;
  readonly sight: () => RuntimeSight;
  readonly brake: Brake;
}

/** Puts the actors of a runtime at their places in the tree, each with what it stands on. */
export const composeTree = (input: Composed): ReturnType<typeof tree> => {
  const { spec, ports, deps, journal, note } = input;
  const { wall, seams = {} } = ports;
  const openAudit = seams.openAudit ?? ((file: string) => openAuditDb({ file }));
  const openPort = oneAtATime(seams.openGateway ?? openGateway);
  const takeover = shownOnce(spec.connection.takeoverToken);
  const pump = createClockPump(input.clock, input.quiescent);
  const strategies = spec.strategies.map(({ key }) => ({
    key,
    path: strategyPath(spec.login, key.id),
  }));
  const { terminal } = spec;
  const spent = noRestarts();
  const path = deskPath(spec.login, 'terminal-watchdog');
  const parts: TreeParts = {
    journal: () =>
      anyBehaviour(
        journalKeeper({
          file: join(spec.dataDir, JOURNAL_FILE),
          wall,
          port: journal,
          note: (severity, code, detail) => note({ severity, code, detail, path: 'journal' }),
          openWriter: seams.openJournal,
        }),
      ),
    auditor: () =>
      anyBehaviour(
        auditor({
          journal,
          open: () => openAudit(join(spec.dataDir, AUDIT_FILE)),
          everyMs: 200,
          note: (severity, code, detail) =>
            note({ severity, code, detail, path: 'observers.auditor' }),
        }),
      ),
    observers: observersOf(input),
    accounts: [
      {
        login: spec.login,
        clock: input.clock,
        watchdog:
          terminal === null
            ? null
            : () =>
                anyBehaviour(
                  terminalWatchdog({
                    ...terminal,
                    spent,
                    wall,
                    mayStop: input.mayStop,
                    onEvent: (event) => note({ ...event, path }),
                  }),
                ),
        connection: () =>
          anyBehaviour(
            connection(deps, {
              ...spec.connection,
              pump,
              openGateway: openPort,
              takeover,
              stopwatch: ports.stopwatch,
              defer: ports.defer,
              newId: ports.newId,
              jitterSeed: Math.floor(ports.random() * 2 ** 32),
              onListening: () => undefined,
              onEvent: (event) => note({ ...event, path: deps.paths.connection }),
            }),
          ),
        guard: () => anyBehaviour(riskGuard(deps, { ...spec.guard, strategies })),
        executor: () => anyBehaviour(executor(deps, spec.executor)),
        recovery: () => anyBehaviour(recovery(deps)),
        strategies: spec.strategies.map((options) => ({
          id: options.key.id,
          host: () => anyBehaviour(strategyHost(deps, options, input.isolation)),
        })),
      },
    ],
  };
  return surrounded(tree(parts), seams.around);
};

/** The control socket first: what else looks on must not keep it from listening. */
const observersOf = ({ spec, ports, brake, sight }: Composed): readonly ObserverPart[] => {
  const { control: wanted, dataDir } = spec;
  const operator = (): Operator => sight().operator;
  const socket = (): AnyBehaviour =>
    anyBehaviour(
      control({ dataDir, brake, wall: ports.wall, operator, successor: null, ...wanted }),
    );
  const onlookers = (ports.observers ?? []).map(({ id, start }) => ({
    id,
    start: () => start(sight()),
  }));
  return wanted === null ? onlookers : [{ id: 'control', start: socket }, ...onlookers];
};
