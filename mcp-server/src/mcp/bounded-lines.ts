/** Lines of bounded length: what does not end is dropped, and the next line is taken again. */
import { Transform, type TransformCallback } from "node:stream";

const LINE_FEED = 10;

/** Passes whole lines on, each in one piece; one longer than `maxBytes` goes as soon as it is too long, and `onDropped` hears so once. */
export class BoundedLines extends Transform {
  readonly #maxBytes: number;
  readonly #onDropped: () => void;
  #held: Buffer[] = [];
  #length = 0;
  #isTooLong = false;

  constructor(maxBytes: number, onDropped: () => void) {
    super();
    this.#maxBytes = maxBytes;
    this.#onDropped = onDropped;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      this.#hold(chunk.subarray(from, end + 1));
      this.#endLine();
      from = end + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
    done();
  }

  #hold(piece: Buffer): void {
    if (this.#isTooLong) return;
    this.#length += piece.length;
    this.#held.push(piece);
    if (this.#length <= this.#maxBytes) return;
    this.#isTooLong = true;
    this.#held = [];
    this.#onDropped();
  }

  #endLine(): void {
    if (!this.#isTooLong) this.push(Buffer.concat(this.#held));
    this.#held = [];
    this.#length = 0;
    this.#isTooLong = false;
  }
}
