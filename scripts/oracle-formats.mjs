// Random flags and changes in the files of other formats, evaluated by the engine each of them publishes. Run it by
// `scripts/oracle-formats`.
//
// A flag has rules, each about users of some countries, and a rest. Which rule a user is in is simple enough to be said
// here; what a user gets is what the engine says. Files are written as people write them, and the engine is given the same
// as its own server or builder makes of them.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WASI } from 'node:wasi';

import { COUNTRIES, KEYS, below, chance, copy, edits, groupOf, hundred, map, pick, rules, shuffled, some, sow, variants, who } from './oracle-random.mjs';

const [, , from, wasm, out, changes, users, seed, ...wanted] = process.argv;
const require = createRequire(from);
const yaml = require('js-yaml');
for (const name of ['log', 'warn', 'info', 'debug']) console[name] = () => {};

// GO Feature Flag: its evaluation module, at a date of our choice.
const goff = async () => {
  let now = 0n;
  let memory;
  const wasi = new WASI({ version: 'preview1' });
  const imports = wasi.getImportObject();
  imports.wasi_snapshot_preview1.clock_time_get = (_clock, _precision, at) => {
    new DataView(memory.buffer).setBigUint64(at, now, true);
    return 0;
  };
  const { instance } = await WebAssembly.instantiate(readFileSync(wasm), imports);
  memory = instance.exports.memory;
  wasi.start(instance);
  const { malloc, free, evaluate } = instance.exports;
  const call = (input) => {
    const bytes = Buffer.from(JSON.stringify(input));
    const at = malloc(bytes.length + 1);
    new Uint8Array(memory.buffer).set([...bytes, 0], at);
    const found = BigInt.asUintN(64, evaluate(at, bytes.length));
    const text = Buffer.from(memory.buffer, Number(found >> 32n), Number(found & 0xffffffffn)).toString();
    free(at);
    return JSON.parse(text);
  };

  const CLOCKS = { now: '2026-01-01', mid: '2030-01-01', end: '2040-01-01' };
  const percentage = (flag) => {
    const of = map(some(flag.variants), () => pick([0, 1, 5, 10, 33.333, 50, 66.667, 99.5, 100, below(101)]));
    of[pick(Object.keys(of))] = 1 + below(100);
    return of;
  };
  const moving = (flag) => {
    const dates = flag.clock === 'now' || chance(0.5) ? ['2020-01-01', '2020-03-01'] : ['2029-01-01', pick(['2031-01-01', '2029-06-01'])];
    const [initial, end] = dates.map((date) => ({ variation: pick(flag.variants), date: `${date}T00:00:00Z` }));
    if (chance(0.5)) [initial.percentage, end.percentage] = [below(50), pick([0, 50, 80, 100])];
    return { initial, end };
  };
  const give = (flag) => {
    const it = { variation: undefined, percentage: undefined, progressiveRollout: undefined };
    if (chance(0.12)) it.progressiveRollout = moving(flag);
    else if (chance(0.7)) it.percentage = percentage(flag);
    else it.variation = pick(flag.variants);
    return it;
  };
  const step = (flag, date) => ({
    date: `${date}T00:00:00Z`,
    ...pick([
      () => ({ disable: chance(0.5) }),
      () => ({ defaultRule: { percentage: { ...percentage(flag), ...(chance(0.3) ? { [pick(flag.variants)]: -1 } : {}) } } }),
      () => ({ defaultRule: { variation: pick(flag.variants) } }),
      () => ({ targeting: flag.rules.length ? [{ name: pick(flag.rules).name, percentage: percentage(flag) }] : [] }),
      () => ({ targeting: [{ name: 'later', query: query(who()), variation: pick(flag.variants) }] }),
    ])(),
  });
  const schedule = (flag) => ['2028-06-01', '2032-06-01'].slice(below(2)).map((date) => step(flag, date));
  const query = (who) => who && `country in [${who.map((one) => JSON.stringify(one))}]`;
  const flagOf = (flag) => {
    const { name: _name, who: _who, ...rest } = flag.rest;
    return copy({
      variations: map(flag.variants, (name) => name),
      targeting: flag.rules.map(({ name, who, ...rule }) => ({ name, query: query(who) ?? undefined, ...rule })),
      defaultRule: rest,
      disable: flag.disable,
      scheduledRollout: flag.schedule,
      bucketingKey: flag.bucketingKey,
    });
  };
  return {
    about: 'the evaluation module 0.2.4 of gofeatureflag-python-provider 1.3.0, Apache-2.0 licence, of thomaspoignant/go-feature-flag',
    path: 'flags.goff.yaml',
    fresh: () => {
      const flag = { key: pick(KEYS), variants: variants(), clock: pick(['now', 'now', 'now', 'mid', 'end']) };
      flag.rules = rules(give, flag);
      flag.rest = give(flag);
      if (chance(0.1)) flag.disable = true;
      if (chance(0.15)) flag.schedule = schedule(flag);
      return flag;
    },
    edits: [
      ...edits(give),
      (flag) => (flag.variants = shuffled(flag.variants)),
      (flag) => flag.rules.length && (pick(flag.rules).disable = chance(0.7)),
      (flag) => (flag.disable = chance(0.5)),
      (flag) => (flag.schedule = chance(0.7) ? schedule(flag) : undefined),
      (flag) => (flag.bucketingKey = chance(0.5) ? 'account' : undefined),
    ],
    text: (flag) => yaml.dump({ [flag.key]: flagOf(flag) }, { flowLevel: 3, lineWidth: 200 }),
    evaluator: (flag) => {
      const written = flagOf(flag);
      const live = flag.rules.filter((rule) => !rule.disable);
      return (user) => {
        now = BigInt(Date.parse(CLOCKS[flag.clock])) * 1000000n;
        const evalContext = { targetingKey: user.id, country: user.country, account: `${user.id}!` };
        const got = call({ flagKey: flag.key, flag: written, evalContext, flagContext: { defaultSdkValue: 'default of the code' } });
        return [groupOf(live, user), got.variationType === 'SdkDefault' ? null : got.variationType];
      };
    },
    more: (flag) => ({ at: flag.clock }),
  };
};

