/** Foreign text made fit for a model: no hidden characters, no markup, bounded, and watched for instructions. */

/** Most characters that a kind of field may bring along. */
export const MODEL_LIMITS = { name: 80, title: 120, label: 120, description: 600 } as const;
export type ModelField = keyof typeof MODEL_LIMITS;

/**
 * `clean`: text is what the model may see, null when nothing was left. `suspected`: the field looks like an instruction
 * to a model and must be left out; `text` is kept only to recognise it in an answer.
 */
export type Sanitised =
  | { readonly kind: "clean"; readonly text: string | null }
  | { readonly kind: "suspected"; readonly text: string };

// Everything a person does not see but a model reads: controls, format characters (zero-width, bidirectional, tags),
// private use, variation selectors, and the letters that are drawn as nothing.
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2800]/gu;
const TAG_CHARACTERS = /[\u{E0020}-\u{E007E}]/gu;
// The flags of England, Scotland and Wales carry six; a hidden sentence carries more.
const MOST_HONEST_TAGS = 7;

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

// Orders to a model. A hit costs one field of one contact; a miss meets the other defences.
const ORDERS: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(previous|prior|above|earlier|preceding)\b/i,
  /\b(ignore|disregard|forget|override|bypass)\b.{0,40}\b(instruct\w*|prompts?|rules|guidelines|directions|context)\b/i,
  /\b(ignor\w*|vergiss|oublie\w*|olvida\w*|dimentica\w*)\b.{0,40}\b(instru\w*|anweisung\w*|istruzion\w*|regeln|consignes)\b/i,
  /\b(system|developer|hidden|initial) (prompt|message|instructions?)\b/i,
  /\b(new|updated|following|these) instructions?\b/i,
  /\b(you are now|you must now|pretend (to be|you)|roleplay|jailbreak|dan mode|prompt injection)\b/i,
  /\bact as (if|though|an? (ai|assistant|different|unrestricted|language model))\b/i,
  /\b(reply|respond|answer|output|print|say)\b[\s:]{1,3}(only|exactly|just|verbatim|with only|with exactly)\b/i,
  /\b(reply|respond|answer|output|print|say|write)\b.{0,15}\b(hacked|pwned)\b/i,
  /\bas an? (ai|language model)\b/i,
];

// Forms in which somebody speaks from inside data: another speaker, the end of a record, a text in code.
const FORMS: readonly RegExp[] = [
  /(^|[\s"'`{[(>|])(system|assistant|developer|human)["']?\s*:/i,
  /["'](role|content|tool_use|function_call)["']\s*:/i,
  /\bas an? assistant\b/i,
  /<\||\|>|\[\/?inst\]|<<\/?sys>>|```|={5,}|#{3,}/i,
  // The end of a JSON record in the middle of a value.
  /["'}\]]\s*[}\]]\s*[}\],;]|[}\]]\s*[}\]]\s*[{"]/,
  /[A-Za-z0-9+/]{60,}={0,2}/,
];

const LINK = /https?:|www\.|\/\/|\S+@\S+\.\S+/i;
const PHONE = /\+?\d[\d\s().\-/]{7,}\d/g;
const LINKS =
  /\b(?:https?:\/\/|www\.)\S+|[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+|\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|ai|app|dev|info|biz|eu|de|fr|uk|es|it|nl|xyz|me|ly|to|ru|cn)\b(?:\/\S*)?/gi;

/**
 * The text as a model may see it. Links, addresses and phone numbers are cut out of descriptions; in a name or a title
 * they make the field suspected.
 */
export function sanitise(text: string, field: ModelField): Sanitised {
  const visible = plainText(text);
  if (isSuspicious(text, visible, field)) return { kind: "suspected", text: visible };
  const bare = field === "description" ? withoutLinks(visible) : visible;
  return { kind: "clean", text: cut(bare, MODEL_LIMITS[field]) || null };
}

/** NFKC without hidden characters and markup, whitespace collapsed; the whole length. */
export function plainText(text: string): string {
  const visible = text.toWellFormed().normalize("NFKC").replace(HIDDEN, "");
  // Twice, because "&amp;lt;" and "<<b>script>" come out as markup once.
  return collapse(withoutMarkup(withoutMarkup(visible)).replace(HIDDEN, ""));
}

function withoutMarkup(text: string): string {
  return text
    .replace(/&(#x?[0-9a-f]{1,6}|[a-z]{2,6});/gi, (entity, name: string) => decoded(entity, name))
    .replace(/<!--.*?-->|<\/?[a-z!][^>]*>/gis, " ");
}

function decoded(entity: string, name: string): string {
  if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()] ?? entity;
  const hex = /^#x/i.test(name);
  const point = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
  return Number.isFinite(point) && point <= 0x10ffff ? String.fromCodePoint(point) : " ";
}

function collapse(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}

/** Whether a text, without hidden characters, tells a model what to do. */
export function ordersModel(text: string): boolean {
  return ORDERS.some((pattern) => pattern.test(text));
}

function isSuspicious(raw: string, visible: string, field: ModelField): boolean {
  if ((raw.match(TAG_CHARACTERS)?.length ?? 0) > MOST_HONEST_TAGS) return true;
  if (ordersModel(visible) || FORMS.some((pattern) => pattern.test(visible))) return true;
  return (field === "name" || field === "title") && LINK.test(visible);
}

/** Text without links, mail addresses and phone numbers: a model that never saw one cannot repeat one. */
export function withoutLinks(text: string): string {
  return collapse(text.replace(LINKS, " ").replace(PHONE, " "));
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return text
    .slice(0, limit)
    .toWellFormed()
    .replace(/\uFFFD$/, "")
    .trimEnd();
}
