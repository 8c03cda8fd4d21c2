import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * An ext4 file system on a block device of its own, of which a power cut leaves what had reached the device: what was
 * written and not yet synchronised stands in memory alone, and is gone.
 */
export class PowerCutDisk {
  readonly path: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'virtflow-power-'));
  #image = join(this.#directory, 'disk-0.img');
  #cuts = 0;

  constructor(sizeMiB: number) {
    this.path = join(this.#directory, 'mounted');
    mkdirSync(this.path);
    execFileSync('truncate', ['-s', `${sizeMiB}M`, this.#image]);
    execFileSync('mkfs.ext4', ['-q', '-F', this.#image]);
    this.#mount();
  }

  /** Why there can be none on this machine; undefined when there can. */
  static missing(): string | undefined {
    if (process.getuid?.() !== 0) return 'only root may mount a disk';
    try {
      const disk = new PowerCutDisk(16);
      disk.remove();
      return undefined;
    } catch (error) {
      return `no loop device can be mounted here: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
    }
  }

  /** Keeps what is on the device this moment. Whoever writes must be frozen; afterwards, they have to be ended. */
  cut(): void {
    this.#cuts += 1;
    copyFileSync(this.#image, this.#imageOf(this.#cuts));
  }

  /** Power is back: the disk is what it was at the cut. Nobody may have a file open on it. */
  restore(): void {
    execFileSync('umount', [this.path]);
    rmSync(this.#image);
    this.#image = this.#imageOf(this.#cuts);
    this.#mount();
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.path]);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #mount(): void {
    execFileSync('mount', ['-o', 'loop', this.#image, this.path]);
  }

  #imageOf(number: number): string {
    return join(this.#directory, `disk-${number}.img`);
  }
}