// Flipt: its client-side engine, given the state that a server would send.
const flipt = async () => {
  const { FliptClient } = require('@flipt-io/flipt-client-js');
  const give = (flag) => {
    if (flag.boolean) return { value: chance(0.5), percentage: undefined };
    if (chance(0.08)) return { distributions: [] };
    const parts = chance(0.3) ? [pick([[33.3, 66.7], [33.3, 33.3, 33.4], [0.1, 99.9], [12.5, 87.5], [99.9, 0.1], [14.3, 28.6, 57.1], [12.25, 87.75]])].flat() : hundred(1 + below(4));
    const names = shuffled(flag.variants).slice(0, parts.length);
    if (names.length < parts.length) return give(flag);
    if (chance(0.03)) parts[0] += 7;
    return { distributions: names.map((variant, at) => ({ variant, rollout: parts[at] })) };
  };
  const threshold = () => ({ name: 'by percentage', who: null, value: chance(0.7), percentage: pick([0, 1, 10, 33.3, 50, 99.5, 100, below(101)]) });
  const everyone = (who) => (who ?? ['everyone']).join('-').toLowerCase();
  const segment = (who) => ({
    key: everyone(who),
    match_type: 'ANY_MATCH_TYPE',
    constraints: who ? [{ type: 'STRING_COMPARISON_TYPE', property: 'country', operator: 'isoneof', value: JSON.stringify(who) }] : [],
  });
  const segmentsOf = (flag) => {
    const used = new Map(flag.rules.map(({ who }) => [everyone(who), who]));
    return [...used.values()].map(segment);
  };
  const stated = (who) => {
    const { key, match_type: matchType, constraints } = segment(who);
    const known = constraints.map((it) => ({ ...it, id: key, type: 'STRING_CONSTRAINT_COMPARISON_TYPE' }));
    return { key, matchType, constraints: known };
  };
  const flagOf = ({ key, enabled, boolean, variants, fallback, rules }) => {
    const written = { key, name: key, type: boolean ? 'BOOLEAN_FLAG_TYPE' : 'VARIANT_FLAG_TYPE', enabled };
    if (boolean) {
      written.rollouts = rules.map(({ who, value, percentage }) =>
        percentage === undefined ? { segment: { key: everyone(who), value } } : { threshold: { percentage, value } },
      );
    } else {
      written.variants = variants.map((key) => ({ key, ...(key === fallback ? { default: true } : {}) }));
      written.rules = rules.map(({ who, distributions }) => ({ segment: everyone(who), distributions }));
    }
    return copy(written);
  };
  const stateOf = ({ key, enabled, boolean, fallback, rules }) => {
    const flag = { key, name: key, type: boolean ? 'BOOLEAN_FLAG_TYPE' : 'VARIANT_FLAG_TYPE', enabled };
    if (boolean) {
      flag.rollouts = rules.map(({ who, value, percentage }, rank) =>
        percentage === undefined
          ? { type: 'SEGMENT_ROLLOUT_TYPE', rank: rank + 1, segment: { segmentOperator: 'OR_SEGMENT_OPERATOR', value, segments: [stated(who)] } }
          : { type: 'THRESHOLD_ROLLOUT_TYPE', rank: rank + 1, threshold: { percentage, value } },
      );
    } else {
      flag.rules = rules.map(({ who, distributions }, rank) => ({
        id: `${rank}`,
        segments: [stated(who)],
        rank: rank + 1,
        segmentOperator: 'OR_SEGMENT_OPERATOR',
        distributions: distributions.map(({ variant, rollout }, at) => ({ id: `${at}`, ruleId: `${rank}`, rollout, variantKey: variant, variantAttachment: '' })),
      }));
      if (fallback) flag.defaultVariant = { id: fallback, key: fallback, attachment: '' };
    }
    return { namespace: { key: 'shop' }, flags: [flag] };
  };
  const clients = [];
  return {
    about: '@flipt-io/flipt-client-js 0.5.1, MIT licence, Copyright Flipt Software Inc.',
    path: 'features.yaml',
    scope: '@shop',
    fresh: () => {
      const flag = { key: pick(KEYS), variants: variants(), boolean: chance(0.4), enabled: chance(0.85) };
      if (chance(0.4)) flag.fallback = pick(flag.variants);
      flag.rules = rules(give, flag);
      flag.rest = {};
      if (flag.boolean) for (let more = below(3); more > 0; more--) flag.rules.splice(below(flag.rules.length + 1), 0, threshold());
      return flag;
    },
    edits: [
      ...edits(give).filter((_, at) => at !== 2),
      (flag) => flag.boolean && flag.rules.splice(below(flag.rules.length + 1), 0, threshold()),
      (flag) => flag.rules.filter((rule) => rule.percentage !== undefined).slice(0, 1).map((rule) => Object.assign(rule, threshold())),
      (flag) => (flag.fallback = chance(0.6) ? pick(flag.variants) : undefined),
      (flag) => flag.rules.length && (pick(flag.rules).distributions = give({ ...flag, boolean: false }).distributions),
      (flag) => (flag.enabled = chance(0.5)),
    ],
    text: (flag) => yaml.dump({ version: '1.2', namespace: 'shop', flags: [flagOf(flag)], segments: segmentsOf(flag) }, { flowLevel: 3, lineWidth: 200 }),
    evaluator: async (flag) => {
      clients.splice(0).forEach((client) => client.close?.());
      const response = async () => new Response(JSON.stringify(stateOf(flag)));
      const client = await FliptClient.init({ namespace: 'shop', url: 'http://localhost:1', fetcher: response, updateInterval: 0 });
      clients.push(client);
      const groups = flag.rules.filter((rule) => rule.percentage === undefined);
      return (user) => {
        const request = { flagKey: flag.key, entityId: user.id, context: { country: user.country } };
        const got = flag.boolean ? `${client.evaluateBoolean(request).enabled}` : client.evaluateVariant(request).variantKey || null;
        return [groupOf(groups, user), got];
      };
    },
    more: () => ({}),
  };
};

