import { labAvailability } from './availability.ts';
import { guestImage } from './guest.ts';
import { cannotInstall, facilities, installPackages, missingPackages } from './packages.ts';

/**
 * Gets this machine ready for the lab; `npm test` calls it. As root on Debian it installs what is missing and builds
 * the guest. Otherwise it installs nothing. Either way it says which facilities, and so which suites, are left out.
 */
async function main(): Promise<void> {
  const reason = cannotInstall();
  if (reason !== undefined) {
    if (missingPackages().length > 0) say(`nothing is installed, for ${reason}`);
  } else {
    const { installed, absent } = await installPackages(say);
    if (installed.length > 0) say(`installed: ${installed.join(', ')}`);
    if (absent.length > 0) say(`not in this Debian release: ${absent.join(', ')}`);
  }
  if ((await labAvailability('hosts')).ok) await guestImage(say);
  for (const facility of facilities) {
    const answer = await labAvailability(facility);
    say(answer.ok ? `${facility}: ready` : `${facility}: suites that need it are left out; ${answer.reason}`);
  }
}

function say(line: string): void {
  console.log(`lab: ${line}`);
}

try {
  await main();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
