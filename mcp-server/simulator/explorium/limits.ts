/** Explorium's quota and credits: 200 a minute in a sliding window, and a purse that ends in 403. */

/** What the quota counts: each entity of a bulk call (the newer documentation) or each call (the older). */
export type QuotaUnit = "entities" | "requests";

/** The state of the sliding window after a call was weighed. */
export type Quota = {
  readonly isAllowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds since the epoch at which room for the call is free again. */
  readonly resetAt: number;
};

/** A sliding window over what one key used. */
export class SlidingWindow {
  #used: { at: number; weight: number }[] = [];

  /** Takes the weight if it fits, and says what is left either way; a refused call costs nothing. */
  take(weight: number, now: number, rule: { limit: number; windowMs: number }): Quota {
    this.#used = this.#used.filter(({ at }) => now - at < rule.windowMs);
    const used = this.#total();
    const isAllowed = used + weight <= rule.limit;
    const resetAt = this.#freeAt(isAllowed ? used : used + weight - rule.limit, rule.windowMs, now);
    if (isAllowed && weight > 0) this.#used.push({ at: now, weight });
    const remaining = Math.max(0, rule.limit - this.#total());
    return { isAllowed, limit: rule.limit, remaining, resetAt };
  }

  /** Forgets everything used. */
  clear(): void {
    this.#used = [];
  }

  #total(): number {
    return this.#used.reduce((sum, { weight }) => sum + weight, 0);
  }

  #freeAt(needed: number, windowMs: number, now: number): number {
    let freed = 0;
    for (const { at, weight } of this.#used) {
      freed += weight;
      if (freed >= needed) return at + windowMs;
    }
    return now + windowMs;
  }
}

/** Credits of a key; a charge that does not fit is refused whole. */
export class Purse {
  #spent = 0;

  /** True when the charge was taken. */
  charge(credits: number, allocated: number): boolean {
    if (this.#spent + credits > allocated) return false;
    this.#spent += credits;
    return true;
  }

  /** Credits left of the allocation. */
  remaining(allocated: number): number {
    return Math.max(0, allocated - this.#spent);
  }

  /** Gives everything back. */
  clear(): void {
    this.#spent = 0;
  }
}
