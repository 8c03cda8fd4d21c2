import { labAvailability } from './availability.ts';
import { guestImage } from './guest.ts';
import { cannotInstall, facilities, installPackages, missingPackages, testFacilities } from './packages.ts';

/**
 * Gets this machine ready for the lab, or for the facilities that are named; `npm test` calls it. As root on Debian it installs what is missing and builds
 * the guest. Otherwise it installs nothing. Either way it says which facilities, and so which suites, are left out.
 */
async function main(names: readonly string[]): Promise<void> {
  const wanted = names.length === 0 ? testFacilities : facilities.filter((facility) => names.includes(facility));
  const reason = cannotInstall();
  if (reason !== undefined) {
    if (missingPackages(...wanted).length > 0) say(`nothing is installed, for ${reason}`);
  } else {
    const { installed, absent } = await installPackages(wanted, say);
    if (installed.length > 0) say(`installed: ${installed.join(', ')}`);
    if (absent.length > 0) say(`not in this Debian release: ${absent.join(', ')}`);
  }
  if (wanted.includes('hosts') && (await labAvailability('hosts')).ok) await guestImage(say);
  for (const facility of wanted) {
    const answer = await labAvailability(facility);
    say(answer.ok ? `${facility}: ready` : `${facility}: what needs it is left out; ${answer.reason}`);
  }
}

function say(line: string): void {
  console.log(`lab: ${line}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
