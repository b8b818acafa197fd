/** CSV files of any length for benchmarks and tests, the same for the same seed. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

const HEADER =
  "Email,First Name,Last Name,Company,Website,Job Title,Phone,Country,City,LinkedIn URL,Lead Score,Notes";

const FIRST =
  "Ada Jürgen Chloé Søren Mei Priya Luca Zoë Noah Olu Inés Kateřina Tom Aisha Björn Ruth".split(
    " ",
  );
const LAST =
  "Lovelace Müller Dubois Nielsen Tanaka Sharma Rossi O'Neill Novák Okafor García Smith Weiß Jones".split(
    " ",
  );
const COMPANIES =
  "Northwind Brightwater Silbersee Fjällräv Cedarhollow Papillon Quartzpeak Redgum Oakmere Larkspur".split(
    " ",
  );
const TITLES = [
  "Head of Sales",
  "CTO",
  "VP Marketing",
  "Einkaufsleiter",
  "Account Executive",
  "Data Engineer",
];
const PLACES = [
  { country: "Germany", city: "Berlin", phone: (n: string) => `030 ${n}` },
  {
    country: "United States",
    city: "Austin",
    phone: (n: string) => `(512) 5${n.slice(0, 2)}-${n.slice(2, 6)}`,
  },
  { country: "UK", city: "Leeds", phone: (n: string) => `+44 113 ${n}` },
  {
    country: "France",
    city: "Lyon",
    phone: (n: string) => `+33 4 72 ${n.slice(0, 2)} ${n.slice(2, 4)} ${n.slice(4, 6)}`,
  },
  { country: "", city: "", phone: () => "" },
] as const;

/** Numbers in [0, 1) that depend on the seed alone (the generator known as mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Writes a CSV of contacts: about 1 in 100 rows repeats an earlier e-mail, 1 in 200 has none that is valid, some values
 * are quoted. Nobody in it exists.
 */
export async function writeCsv(path: string, rows: number, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const out = createWriteStream(path);
  out.write(`${HEADER}\n`);
  let block = "";
  for (let row = 0; row < rows; row += 1) {
    block += line(row, random);
    if (block.length < 256 * 1024) continue;
    if (!out.write(block)) await once(out, "drain");
    block = "";
  }
  out.end(block);
  await finished(out);
}

function line(row: number, random: () => number): string {
  const pick = <T>(from: readonly [T, ...T[]] | readonly T[]): T | undefined =>
    from[Math.floor(random() * from.length)];
  const person = random() < 0.01 ? Math.floor(row / 2) : row;
  const employer = (person * 7_919) % 20_000;
  const company = `${COMPANIES[employer % COMPANIES.length]} ${employer}`;
  const host = `${ascii(company)}.com`;
  const first = FIRST[person % FIRST.length] ?? "";
  const last = pick(LAST) ?? "";
  const place = pick(PLACES);
  const digits = String(1_000_000 + Math.floor(random() * 8_999_999));
  const email =
    random() < 0.005 ? `${ascii(first)} at ${host}` : `${ascii(first)}.${person}@${host}`;
  const note = random() < 0.1 ? `"Met at the fair, said ""call me"" in May"` : "";
  return [
    emailOf(email, random),
    first,
    last,
    random() < 0.05 ? `"${company}, Inc."` : company,
    random() < 0.3 ? `https://www.${host}` : "",
    pick(TITLES),
    place?.phone(digits),
    place?.country,
    place?.city,
    random() < 0.2 ? `https://www.linkedin.com/in/${ascii(first)}-${person}` : "",
    Math.floor(random() * 100),
    note,
  ]
    .join(",")
    .concat("\n");
}

function emailOf(email: string, random: () => number): string {
  return random() < 0.1 ? email.toUpperCase() : email;
}

function ascii(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
}
