/** Company names compared as people mean them: without legal form, case, accents and punctuation. */

// Legal forms as they stand at the end of a name once dots and spaces inside them are gone.
const LEGAL_FORMS = new Set(
  (
    "inc incorporated llc llp lp ltd limited plc corp corporation co company gmbh ag kg kgaa ohg gbr ug se mbh " +
    "sa sas sasu sarl sl slu srl spa snc bv nv vof cv ab oy oyj as asa aps sro zoo spzoo doo kft zrt ood " +
    "pty pte pvt private sdn bhd kk ltda eirl sab sapi holding holdings group"
  ).split(" "),
);

// Share of letters that must agree for two spellings to mean one company; below it "Acme" and "Acne" would too.
const SAME_ENOUGH = 0.85;

/** A name in its comparable form, e.g. `The Müller & Söhne GmbH` → `muller and sohne`; "" when nothing is left. */
export function normaliseCompanyName(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/[&+]/g, " and ")
    .replace(/['’.]/g, "")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  return withoutLegalForm(words[0] === "the" ? words.slice(1) : words).join(" ");
}

function withoutLegalForm(words: readonly string[]): readonly string[] {
  let end = words.length;
  // The first word always stays: "Group" or "Company" may be the whole name.
  while (end > 1 && isDroppable(words[end - 1])) end--;
  return words.slice(0, end);
}

// "GmbH & Co. KG": what joins two legal forms goes with them.
function isDroppable(word: string | undefined): boolean {
  return word === "and" || (word !== undefined && LEGAL_FORMS.has(word));
}

/** True when two names most likely mean one company: equal, nearly equal, or one is the beginning of the other. */
export function isSameCompany(a: string, b: string): boolean {
  const left = normaliseCompanyName(a);
  const right = normaliseCompanyName(b);
  if (left === "" || right === "") return false;
  if (left === right || left.replaceAll(" ", "") === right.replaceAll(" ", "")) return true;
  if (`${left} `.startsWith(`${right} `) || `${right} `.startsWith(`${left} `)) return true;
  return similarity(left, right) >= SAME_ENOUGH;
}

/** 1 for equal texts, 0 for texts without a common letter: 1 − edit distance / longer length. */
export function similarity(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 1 : 1 - editDistance(a, b) / longer;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const gap = Math.min(previous[column] ?? 0, current[column - 1] ?? 0) + 1;
      current.push(Math.min(substitution, gap));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
