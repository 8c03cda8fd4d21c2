import { VirtflowError } from '../model/errors.ts';
import type { NotifierRegistry } from './notifiers/notifier.ts';
import type { Contact, Settings } from './settings.ts';

/** Who can be told: the contacts of the settings, and those that nodes bring along while they are deployed. */
export class Contacts {
  readonly #settings: () => Settings;
  readonly #notifiers: NotifierRegistry;
  readonly #offered = new Map<string, Contact>();

  constructor(settings: () => Settings, notifiers: NotifierRegistry) {
    this.#settings = settings;
    this.#notifiers = notifiers;
  }

  list(): readonly Contact[] {
    return [...this.#settings().contacts, ...this.#offered.values()];
  }

  has(name: string): boolean {
    return this.list().some((one) => one.name === name);
  }

  /** @throws CONTACT_UNKNOWN */
  get(name: string): Contact {
    const found = this.list().find((one) => one.name === name);
    if (found) return found;
    const known = this.#settings().contacts.map((one) => one.name);
    throw new VirtflowError('CONTACT_UNKNOWN', { contact: name, known: known.join(', ') || 'none' });
  }

  /** Whether its channel can be used with its settings. @throws CONTACT_INVALID */
  check({ name, type, settings }: Contact): void {
    const reason = this.#notifiers.problemOf(type, settings);
    if (reason !== undefined) throw new VirtflowError('CONTACT_INVALID', { contact: name, reason });
  }

  /** One that a node brings; its secrets are in memory alone. The answer takes it back. @throws CONTACT_INVALID */
  offer(contact: Contact): () => void {
    const { name } = contact;
    this.check(contact);
    this.#offered.set(name, contact);
    return () => {
      if (this.#offered.get(name) === contact) this.#offered.delete(name);
    };
  }
}