// Featurevisor: its builder, with the state of the builds before, and its SDK.
const featurevisor = async () => {
  const { createInstance } = require('@featurevisor/sdk');
  const { buildDatafile } = require('@featurevisor/core/lib/builder/buildDatafile.js');
  repair();
  const give = () => ({ percentage: pick([0, 1, 5, 10, 20, 33.3, 50, 80, 99.9, 100, 100, below(101)]) });
  const weighed = () => {
    const number = below(4);
    if (number === 0) return undefined;
    const weights = hundred(number);
    return shuffled(['control', 'treatment', 'c']).slice(0, number).map((value, at) => ({ value, weight: weights[at] }));
  };
  const named = (who) => (who ? `in-${who.join('-').toLowerCase()}` : '*');
  const written = (flag) => flag.rules.map(({ name: key, who, percentage }) => ({ key, segments: named(who), percentage }));
  const common = ({ bucketBy, variations }) => copy({ description: 'x', tags: ['all'], bucketBy, variations });
  const all = Array.from({ length: 15 }, (_, bits) => COUNTRIES.filter((_, at) => ((bits + 1) >> at) & 1).sort());
  const segments = map(all.map(named), (key) => ({ conditions: [{ attribute: 'country', operator: 'in', value: all.find((it) => named(it) === key) }] }));
  const build = (flag, state) => {
    const feature = { ...common(flag), environments: { production: { rules: written(flag) } } };
    const nothing = async () => [];
    const source = {
      listFeatures: async () => [flag.key],
      readFeature: async () => copy(feature),
      listSegments: async () => Object.keys(segments),
      readSegment: async (key) => segments[key],
      listGroups: nothing,
      listAttributes: nothing,
    };
    const there = new Proxy({ defaultBucketBy: 'userId' }, { get: (it, name) => it[name] ?? '.' });
    return buildDatafile(there, source, { schemaVersion: '1', revision: '1', environment: 'production' }, state);
  };
  const grown = (flag) => flag.rules.forEach((rule) => (rule.percentage = Math.min(100, rule.percentage + pick([0, 5, 20]))));
  return {
    about: '@featurevisor/core 1.11.1 and @featurevisor/sdk 1.27.2, MIT licence, Copyright Fahad Heylaal',
    path: 'features/FLAG.yml',
    scope: '@production',
    fresh: () => {
      const flag = { key: pick(['x', 'new-search']), bucketBy: 'userId', variations: weighed(), first: chance(0.5), rest: {}, state: { features: {} } };
      flag.rules = rules(give, flag).concat(chance(0.5) ? [{ name: 'everyone', who: null, ...give() }] : []);
      return flag;
    },
    // What was built before the change: the shares users have are not to be seen in the file.
    history: async (flag) => {
      for (let builds = below(3); builds > 0; builds--) {
        await build(flag, flag.state);
        grown(flag);
      }
    },
    edits: [
      ...edits(give).filter((_, at) => at !== 2),
      grown,
      grown,
      (flag) => flag.rules.length && Object.assign(pick(flag.rules), give()),
      (flag) => (flag.variations = weighed()),
      (flag) => flag.variations?.push({ value: 'none of it', weight: 0 }),
      (flag) => (flag.variations = flag.variations && shuffled(flag.variations)),
      (flag) => (flag.bucketBy = pick(['userId', 'account'])),
    ],
    text: (flag) => {
      const rules = written(flag);
      const places = flag.first ? { environments: { production: { rules } } } : { rules: { production: rules } };
      return yaml.dump({ ...common(flag), ...places }, { flowLevel: 4, lineWidth: 200 });
    },
    evaluator: async (flag) => {
      const datafile = await build(flag, flag.state);
      const sdk = createInstance({ datafile, logger: { debug() {}, info() {}, warn() {}, error() {} } });
      return (user) => {
        const context = { userId: user.id, account: `${user.id}!`, country: user.country };
        const got = flag.variations ? sdk.getVariation(flag.key, context) : sdk.isEnabled(flag.key, context) ? 'on' : undefined;
        return [groupOf(flag.rules, user), got ?? null];
      };
    },
    more: () => ({}),
  };
};

