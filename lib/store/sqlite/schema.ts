import type { DatabaseSync } from 'node:sqlite';
import { VirtflowError } from '../../model/errors.ts';

/**
 * Each step takes the store from `user_version` = its index to the next; a step that was released is never edited.
 * An operation stands whole in `body`; what is filtered by is a column of its own.
 */
const steps: readonly string[] = [
  `create table operation (
     id text primary key,
     action text not null,
     connection text not null,
     kind text not null,
     object text,
     state text not null,
     queued_at integer not null,
     ended_at integer,
     idempotency_key text unique,
     body text not null
   ) strict;
   create index operation_by_time on operation (queued_at, id);
   create index operation_by_object on operation (connection, kind, object, queued_at, id);
   create index operation_by_connection on operation (connection, queued_at, id);
   create index operation_by_action on operation (action, queued_at, id);
   create index operation_by_state on operation (state, queued_at, id);
   create index operation_by_end on operation (ended_at);
   create table slot (
     schedule text not null,
     slot integer not null,
     at integer not null,
     outcome text not null,
     primary key (schedule, slot)
   ) strict, without rowid;
   create table state (
     room text not null,
     key text not null,
     value text not null,
     primary key (room, key)
   ) strict, without rowid;`,
  `create table account (name text primary key, body text not null) strict, without rowid;
   create table role (name text primary key, body text not null) strict, without rowid;
   create table token (
     id text primary key,
     kind text not null,
     owner text not null,
     created_at integer not null,
     expires_at integer,
     used_at integer,
     body text not null
   ) strict;
   create index token_by_owner on token (owner);
   create table audit (
     sequence integer primary key,
     entry text not null,
     hash text not null
   ) strict;
   create trigger audit_is_not_changed before update on audit
     begin select raise(abort, 'the audit record is only appended to'); end;
   create trigger audit_is_not_deleted before delete on audit
     begin select raise(abort, 'the audit record is only appended to'); end;
   create table audit_head (
     id integer primary key check (id = 1),
     sequence integer not null,
     hash text not null
   ) strict;`,
  `alter table operation add column principal text
     generated always as (json_extract(body, '$.origin.principal')) virtual;
   create index operation_by_principal on operation (principal, queued_at, id);`,
  `alter table operation add column parent text generated always as (json_extract(body, '$.parent')) virtual;
   alter table operation add column undoes text generated always as (json_extract(body, '$.undoes')) virtual;
   alter table operation add column run text generated always as (json_extract(body, '$.origin.run')) virtual;
   create index operation_by_parent on operation (parent, queued_at, id) where parent is not null;
   create index operation_by_undone on operation (undoes, queued_at, id) where undoes is not null;
   create index operation_by_run on operation (run, queued_at, id) where run is not null;
   create table touched (
     connection text not null,
     kind text not null,
     object text not null,
     queued_at integer not null,
     operation text not null references operation (id) on delete cascade,
     primary key (connection, kind, object, queued_at, operation)
   ) strict, without rowid;
   create index touched_by_operation on touched (operation);
   insert into touched
     select connection, kind, object, queued_at, id from operation where object is not null;`,
  // Definitions may hold passwords, and are in no record of an operation any more.
  `update operation set body = json_set(body, '$.parameters.definition', 'not shown') where action = 'vm.define';`,
  `create table run (
     id text primary key,
     flow text,
     node text not null,
     started_at integer not null,
     last_at integer not null,
     steps integer not null,
     failures integer not null,
     bytes integer not null
   ) strict;
   create index run_by_time on run (last_at, id);
   create index run_by_flow on run (flow, last_at, id);
   create table run_step (
     id integer primary key autoincrement,
     run text not null,
     body text not null
   ) strict;
   create index run_step_by_run on run_step (run, id);`,
  `alter table slot add column run text;
   alter table slot add column why text;
   create index slot_by_time on slot (slot);`,
  'alter table slot add column facts text;',
];

/** Brings the store at `path` to the schema of this version. @throws STORE_BROKEN when a newer virtflow made it */
export function migrate(database: DatabaseSync, path: string): void {
  const version = userVersion(database);
  if (version > steps.length) {
    const reason = `a newer virtflow made it (schema ${version}, this one knows ${steps.length})`;
    throw new VirtflowError('STORE_BROKEN', { path, reason });
  }
  for (const [index, step] of steps.entries()) {
    if (index < version) continue;
    database.exec(`begin immediate; ${step}; pragma user_version = ${index + 1}; commit`);
  }
}

function userVersion(database: DatabaseSync): number {
  return Number(database.prepare('pragma user_version').get()?.user_version);
}
