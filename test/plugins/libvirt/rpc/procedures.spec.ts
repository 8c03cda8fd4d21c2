import assert from 'node:assert/strict';
import { EVENTS, type EventKind, messageOf } from '../../../../plugins/libvirt/rpc/events.ts';
import {
  message,
  messageNames,
  type Procedure,
  type ProcedureName,
  procedure,
  procedureNames,
} from '../../../../plugins/libvirt/rpc/procedure.ts';
import { Program } from '../../../../plugins/libvirt/rpc/protocol.ts';

const all: readonly Procedure[] = procedureNames().map((name) => procedure(name));

describe('the table of procedures', () => {
  it('has every number of both programs once', () => {
    const numbers = (program: number) =>
      [...all, ...messageNames().map((name) => message(name))]
        .filter((entry) => entry.program === program)
        .map(({ number }) => number)
        .sort((a, b) => a - b);
    assert.deepEqual(
      numbers(Program.remote),
      Array.from({ length: 453 }, (_, i) => i + 1),
    );
    assert.deepEqual(numbers(Program.qemu), [1, 2, 3, 4, 5, 6, 7]);
  });

  it('lets nothing pass for reading whose name says that it changes', () => {
    const verbs =
      /(^|_)(ABORT|ADD|ALLOC|ATTACH|BACKUP|BEGIN|BUILD|COMMIT|COPY|CREATE|DEFINE|DEL|DELETE|DESTROY|DETACH|DETTACH|DUMP|FSFREEZE|FSTHAW|FSTRIM|INJECT|MIGRATE|OPEN|PIN|PULL|REATTACH|REBASE|REBOOT|REFRESH|RELOAD|REMOVE|RENAME|RESET|RESIZE|RESTORE|RESUME|REVERT|ROLLBACK|SAVE|SEND|SET|SHUTDOWN|START|SUSPEND|UNDEFINE|UPDATE|UPLOAD|WAKEUP|WIPE)(_|$)/;
    const suspicious = all.filter(({ name, effect }) => effect === 'reads' && verbs.test(name)).map(({ name }) => name);
    // Each of these has such a word in its name, and reads: judged one by one.
    assert.deepEqual(suspicious, [
      'CONNECT_OPEN',
      'AUTH_SASL_START',
      'DOMAIN_HAS_MANAGED_SAVE_IMAGE',
      'DOMAIN_GET_VCPU_PIN_INFO',
      'DOMAIN_SAVE_IMAGE_GET_XML_DESC',
      'DOMAIN_MIGRATE_GET_MAX_SPEED',
      'DOMAIN_GET_EMULATOR_PIN_INFO',
      'DOMAIN_MIGRATE_GET_COMPRESSION_CACHE',
      'DOMAIN_MIGRATE_GET_MAX_DOWNTIME',
      'DOMAIN_MANAGED_SAVE_GET_XML_DESC',
      'DOMAIN_BACKUP_GET_XML_DESC',
    ]);
  });

  it('takes for changing what reaches into a guest, a monitor or the keyboard', () => {
    const names: readonly ProcedureName[] = [
      'QEMU_DOMAIN_MONITOR_COMMAND',
      'QEMU_DOMAIN_AGENT_COMMAND',
      'DOMAIN_OPEN_CONSOLE',
      'DOMAIN_OPEN_CHANNEL',
      'DOMAIN_SEND_KEY',
      'DOMAIN_AGENT_SET_RESPONSE_TIMEOUT',
      'STORAGE_POOL_REFRESH',
    ];
    for (const name of names) assert.equal(procedure(name).effect, 'changes', name);
  });

  it('counts every migration step but its settings as changing and long', () => {
    for (const { name, effect, pace } of all.filter((entry) => /MIGRATE_(BEGIN|PREP|PERF|FIN|CONF)/.test(entry.name))) {
      assert.deepEqual([effect, pace], ['changes', 'long'], name);
    }
  });

  it('gives the calls that libvirt serves with priority no reason to wait', () => {
    for (const { name, pace, mayBlock } of all) assert.equal(mayBlock, pace !== 'high' && pace !== 'quick', name);
    assert.ok(all.filter(({ pace }) => pace === 'high').length > 150);
  });

  it('names the message of every kind of event', () => {
    const kinds = Object.keys(EVENTS) as EventKind[];
    const numbers = kinds.map((kind) => messageOf(kind).number);
    assert.equal(new Set(numbers).size, kinds.length);
    for (const number of [318, 363, 453, 315, 446, 370, 373, 376, 377, 382, 383]) {
      assert.ok(numbers.includes(number), String(number));
    }
  });
});