// Microsoft Feature Management: its JavaScript library.
const microsoft = async () => {
  const { FeatureManager, ConfigurationObjectFeatureFlagProvider } = require('@microsoft/feature-management');
  const give = (flag) => ({ variant: pick(flag.variants) });
  const percentile = (flag) => {
    if (chance(0.1)) return undefined;
    const parts = hundred(1 + below(4));
    let upto = 0;
    const all = parts.map((part) => ({ variant: pick(flag.variants), from: upto, to: (upto += part) }));
    return all.slice(0, chance(0.4) ? below(all.length + 1) : all.length).filter(({ from, to }) => from < to || chance(0.3));
  };
  const flagOf = (flag) => {
    const group = flag.rules.map(({ variant, who }) => ({ variant, groups: who ?? COUNTRIES }));
    const { percentile, fallback: default_when_enabled, seed } = flag;
    return copy({
      id: flag.key,
      enabled: flag.enabled,
      variants: flag.variants.map((name) => ({ name, configuration_value: name })),
      allocation: { group, percentile, default_when_enabled, seed },
    });
  };
  return {
    about: '@microsoft/feature-management 2.3.1, MIT licence, Copyright (c) Microsoft Corporation',
    path: 'appsettings.json',
    fresh: () => {
      const flag = { key: pick(KEYS), variants: variants(), enabled: chance(0.92), rest: {} };
      flag.rules = rules(give, flag, 3);
      flag.percentile = percentile(flag);
      if (chance(0.5)) flag.fallback = pick(flag.variants);
      if (chance(0.5)) flag.seed = pick(['s1', 'ü2']);
      return flag;
    },
    edits: [
      ...edits(give).filter((_, at) => at !== 2 && at !== 7),
      (flag) => (flag.percentile = percentile(flag)),
      (flag) => (flag.percentile = percentile(flag)),
      (flag) => (flag.percentile = flag.percentile && shuffled(flag.percentile)),
      (flag) => (flag.fallback = chance(0.7) ? pick(flag.variants) : undefined),
      (flag) => (flag.seed = pick([undefined, 's1', 's3'])),
      (flag) => (flag.enabled = chance(0.5)),
    ],
    text: (flag) => JSON.stringify({ feature_management: { feature_flags: [flagOf(flag)] } }),
    evaluator: (flag) => {
      const manager = new FeatureManager(new ConfigurationObjectFeatureFlagProvider({ feature_management: { feature_flags: [flagOf(flag)] } }));
      return async (user) => {
        const got = (await manager.getVariant(flag.key, { userId: user.id, groups: [user.country] }))?.name;
        const groups = flag.rules.map((rule) => ({ who: rule.who ?? COUNTRIES }));
        // On without a variant is a thing to get, too.
        return [groupOf(groups, user), got ?? (flag.enabled ? 'on' : null)];
      };
    },
    more: () => ({}),
  };
};

