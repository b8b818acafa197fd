/** How the demo talks: steps, tables and checks on standard output, and whether every check held. */

const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
const dim = (text: string): string => `\u001b[2m${text}\u001b[0m`;
const green = (text: string): string => `\u001b[32m${text}\u001b[0m`;
const red = (text: string): string => `\u001b[31m${text}\u001b[0m`;

/** Tells the story and keeps the score. */
export class Teller {
  readonly #colour: boolean;
  #step = 0;
  #held = 0;
  #broken = 0;

  constructor(colour: boolean) {
    this.#colour = colour;
  }

  title(text: string): void {
    this.#print(`\n${this.#paint(bold, text)}\n`);
  }

  step(text: string): void {
    this.#step += 1;
    this.#print(`\n${this.#paint(bold, `${this.#step}. ${text}`)}\n`);
  }

  say(text: string): void {
    this.#print(`   ${text}\n`);
  }

  aside(text: string): void {
    this.#print(`   ${this.#paint(dim, text)}\n`);
  }

  /** Non-zero counts on one line, in the order given. */
  counts(counts: Readonly<Record<string, number>>): void {
    const shown = Object.entries(counts).filter(([, count]) => count > 0);
    const parts = shown.map(
      ([name, count]) => `${count.toLocaleString("en")} ${name.replaceAll("_", " ")}`,
    );
    this.say(parts.join(" · ") || "nothing to do");
  }

  /** A claim that the demo tests itself. */
  check(claim: string, holds: boolean): void {
    if (holds) this.#held += 1;
    else this.#broken += 1;
    this.#print(`   ${holds ? this.#paint(green, "✓") : this.#paint(red, "✗")} ${claim}\n`);
  }

  /** Whether every check held. */
  end(seconds: number): boolean {
    const verdict = `${this.#held} checks held, ${this.#broken} did not, in ${seconds.toFixed(1)} s.`;
    this.title(verdict);
    return this.#broken === 0;
  }

  #paint(style: (text: string) => string, text: string): string {
    return this.#colour ? style(text) : text;
  }

  #print(text: string): void {
    process.stdout.write(text);
  }
}
