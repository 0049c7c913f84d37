// Random flags and changes, evaluated by Amplitude's own engine. Run it by `scripts/oracle`.
//
// The engine takes flags in a compiled form that Amplitude's server makes. What is public of that form, in the engine's
// types, its documentation and the flags in the tests of Amplitude's SDKs, is done here: ranges include their start and
// not their end; a distribution starts at the rounded down and ends at the rounded up part of its slots, the first that
// has a slot wins; every segment falls back to `off`, which ends the search; all other users is a last segment without
// conditions. The arithmetic is in whole numbers of any size, and shares no code with what it checks.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [, , from, out, changes, users, seed] = process.argv;
const { EvaluationEngine } = createRequire(from)('@amplitude/experiment-core');
const engine = new EvaluationEngine();

// A generator of 32 bits (mulberry32), so that a seed gives the same vectors everywhere.
let state = Number(seed) >>> 0;
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const shuffled = (list) => {
  const rest = [...list];
  for (let i = rest.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [rest[i], rest[j]] = [rest[j], rest[i]];
  }
  return rest;
};
const some = (list) => shuffled(list).slice(0, 1 + below(list.length));
const copy = (value) => JSON.parse(JSON.stringify(value));

const NAMES = ['control', 'treatment', 'c', 'd', 'e'];
const COUNTRIES = ['US', 'DE', 'NL', 'JP', '(none)'];
const PLANS = ['free', 'beta', 'pro'];
const TAGS = ['x', 'y', 'z'];
const SALTS = ['mHdQDzeE', 'nI33zio8', 'ubvfZywq', 'sälz/✓'];

const percentage = () => pick([0, 1, 10, 20, 33, 50, 80, 99, 100, 100, below(101)]);
const weights = (variants) => {
  const total = {};
  for (const { key } of variants) total[key] = pick([0, 1, 1, 1, 2, 3, 33.333, 50, below(1000), 0.5]);
  total[pick(variants).key] = 1 + below(100);
  return total;
};
const condition = () =>
  pick([
    () => ({ prop: 'country', op: pick(['is', 'is not', 'is', 'contains', 'does not contain']), values: some(COUNTRIES) }),
    () => ({ prop: 'gp:plan', op: pick(['is', 'is not']), values: some(PLANS) }),
    () => ({ prop: 'gp:age', op: pick(['less', 'less or equal', 'greater', 'greater or equal']), values: some(['18', '21', '30', '65']) }),
    () => ({ prop: 'gp:tags', op: pick(['set contains', 'set does not contain', 'set is']), values: some(TAGS) }),
  ])();
const segment = (name, variants) => ({
  name,
  percentage: percentage(),
  ...(random() < 0.2 ? { bucketingKey: pick(['user_id', 'device_id']) } : {}),
  rolloutWeights: weights(variants),
  conditions: Array.from({ length: random() < 0.05 ? 0 : 1 + below(2) }, condition),
});
const flag = () => {
  const variants = NAMES.slice(0, 1 + below(4)).map((key) => ({ key }));
  return {
    key: 'x',
    kind: 'flag',
    state: 'active',
    bucketingKey: 'user_id',
    bucketingSalt: pick(SALTS),
    variants,
    rolloutPercentage: percentage(),
    rolloutWeights: weights(variants),
    targetSegments: ['one', 'two', 'three'].slice(0, below(4)).map((name) => segment(name, variants)),
  };
};

// Everything somebody could do to a flag; some of it moves nobody.
const part = (flag) => pick([flag, ...flag.targetSegments]);
const setPercentage = (part) => {
  part['percentage' in part ? 'percentage' : 'rolloutPercentage'] = percentage();
};
const EDITS = [
  (flag) => setPercentage(part(flag)),
  (flag) => (part(flag).rolloutWeights = weights(flag.variants)),
  (flag) => {
    const weights = part(flag).rolloutWeights;
    for (const key of Object.keys(weights)) weights[key] *= 2;
  },
  (flag) => (flag.variants = shuffled(flag.variants)),
  (flag) => {
    const key = NAMES.find((name) => flag.variants.every((variant) => variant.key !== name));
    if (!key) return;
    flag.variants.push({ key });
    for (const at of [flag, ...flag.targetSegments]) at.rolloutWeights[key] = below(3);
  },
  (flag) => {
    if (flag.variants.length < 2) return;
    const [{ key }] = flag.variants.splice(below(flag.variants.length), 1);
    for (const at of [flag, ...flag.targetSegments]) {
      delete at.rolloutWeights[key];
      if (Object.values(at.rolloutWeights).every((weight) => weight === 0)) at.rolloutWeights[flag.variants[0].key] = 1;
    }
  },
  (flag) => (flag.bucketingSalt = pick(SALTS)),
  (flag) => (flag.bucketingKey = pick(['user_id', 'device_id'])),
  (flag) => (flag.targetSegments = shuffled(flag.targetSegments)),
  (flag) => {
    // Names of segments are distinct, also when this edit comes twice.
    const name = flag.targetSegments.some((segment) => segment.name === 'new') ? 'newer' : 'new';
    flag.targetSegments.splice(below(flag.targetSegments.length + 1), 0, segment(name, flag.variants));
  },
  (flag) => flag.targetSegments.splice(below(flag.targetSegments.length), 1),
  (flag) => {
    const at = pick(flag.targetSegments);
    if (at) at.conditions = pick([[], at.conditions.slice(1), [...at.conditions, condition()], [condition()]]);
  },
  (flag) => {
    const at = pick(pick(flag.targetSegments)?.conditions ?? []);
    if (!at) return;
    const all = { country: COUNTRIES, 'gp:plan': PLANS, 'gp:age': ['18', '21', '30', '65'], 'gp:tags': TAGS }[at.prop];
    at.values = some(all);
  },
  (flag) => {
    const at = pick(pick(flag.targetSegments)?.conditions ?? []);
    const turned = { less: 'less or equal', 'less or equal': 'less', greater: 'greater or equal', 'greater or equal': 'greater' };
    if (at && turned[at.op]) at.op = turned[at.op];
  },
  (flag) => (flag.state = 'inactive'),
];

