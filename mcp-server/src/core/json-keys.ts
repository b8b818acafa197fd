/** Keys that stand twice in one object of a JSON text: JSON.parse drops all but the last of them without a word. */

/** An object or array whose end has not been reached. `key` is the one whose value is being read. */
interface Open {
  readonly path: readonly string[];
  readonly keys: Set<string>;
  key: string;
}

// Strings that a colon follows are keys; other strings are matched only so that brackets inside of them do not count.
const token = /("(?:[^"\\]|\\.)*")\s*(:)?|[{}[\]]/gs;

/** The paths ("contacts.email") of keys that stand twice, in the order of the text. @param json a text that JSON.parse takes */
export function repeatedKeys(json: string): string[] {
  const repeated: string[] = [];
  const open: Open[] = [];
  for (const [found, string = "", colon] of json.matchAll(token)) {
    if (found === "{" || found === "[") open.push(opened(open.at(-1)));
    else if (found === "}" || found === "]") open.pop();
    else if (colon !== undefined) repeated.push(...entered(open.at(-1), JSON.parse(string)));
  }
  return repeated;
}

function opened(outer: Open | undefined): Open {
  return { path: outer ? [...outer.path, outer.key] : [], keys: new Set(), key: "" };
}

/** Notes a key; its path when it stands there already. */
function entered(object: Open | undefined, key: string): readonly string[] {
  if (object === undefined) return [];
  const isKnown = object.keys.has(key);
  object.keys.add(key);
  object.key = key;
  return isKnown ? [[...object.path, key].join(".")] : [];
}
