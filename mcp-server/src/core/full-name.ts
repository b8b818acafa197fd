/** Splitting a full name, only where it splits in one way. */

const PARTICLE =
  /^(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|ten|ter|zu|bin|al|el|st\.?)$/i;
const TITLE = /^(?:mr|mrs|ms|miss|dr|prof|herr|frau|mme|m)\.?$/i;

export interface SplitName {
  readonly first: string;
  readonly last: string;
}

/**
 * First and last name of `Ada Lovelace`, `Lovelace, Ada` or `Ludwig van Beethoven`, without a leading title.
 *
 * @returns null for a single word, for more words than can be told apart (`Mary Ann Smith`, `Juan García López`)
 *   and for scripts that write the family name first without a space
 */
export function splitFullName(text: string): SplitName | null {
  const comma = text.split(",").map((part) => part.trim());
  if (comma.length > 2) return null;
  const [last, first] = comma;
  if (last && first) return { first, last };
  const words = text.split(/\s+/).filter((word) => word !== "");
  const named = words.length > 2 && TITLE.test(words[0] ?? "") ? words.slice(1) : words;
  const [given, ...family] = named;
  if (given === undefined || family.length === 0) return null;
  const isOneFamilyName = family.slice(0, -1).every((word) => PARTICLE.test(word));
  return isOneFamilyName ? { first: given, last: family.join(" ") } : null;
}
