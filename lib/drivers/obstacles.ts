/** What stands against a start, on one host. */
export interface Obstacle {
  readonly what: 'host' | 'memory' | 'cpu' | 'network' | 'storage';
  readonly says: string;
}

/** Why a host cannot carry a VM. The error of a start that failed has them in `details.hosts`. */
export interface HostObstacles {
  readonly host: string;
  readonly obstacles: readonly Obstacle[];
}

const mostNamed = 10;

/** Host by host, for a sentence. */
export function obstaclesInWords(hosts: readonly HostObstacles[]): string {
  const named = hosts.slice(0, mostNamed).map(({ host, obstacles }) => {
    return `${host}: ${obstacles.map(({ says }) => says).join(', ')}`;
  });
  const more = hosts.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
