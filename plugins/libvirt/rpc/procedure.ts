import { compileDecoder, type Decoder, isKey } from './decoder.ts';
import { compileEncoder, type Encoder } from './encoder.ts';
import { type Input, type LayoutField, type Output, parseLayout } from './layout.ts';
import { PROCEDURES } from './procedures.ts';
import { Program } from './protocol.ts';

type Table = typeof PROCEDURES;
type MessageName = { [N in keyof Table]: Table[N] extends `${string} event | ${string}` ? N : never }[keyof Table];

/** Names of the procedures that can be called. */
export type ProcedureName = Exclude<keyof Table, MessageName>;

/** Names of those that open a stream. */
export type StreamProcedureName = {
  [N in ProcedureName]: Table[N] extends `${string} ${StreamDirection} |${string}` ? N : never;
}[ProcedureName];

/** The arguments of a procedure, derived from its row. */
export type Arguments<P extends ProcedureName> = Table[P] extends `${string} | ${infer Layout} |${string}`
  ? Input<Layout>
  : unknown;

/** The reply of a procedure, or the content of an event's message. */
export type Reply<P extends keyof Table> = Table[P] extends `${string} |${string}| ${infer Layout}`
  ? Output<Layout>
  : unknown;

export type { MessageName };

export type Effect = 'reads' | 'changes';
export type Pace = 'high' | 'quick' | 'low' | 'stats' | 'long';
export type StreamDirection = 'upload' | 'download' | 'twoway';

export interface Procedure {
  readonly name: ProcedureName;
  readonly program: number;
  readonly number: number;
  readonly effect: Effect;
  readonly pace: Pace;
  /** May wait for a guest or last long, and so hold one of the daemon's five requests for a connection. */
  readonly mayBlock: boolean;
  readonly stream: StreamDirection | undefined;
  readonly passesFds: boolean;
  readonly encode: Encoder;
  readonly decode: Decoder;
}

export interface Message {
  readonly name: MessageName;
  readonly program: number;
  readonly number: number;
  readonly decode: Decoder;
}

const procedures = new Map<string, Procedure>();
const messages = new Map<string, Message>();

/** Looks a procedure up; it is compiled at its first use. @throws Error when there is none of that name */
export function procedure(name: ProcedureName): Procedure {
  return procedures.get(name) ?? remember(procedures, name, compileProcedure(name));
}

/** Looks an event's message up. */
export function message(name: MessageName): Message {
  return messages.get(name) ?? remember(messages, name, compileMessage(name));
}

/** Names of all procedures that can be called. */
export function procedureNames(): ProcedureName[] {
  return Object.keys(PROCEDURES).filter(isProcedureName);
}

/** Names of all messages that the daemon sends of itself. */
export function messageNames(): MessageName[] {
  return Object.keys(PROCEDURES).filter(isMessageName);
}

/** What a procedure takes, in wire order. */
export function parametersOf(name: ProcedureName): LayoutField[] {
  return parseLayout(row(name).args);
}

function isProcedureName(name: string): name is ProcedureName {
  return isKey(PROCEDURES, name) && !isMessageName(name);
}

function isMessageName(name: string): name is MessageName {
  return isKey(PROCEDURES, name) && row(name).words.includes('event');
}

function remember<T>(map: Map<string, T>, name: string, made: T): T {
  map.set(name, made);
  return made;
}

interface Row {
  readonly program: number;
  readonly number: number;
  readonly words: readonly string[];
  readonly args: string;
  readonly reply: string;
}

function row(name: keyof Table): Row {
  if (!isKey(PROCEDURES, name)) throw new Error(`libvirt has no procedure ${String(name)}.`);
  const [head = '', args = '', reply = ''] = PROCEDURES[name].split('|').map((part) => part.trim());
  const words = head.split(' ');
  const program = words[0] === 'qemu' ? Program.qemu : Program.remote;
  return { program, number: Number(words.find((word) => /^\d+$/.test(word))), words, args, reply };
}

const EFFECTS: readonly Effect[] = ['reads', 'changes'];
const PACES: readonly Pace[] = ['high', 'quick', 'low', 'stats', 'long'];
const STREAMS: readonly StreamDirection[] = ['upload', 'download', 'twoway'];

function compileProcedure(name: ProcedureName): Procedure {
  const { program, number, words, args, reply } = row(name);
  const find = <T extends string>(choices: readonly T[]) => choices.find((choice) => words.includes(choice));
  const pace = find(PACES) ?? 'long';
  return {
    name,
    program,
    number,
    effect: find(EFFECTS) ?? 'changes',
    pace,
    mayBlock: pace === 'low' || pace === 'stats' || pace === 'long',
    stream: find(STREAMS),
    passesFds: words.includes('fds'),
    encode: compileEncoder(args, name),
    decode: compileDecoder(reply),
  };
}

function compileMessage(name: MessageName): Message {
  const { program, number, reply } = row(name);
  return { name, program, number, decode: compileDecoder(reply) };
}
