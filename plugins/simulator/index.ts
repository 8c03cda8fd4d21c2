export { crash, hang, hostFails, hostRecovers, ignoreShutdown } from './accidents.ts';
export { DrivenClock, RealClock, type WorldClock } from './clock.ts';
export { simulatorDriver } from './driver.ts';
export type { Fault } from './faults.ts';
export { createWorld, forgetWorld, simulatorOf } from './worlds.ts';