// flagd: the core of its JavaScript providers.
const flagd = async () => {
  const { FlagdCore } = require('@openfeature/flagd-core');
  // The default written out is the same hash here, and another one in other libraries.
  const bys = [undefined, { cat: [{ var: '$flagd.flagKey' }, { var: 'targetingKey' }] }];
  const fractional = (flag) => {
    const first = chance(0.15) ? { cat: ['salt', { var: 'targetingKey' }] } : bys[flag.by];
    const pairs = some(flag.variants).map((name) => [name, pick([0, 1, 3, 10, 50, 90, 1000, below(101)])]);
    pairs[below(pairs.length)][1] = 1 + below(100);
    return { fractional: first ? [first, ...pairs] : pairs };
  };
  const give = (flag) => ({ gives: chance(0.7) ? fractional(flag) : pick(flag.variants) });
  // A condition names its users, so it is asked once.
  const distinct = (flag) => {
    const names = flag.rules.map((rule) => JSON.stringify(rule.who ?? COUNTRIES));
    flag.rules = flag.rules.filter((_, at) => names.indexOf(names[at]) === at);
  };
  const targeting = (flag) => {
    distinct(flag);
    const chain = flag.rules.flatMap(({ who, gives }) => [{ in: [{ var: 'country' }, who ?? COUNTRIES] }, gives]);
    return chain.length ? { if: [...chain, flag.rest.gives] } : flag.rest.gives;
  };
  const fileOf = (flag) => {
    const { key, variants, fallback: defaultVariant, enabled } = flag;
    const rule = targeting(flag);
    const one = { state: enabled ? 'ENABLED' : 'DISABLED', variants: map(variants, (name) => name), defaultVariant };
    return { flags: { [key]: typeof rule === 'string' ? { ...one, targeting: { if: [true, rule] } } : { ...one, targeting: rule } } };
  };
  return {
    about: '@openfeature/flagd-core 4.0.1, Apache-2.0 licence, of open-feature/js-sdk-contrib',
    path: 'flags.flagd.json',
    // The JavaScript hash takes characters for bytes.
    ascii: true,
    fresh: () => {
      const flag = { key: pick(KEYS), variants: variants(), enabled: chance(0.95), by: below(2) };
      flag.fallback = pick(flag.variants);
      flag.rules = rules(give, flag, 3);
      flag.rest = give(flag);
      return flag;
    },
    edits: [...edits(give).slice(0, 7), (flag) => (flag.variants = shuffled(flag.variants)), (flag) => (flag.fallback = pick(flag.variants)), (flag) => (flag.enabled = chance(0.5))],
    text: (flag) => JSON.stringify(fileOf(flag)),
    evaluator: (flag) => {
      const core = new FlagdCore();
      const off = { debug() {}, info() {}, warn() {}, error() {} };
      core.setConfigurations(JSON.stringify(fileOf(flag)));
      const groups = flag.rules.map((rule) => ({ who: rule.who ?? COUNTRIES }));
      return (user) => {
        const got = core.resolveStringEvaluation(flag.key, 'default of the code', { targetingKey: user.id, country: user.country }, off);
        return [groupOf(groups, user), got.variant ?? null];
      };
    },
    more: () => ({}),
  };
};

