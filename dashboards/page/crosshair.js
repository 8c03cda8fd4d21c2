/** The moment beneath the pointer, shared by all pictures of a dashboard. */
export class Crosshair {
  /** Whether the others show it as well; Grafana's `graphTooltip`. */
  isShared = true;
  #followers = new Set();

  /** @returns what ends it */
  follow(follower) {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** @param at milliseconds since the epoch; undefined when the pointer has left */
  at(at, from) {
    if (!this.isShared) return;
    for (const follower of this.#followers) if (follower !== from) follower(at);
  }
}
