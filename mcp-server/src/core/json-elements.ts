/** Elements of a long JSON array, one by one as its text arrives, so that no step takes long. */

/** Finds where the elements of a top-level array end; the text may be cut anywhere. */
export class JsonElements {
  #rest = "";
  #at = 0;
  #depth = 0;
  #startsAt = -1;
  #isString = false;
  #isEscaped = false;
  #isClosed = false;

  /**
   * The texts of the objects that are complete now, in order. Elements that are no objects are passed over.
   *
   * @throws SyntaxError when the text is no array
   */
  push(text: string): readonly string[] {
    this.#rest += text;
    const complete: string[] = [];
    for (; this.#at < this.#rest.length; this.#at += 1) {
      const character = this.#rest.charAt(this.#at);
      if (this.#isString) this.#insideString(character);
      else if (this.#outsideString(character)) {
        complete.push(this.#rest.slice(this.#startsAt, this.#at + 1));
        this.#startsAt = -1;
      }
    }
    this.#forget();
    return complete;
  }

  /** @throws SyntaxError when the array did not come to its end: the text was cut off */
  end(): void {
    if (!this.#isClosed) throw new SyntaxError("the array does not end");
  }

  #insideString(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (character === "\\") this.#isEscaped = true;
    else if (character === '"') this.#isString = false;
  }

  /** True when the character closes an element. */
  #outsideString(character: string): boolean {
    if (character === '"') this.#isString = true;
    else if (character === "[" || character === "{") this.#opens(character);
    else if (character === "]" || character === "}") return this.#closes();
    else if (this.#depth === 0 && character.trim() !== "") throw new SyntaxError("not an array");
    return false;
  }

  #opens(character: string): void {
    if (this.#depth === 0 && (character !== "[" || this.#isClosed)) {
      throw new SyntaxError("not an array");
    }
    if (this.#depth === 1 && character === "{") this.#startsAt = this.#at;
    this.#depth += 1;
  }

  #closes(): boolean {
    this.#depth -= 1;
    if (this.#depth === 0) this.#isClosed = true;
    return this.#depth === 1 && this.#startsAt >= 0;
  }

  /** Drops what is not needed any more. */
  #forget(): void {
    const from = this.#startsAt >= 0 ? this.#startsAt : this.#at;
    this.#rest = this.#rest.slice(from);
    this.#at -= from;
    if (this.#startsAt >= 0) this.#startsAt = 0;
  }
}