// A step by which a builder fills nothing leaves all as it was: a fix of March 2024 (featurevisor/featurevisor#273) that the
// newest version on npm with a builder lacks.
const repair = () => {
  const allocator = require('@featurevisor/core/lib/builder/allocator.js');
  const filled = allocator.getUpdatedAvailableRangesAfterFilling;
  allocator.getUpdatedAvailableRangesAfterFilling = (ranges, fill) => (fill === 0 ? ranges : filled(ranges, fill));
};

const FORMATS = { goff, flipt, featurevisor, microsoft, flagd };
for (const name of wanted.length ? wanted : Object.keys(FORMATS)) {
  sow(seed);
  const format = await FORMATS[name]();
  const cases = [];
  for (let number = 0; number < Number(changes); number++) {
    const before = format.fresh();
    await format.history?.(before);
    const [texts, evaluators] = [[format.text(before)], [await format.evaluator(before)]];
    const after = copy(before);
    const people = Array.from({ length: Number(users) }, (_, at) => {
      const country = chance(0.1) ? 'FR' : pick(COUNTRIES);
      return { id: `${pick(['user-', '', format.ascii ? 'a' : 'ü', 'a.b@'])}${number * 7919 + at}`, country };
    });
    const first = [];
    for (const user of people) first.push(await evaluators[0](user));
    for (let more = 1 + below(2); more > 0; more--) pick(format.edits)(after);
    texts.push(format.text(after));
    const evaluate = await format.evaluator(after);
    const outcomes = [];
    const index = (outcome) => {
      const found = outcomes.findIndex((other) => other[0] === outcome[0] && other[1] === outcome[1]);
      return found < 0 ? outcomes.push(outcome) - 1 : found;
    };
    const seen = [];
    for (const [at, user] of people.entries()) seen.push([user.id, index(first[at]), index(await evaluate(user))]);
    cases.push({ key: `${before.key}${format.scope ?? ''}`, ...format.more(before), path: format.path.replace('FLAG', before.key), before: texts[0], after: texts[1], outcomes, users: seen });
  }
  const about = { source: format.about, made: `scripts/oracle-formats: ${changes} changes, ${users} users each, seed ${seed}` };
  const lines = cases.map((it) => JSON.stringify(it));
  writeFileSync(`${out}/${name}.json`, `{"about": ${JSON.stringify(about)}, "format": ${JSON.stringify(name)},\n"cases": [\n${lines.join(',\n')}\n]}\n`);
}
process.exit(0);
