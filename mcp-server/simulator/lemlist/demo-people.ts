/** Invented people of the demo data: names of many languages, titles, and phone numbers nobody can be rung on. */

import type { DemoCountry } from "./demo-companies.ts";
import { pickNumber } from "./object-id.ts";

const FIRST_NAMES =
  "Amara,Björn,Chloé,Diego,Élodie,Farah,Giulia,Hiroshi,Ingrid,Jamal,Katarzyna,Liam,María José,Nguyễn,Olivia,Priya,Quentin,Renée,Søren,Thandiwe,Ursula,Viktor,Wei,Ximena,Yusuf,Zoë,Anne-Marie,Łukasz,Siobhán,Tomás".split(
    ",",
  );

const LAST_NAMES =
  "Okonkwo,Lindqvist,Dubois,Fernández,Müller,Haddad,Rossi,Tanaka,Johansson,Washington,Kowalska,O'Brien,García López,Thi Lan,Bennett,Raghunathan,Lefèvre,Saint-Clair,Østergaard,Ndlovu,Weiß,Petrov,Zhang,Castañeda,Yılmaz,van der Berg,Dahl,Wiśniewski,Ní Bhriain,Almeida".split(
    ",",
  );

/** Job titles, from the ones a buyer holds to the ones that say nothing. */
export const TITLES =
  "Head of Sales,VP Marketing,Chief Technology Officer,Directeur commercial,Leiter Vertrieb,RevOps Manager,Founder & CEO,Growth Engineer,Inköpschef,Customer Success Lead,IT-Leiter,Data Engineer,Finance Director,Product Manager,Office Manager".split(
    ",",
  );

const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ø: "o",
  Ø: "O",
  ł: "l",
  Ł: "L",
  ß: "ss",
  ı: "i",
};

/** A person of the demo data. */
export type DemoPerson = {
  readonly firstName: string;
  readonly lastName: string;
  readonly jobTitle: string;
};

/** The person at a position; 900 different names before one comes back. */
export function demoPerson(position: number): DemoPerson {
  const first = position % FIRST_NAMES.length;
  const last = (position * 7 + Math.floor(position / FIRST_NAMES.length)) % LAST_NAMES.length;
  return {
    firstName: FIRST_NAMES[first] ?? "",
    lastName: LAST_NAMES[last] ?? "",
    jobTitle: TITLES[pickNumber(`title/${position}`, TITLES.length)] ?? "",
  };
}

/** The part before the at-sign: plain letters, first and last name with a dot. */
export function mailbox(person: DemoPerson): string {
  const plain = `${person.firstName}.${person.lastName}`
    .replace(/[øØłŁßı]/g, (letter) => PLAIN_LETTERS[letter] ?? "")
    .normalize("NFD");
  return plain.replace(/[^A-Za-z.]/g, "").toLowerCase();
}

/**
 * A number in the range that the country's regulator keeps for film and fiction, written in one of the
 * ways people write numbers; nobody answers there.
 */
export function demoPhone(country: DemoCountry, position: number): string {
  const two = String(position % 100).padStart(2, "0");
  const three = String(position % 1000).padStart(3, "0");
  const styles: Readonly<Record<DemoCountry, readonly string[]>> = {
    US: [`+1 202-555-01${two}`, `(415) 555-01${two}`, `+1 (212) 555-01${two}`],
    GB: [`+44 20 7946 0${three}`, `020 7946 0${three}`, `+44 7700 900${three}`],
    DE: [`+49 30 23125${three}`, `030 23125 ${three}`, `0049 69 90009${three}`],
    FR: [`+33 1 99 00 ${two} 17`, `06 39 98 ${two} 41`, `+33 (0)6 39 98 ${two} 05`],
    SE: [`+46 8 465 004 ${two}`, `08-465 004 ${two}`, `+46 8 465 00${three}`],
    AU: [`+61 2 5550 0${three}`, `(02) 5550 0${three}`, `+61 491 570 ${three}`],
  };
  return styles[country][position % 3] ?? "";
}
