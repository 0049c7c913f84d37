// Random flags, and what anybody may do to their rules: a part of `scripts/oracle-formats`.

// A generator of 32 bits (mulberry32), so that a seed gives the same vectors everywhere.
let state = 0;
export const sow = (seed) => (state = Number(seed) >>> 0);
export const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
export const below = (n) => Math.floor(random() * n);
export const pick = (list) => list[below(list.length)];
export const chance = (share) => random() < share;
export const shuffled = (list) => {
  const rest = [...list];
  for (let i = rest.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [rest[i], rest[j]] = [rest[j], rest[i]];
  }
  return rest;
};
export const some = (list) => shuffled(list).slice(0, 1 + below(list.length));
export const copy = (value) => JSON.parse(JSON.stringify(value));
export const map = (list, of) => Object.fromEntries(list.map((one) => [one, of(one)]));

export const NAMES = ['control', 'treatment', 'True', 'False', 'e'];
export const COUNTRIES = ['US', 'DE', 'NL', 'JP'];
export const KEYS = ['x', 'new-search', 'checkout.v2'];
export const variants = () => shuffled(NAMES).slice(0, 2 + below(3));
// Whole percentages of this many parts, which add up to 100.
export const hundred = (parts) => {
  const cuts = Array.from({ length: parts - 1 }, () => pick([0, 10, 25, 50, 50, 90, 99, 100, below(101)])).sort((a, b) => a - b);
  return [...cuts, 100].map((cut, at) => cut - (at ? cuts[at - 1] : 0));
};
export const who = () => (chance(0.06) ? null : some(COUNTRIES).sort());
export const holds = (rule, user) => !rule.who || rule.who.includes(user.country);
export const groupOf = (rules, user) => {
  const at = rules.findIndex((rule) => holds(rule, user));
  return at < 0 ? rules.length : at;
};

// What anybody may do to the rules of any format; `make` makes what a rule gives.
export const edits = (make) => [
  (flag) => Object.assign(pick([...flag.rules, flag.rest]), make(flag)),
  (flag) => Object.assign(pick([...flag.rules, flag.rest]), make(flag)),
  (flag) => (flag.rest = make(flag)),
  (flag) => (flag.rules = shuffled(flag.rules)),
  (flag) => {
    const name = ['new', 'newer', 'newest'].find((name) => flag.rules.every((rule) => rule.name !== name));
    if (name) flag.rules.splice(below(flag.rules.length + 1), 0, { name, who: who(), ...make(flag) });
  },
  (flag) => flag.rules.splice(below(flag.rules.length), 1),
  (flag) => flag.rules.length && (pick(flag.rules).who = who()),
  (flag) => {
    const name = ['renamed', 'again', 'so'].find((name) => flag.rules.every((rule) => rule.name !== name));
    if (name && flag.rules.length) pick(flag.rules).name = name;
  },
];
export const rules = (make, flag, most = 4) =>
  ['one', 'two', 'three'].slice(0, below(most)).map((name) => ({ name, who: who(), ...make(flag) }));