const SLOTS = 42949673n;
const whole = (weight) => BigInt(Math.round(weight * 1000));
const selector = (prop) =>
  prop.startsWith('gp:') ? ['context', 'user', 'user_properties', prop.slice(3)] : ['context', 'user', prop];
const bucket = (flag, percentage, weights, key) => {
  const total = flag.variants.reduce((sum, variant) => sum + whole(weights[variant.key] ?? 0), 0n);
  let upto = 0n;
  const distributions = [];
  for (const variant of flag.variants) {
    const weight = whole(weights[variant.key] ?? 0);
    const start = (upto * (SLOTS - 1n)) / total;
    upto += weight;
    const end = (upto * SLOTS + total - 1n) / total;
    if (weight > 0n) distributions.push({ variant: variant.key, range: [Number(start), Number(end)] });
  }
  return { selector: ['context', 'user', key], salt: flag.bucketingSalt, allocations: [{ range: [0, percentage], distributions }] };
};
const compile = (flag) => {
  const variants = { off: { key: 'off', metadata: { default: true } } };
  for (const { key } of flag.variants) variants[key] = { key, value: key };
  const last = { metadata: { segmentName: 'All Other Users' }, variant: 'off' };
  if (flag.state !== 'active') return { key: flag.key, variants, segments: [last] };
  const segments = flag.targetSegments.map((segment) => ({
    metadata: { segmentName: segment.name },
    variant: 'off',
    // Without conditions a segment takes everyone.
    conditions: [segment.conditions.map(({ prop, op, values }) => ({ selector: selector(prop), op, values }))],
    bucket: bucket(flag, segment.percentage, segment.rolloutWeights, segment.bucketingKey ?? flag.bucketingKey),
  }));
  last.bucket = bucket(flag, flag.rolloutPercentage, flag.rolloutWeights, flag.bucketingKey);
  return { key: flag.key, variants, segments: [...segments, last] };
};

const user = (n) => {
  const maybe = (list) => (random() < 0.1 ? undefined : pick(list));
  const id = `${pick(['user-', '', 'ü', 'a.b@'])}${n}`;
  return {
    user_id: id,
    // Another one, and still one that the vectors need not repeat.
    device_id: `${id}!`,
    country: maybe(['US', 'DE', 'NL', 'JP', 'FR']),
    user_properties: {
      plan: maybe(['free', 'beta', 'pro', 'max']),
      age: maybe(['17', '18', '20', '21', '29.5', '30', '64', '65', '80', 'old']),
      tags: maybe([['x'], ['x', 'y'], ['y', 'z'], ['x', 'y', 'z'], []]),
    },
  };
};
const evaluate = (flag, compiled, user) => {
  const { key, metadata } = engine.evaluate({ user }, [compiled])[flag.key];
  const at = flag.targetSegments.findIndex((segment) => segment.name === metadata.segmentName);
  // One past the last segment is all other users.
  return [at < 0 ? flag.targetSegments.length : at, key === 'off' ? null : key];
};

const cases = [];
for (let number = 0; number < Number(changes); number++) {
  const before = flag();
  const after = copy(before);
  for (let edits = 1 + below(2); edits > 0; edits--) pick(EDITS)(after);
  if (random() < 0.03) before.state = 'inactive';
  const compiled = [compile(before), compile(after)];
  const outcomes = [];
  const index = (outcome) => {
    const found = outcomes.findIndex((other) => other[0] === outcome[0] && other[1] === outcome[1]);
    return found < 0 ? outcomes.push(outcome) - 1 : found;
  };
  const seen = Array.from({ length: Number(users) }, (_, n) => {
    const one = user(number * 7919 + n);
    return [one.user_id, index(evaluate(before, compiled[0], one)), index(evaluate(after, compiled[1], one))];
  });
  cases.push({ before, after, outcomes, users: seen });
}
const about = {
  source: '@amplitude/experiment-core 0.13.6, MIT licence, Copyright (c) 2020 Amplitude Analytics',
  made: `scripts/oracle: ${changes} changes, ${users} users each, seed ${seed}`,
};
const lines = cases.map((it) => JSON.stringify(it));
writeFileSync(out, `{"about": ${JSON.stringify(about)},\n"cases": [\n${lines.join(',\n')}\n]}\n`);
