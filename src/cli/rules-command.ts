import type { Command } from 'commander';
import { BUILTIN_RULE_SET_IDS, builtinRuleSet } from '../risk/builtin-rule-sets.ts';
import type { CommandIo, ExitCode } from './command-io.ts';
import { EXIT } from './command-io.ts';
import { loadRuleSet, problemLines, readRuleSetFile } from './rule-set-source.ts';
import { runRulesReplay } from './rules-replay-command.ts';
import { renderList, renderRuleSet, summaryOf } from './rules-view.ts';

interface JsonFlag {
  readonly json?: boolean | undefined;
}

export const runRulesList = (options: JsonFlag, io: CommandIo): ExitCode => {
  const ruleSets = BUILTIN_RULE_SET_IDS.flatMap((id) => builtinRuleSet(id) ?? []);
  io.out.write(
    options.json === true ? `${JSON.stringify(ruleSets.map(summaryOf))}\n` : renderList(ruleSets),
  );
  return EXIT.ok;
};

/** With --json it is the document itself: saved to a file, it is a start for one's own. */
export const runRulesShow = (name: string, options: JsonFlag, io: CommandIo): ExitCode => {
  const { ruleSet, document } = loadRuleSet(name);
  const text = options.json === true ? `${JSON.stringify(document)}\n` : renderRuleSet(ruleSet);
  io.out.write(text);
  return EXIT.ok;
};

/** Tells every mistake of a document at once; a document with one ends with 2. */
export const runRulesValidate = (file: string, options: JsonFlag, io: CommandIo): ExitCode => {
  const read = readRuleSetFile(file);
  if (options.json === true) {
    const told = read.ok
      ? { file, valid: true, ...summaryOf(read.ruleSet), errors: [] }
      : { file, valid: false, errors: read.errors };
    io.out.write(`${JSON.stringify(told)}\n`);
  } else if (read.ok) {
    const { id, version, phases } = read.ruleSet;
    const names = phases.map(({ name }) => name).join(', ');
    io.out.write(`${file} is valid: ${id} ${version} with ${names}.\n`);
  }
  if (read.ok) return EXIT.ok;
  io.err.write(`${problemLines(file, read.errors)}\n`);
  return EXIT.usage;
};

/** `bulwark rules list|show|validate|replay`. */
export const registerRules = (
  program: Command,
  io: CommandIo,
  onExit: (code: number) => void,
): void => {
  const rules = program
    .command('rules')
    .description("prop firms' rules, and any account's history held to them");
  rules
    .command('list')
    .description('the rule sets that are built in')
    .option('--json', 'as JSON')
    .action((flags: JsonFlag) => onExit(runRulesList(flags, io)));
  rules
    .command('show')
    .description('one rule set, with the source of every number')
    .argument('<name>', 'a built-in rule set, or a file')
    .option('--json', 'the document itself')
    .action((name: string, flags: JsonFlag) => onExit(runRulesShow(name, flags, io)));
  rules
    .command('validate')
    .description('checks a rule set of your own')
    .argument('<file>', 'a JSON file')
    .option('--json', 'as JSON')
    .action((file: string, flags: JsonFlag) => onExit(runRulesValidate(file, flags, io)));
  rules
    .command('replay')
    .description("walks an account's history: floors, breach, or pass")
    .option('--rules <name|file>', 'the rule set')
    .option('--phase <name>', 'the phase of it')
    .option('--initial <amount>', 'the initial balance that the rules count from')
    .option('--file <file>', "events as NDJSON, MT5's HTML report, or its deals as CSV")
    .option('--server-tz <zone>', 'zone of the times in an MT5 report (default: ny+7)')
    .option('--json', 'the report as one line of JSON')
    .option('--fail-on-breach', 'end with 1 when the account was breached')
    .action(async (flags) => onExit(await runRulesReplay(flags, io)));
};
