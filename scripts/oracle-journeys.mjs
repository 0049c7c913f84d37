// States of flags on their way from one content to another, evaluated by Amplitude's own engine. Run it by `scripts/oracle`.
//
// In: a line of JSON for each journey, as tests/amplitude/journey.rs writes them: every state there was, and what the test
// says that each user gets in it. Out: nothing, or the first state in which the engine gives a user something else. Who is
// included by name is a first segment, as in the engine's compiled form; one that is off, archived or not in a deployment
// gives nobody anything.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [, , from, path] = process.argv;
const { EvaluationEngine } = createRequire(from)('@amplitude/experiment-core');
const engine = new EvaluationEngine();

const SLOTS = 42949673n;
const whole = (weight) => BigInt(Math.round(weight * 1000));
const bucket = (flag, percentage, weights) => {
  const total = flag.variants.reduce((sum, key) => sum + whole(weights[key] ?? 0), 0n);
  let upto = 0n;
  const distributions = [];
  for (const variant of flag.variants) {
    const weight = whole(weights[variant] ?? 0);
    if (weight === 0n) continue;
    const start = (upto * (SLOTS - 1n)) / total;
    upto += weight;
    distributions.push({ variant, range: [Number(start), Number((upto * SLOTS + total - 1n) / total)] });
  }
  const allocations = [{ range: [0, percentage], distributions }];
  return { selector: ['context', 'user', flag.bucketingKey], salt: flag.bucketingSalt, allocations };
};
const compile = (flag) => {
  const variants = { off: { key: 'off', metadata: { default: true } } };
  for (const key of flag.variants) variants[key] = { key, value: key };
  const included = Object.entries(flag.users)
    .filter(([key, users]) => flag.variants.includes(key) && users.length > 0)
    .map(([variant, values]) => ({ variant, conditions: [[{ selector: ['context', 'user', 'user_id'], op: 'is', values }]] }));
  const segments = flag.targetSegments.map((segment) => ({
    variant: 'off',
    conditions: [segment.conditions.map(({ prop, op, values }) => ({ selector: ['context', 'user', 'user_properties', prop.slice(3)], op, values }))],
    bucket: bucket(flag, segment.percentage, segment.rolloutWeights),
  }));
  const last = { variant: 'off', bucket: bucket(flag, flag.rolloutPercentage, flag.rolloutWeights) };
  return { key: 'pay', variants, segments: [...included, ...segments, last] };
};

let seen = 0;
for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
  const { flag, users, gets } = JSON.parse(line);
  const compiled = compile(flag);
  for (const [at, user] of users.entries()) {
    const { key } = engine.evaluate({ user }, [compiled]).pay;
    const is = key === 'off' ? null : key;
    if (is !== gets[at]) {
      console.error(`${user.user_id} gets ${is} of the engine and ${gets[at]} here:\n${line}`);
      process.exit(1);
    }
    seen += 1;
  }
}
if (seen === 0) throw new Error('there is no state to look at');
console.log(`${seen} users in states on the way get what Amplitude's engine gives them`);
