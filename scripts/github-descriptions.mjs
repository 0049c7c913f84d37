// The knife of `scripts/github-descriptions`: package.json of the tools, folder to write to, three versions.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [tools, folder, openapi, graphql, webhooks] = process.argv.slice(2);
const require = createRequire(tools);
const write = (name, text) => writeFileSync(`${folder}/${name}`, text);
const json = (value) => JSON.stringify(value, null, 1) + "\n";

// ---- REST: the paths we use, with the schemas they refer to ----

const R = "/repos/{owner}/{repo}";
const PATHS = {
  [`${R}`]: ["get", "patch"],
  [`${R}/activity`]: ["get"],
  [`${R}/actions/permissions`]: ["get"],
  [`${R}/actions/permissions/workflow`]: ["get", "put"],
  [`${R}/branches/{branch}`]: ["get"],
  [`${R}/branches/{branch}/protection`]: ["get"],
  [`${R}/check-runs`]: ["post"],
  [`${R}/check-runs/{check_run_id}`]: ["patch"],
  [`${R}/collaborators/{username}/permission`]: ["get"],
  [`${R}/commits/{commit_sha}/pulls`]: ["get"],
  [`${R}/commits/{ref}/status`]: ["get"],
  [`${R}/commits/{ref}/statuses`]: ["get"],
  [`${R}/contents/{path}`]: ["get"],
  [`${R}/environments`]: ["get"],
  [`${R}/environments/{environment_name}`]: ["get", "put"],
  [`${R}/environments/{environment_name}/deployment-branch-policies`]: ["get", "post"],
  [`${R}/issues`]: ["post"],
  [`${R}/issues/comments/{comment_id}`]: ["get", "patch", "delete"],
  [`${R}/issues/comments/{comment_id}/reactions`]: ["post"],
  [`${R}/issues/{issue_number}/comments`]: ["get", "post"],
  [`${R}/pulls/{pull_number}/requested_reviewers`]: ["post", "delete"],
  [`${R}/rules/branches/{branch}`]: ["get"],
  [`${R}/rulesets`]: ["get", "post"],
  [`${R}/rulesets/{ruleset_id}`]: ["get", "put"],
  [`${R}/statuses/{sha}`]: ["post"],
  "/orgs/{org}/teams/{team_slug}": ["get"],
  "/orgs/{org}/teams/{team_slug}/members": ["get"],
  "/orgs/{org}/teams/{team_slug}/memberships/{username}": ["get"],
  "/rate_limit": ["get"],
};
// Replies too long to be written by hand start as GitHub's own example.
const REPLIES = {
  repository: [`${R}`, "get"],
  branch: [`${R}/branches/{branch}`, "get"],
  pull: [`${R}/commits/{commit_sha}/pulls`, "get"],
  check_run: [`${R}/check-runs`, "post"],
  environment: [`${R}/environments/{environment_name}`, "get"],
  issue: [`${R}/issues`, "post"],
  comment: [`${R}/issues/{issue_number}/comments`, "post"],
  team: ["/orgs/{org}/teams/{team_slug}", "get"],
  rate_limit: ["/rate_limit", "get"],
  protection: [`${R}/branches/{branch}/protection`, "get"],
};

const all = JSON.parse(readFileSync(require.resolve("@octokit/openapi/generated/api.github.com.json")));
const at = (ref) => ref.slice(2).split("/").reduce((value, key) => value[key], all);
const components = {};
const WORDS = new Set(["description", "example", "examples", "externalDocs", "x-github", "title", "summary", "tags", "operationId", "headers"]);

// `names`: the keys of this object are names that people chose, not words of the description.
function cut(value, names = false) {
  if (Array.isArray(value)) return value.map((item) => cut(item));
  if (value === null || typeof value !== "object") return value;
  if (!names && typeof value.$ref === "string") {
    const [, , kind, name] = value.$ref.split("/");
    components[kind] ??= {};
    if (!(name in components[kind])) {
      components[kind][name] = null; // against recursion
      components[kind][name] = cut(at(value.$ref));
    }
    return { $ref: value.$ref };
  }
  const made = {};
  for (const [key, inner] of Object.entries(value)) {
    if (!names && (WORDS.has(key) || key === "nullable")) continue;
    const data = !names && ["enum", "const", "default", "required"].includes(key);
    made[key] = data ? inner : cut(inner, !names && ["properties", "patternProperties", "schemas", "content"].includes(key));
  }
  if (names || value.nullable !== true) return made;
  // OpenAPI 3.0 says `nullable`, JSON Schema says it in the type.
  if (Array.isArray(made.enum)) made.enum = [...made.enum, null];
  if (typeof made.type === "string") made.type = [made.type, "null"];
  if (made.type && !made.allOf && !made.oneOf && !made.anyOf) return made;
  if (made.type) delete made.type;
  return { anyOf: [{ type: "null" }, made] };
}

const paths = {};
for (const [path, verbs] of Object.entries(PATHS)) {
  const item = all.paths[path];
  paths[path] = {};
  for (const verb of verbs) {
    const operation = item[verb];
    const kept = { parameters: cut([...(item.parameters ?? []), ...(operation.parameters ?? [])]) };
    if (operation.requestBody) {
      kept.requestBody = cut(operation.requestBody);
      const schema = kept.requestBody.content["application/json"].schema;
      // Stricter than GitHub, which overlooks a property it doesn't know: we would have misspelt it.
      if (schema.properties && !schema.oneOf) schema.additionalProperties ??= false;
    }
    kept.responses = {};
    for (const [status, response] of Object.entries(operation.responses)) {
      const whole = response.$ref ? at(response.$ref) : response;
      kept.responses[status] = cut(whole.content?.["application/json"]?.schema ?? null);
    }
    paths[path][verb] = kept;
  }
}
cut({ $ref: "#/components/schemas/basic-error" });
// One schema a line: a new version shows as the schemas that changed.
const lines = (object) => Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(",\n");
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
const parts = Object.entries(sorted(components)).map(([kind, inner]) => `${JSON.stringify(kind)}: {\n${lines(sorted(inner))}\n}`);
write(`openapi-${openapi}.json`, `{"paths": {\n${lines(paths)}\n},\n"components": {\n${parts.join(",\n")}\n}}\n`);

const replies = {};
for (const [name, [path, verb]] of Object.entries(REPLIES)) {
  const [status] = Object.keys(all.paths[path][verb].responses).filter((status) => status.startsWith("2"));
  const [example] = Object.values(all.paths[path][verb].responses[status].content["application/json"].examples);
  const value = (example.$ref ? at(example.$ref) : example).value;
  replies[name] = Array.isArray(value) ? value[0] : value;
}
write(`replies-${openapi}.json`, json(replies));

// ---- GraphQL: the types we use, whole but for fields whose type is not among them ----

const TYPES = `
  Query Mutation Repository RepositoryOwner Ref RefConnection RefEdge
  Commit CommitConnection CommitEdge CommitHistoryConnection GitObject Blob Tree TreeEntry Tag
  GitActor GitActorConnection GitActorEdge GitSignature GpgSignature Status StatusContext
  PullRequest PullRequestConnection PullRequestEdge PullRequestCommit PullRequestCommitConnection PullRequestCommitEdge
  PullRequestReview PullRequestReviewConnection PullRequestReviewEdge PullRequestChangedFile
  PullRequestChangedFileConnection PullRequestChangedFileEdge
  ReviewRequest ReviewRequestConnection ReviewRequestEdge RequestedReviewer
  PullRequestTimelineItems PullRequestTimelineItemsConnection PullRequestTimelineItemsEdge
  HeadRefForcePushedEvent BaseRefChangedEvent AutomaticBaseChangeSucceededEvent BaseRefForcePushedEvent
  ReviewDismissedEvent ReadyForReviewEvent ConvertToDraftEvent ReopenedEvent ClosedEvent MergedEvent
  Issue IssueComment IssueCommentConnection IssueCommentEdge UserContentEdit UserContentEditConnection UserContentEditEdge
  Actor User Bot Mannequin Organization EnterpriseUserAccount UserConnection UserEdge
  Team TeamConnection TeamEdge TeamMemberConnection TeamMemberEdge
  MergeQueue MergeQueueEntry MergeQueueEntryConnection MergeQueueEntryEdge MergeQueueConfiguration AutoMergeRequest
  RateLimit Node PageInfo Comment Minimizable UniformResourceLocatable RequirableByPullRequest RepositoryNode
  ConvertPullRequestToDraftPayload RequestReviewsPayload MinimizeCommentPayload
`.trim().split(/\s+/);
const MUTATIONS = ["convertPullRequestToDraft", "requestReviews", "minimizeComment"];

const { parse, print, visit, Kind } = require("graphql");
const sdl = parse(readFileSync(join(dirname(tools), "node_modules/@octokit/graphql-schema/schema.graphql"), "utf8"));
const bare = visit(sdl, {
  enter: (node) => {
    if (node.description) return { ...node, description: undefined };
    // Previews and documentation categories are GitHub's own; what is deprecated stays marked.
    if (node.kind === Kind.DIRECTIVE && node.name.value !== "deprecated") return null;
    return undefined;
  },
});
const named = new Map(bare.definitions.filter((node) => node.name).map((node) => [node.name.value, node]));
const base = (type) => (type.name ? type.name.value : base(type.type));
const kind = (name) => named.get(name)?.kind;
const BUILT_IN = new Set(["Int", "Float", "String", "Boolean", "ID"]);
const simple = (name) => BUILT_IN.has(name) || kind(name) === Kind.SCALAR_TYPE_DEFINITION || kind(name) === Kind.ENUM_TYPE_DEFINITION;
const kept = new Set(TYPES);
for (const name of kept) if (!named.has(name)) throw new Error(`the schema has no type ${name}`);

const definitions = [];
const wanted = new Set(); // scalars, enums and inputs that what is kept refers to
for (const name of kept) {
  const node = named.get(name);
  if (node.kind === Kind.UNION_TYPE_DEFINITION) {
    definitions.push({ ...node, types: node.types.filter((type) => kept.has(type.name.value)) });
    continue;
  }
  const fields = node.fields.filter((field) => {
    if (name === "Mutation" && !MUTATIONS.includes(field.name.value)) return false;
    return simple(base(field.type)) || kept.has(base(field.type));
  });
  for (const field of fields) for (const type of [field, ...field.arguments].map((it) => base(it.type))) if (!kept.has(type)) wanted.add(type);
  definitions.push({ ...node, fields, interfaces: node.interfaces.filter((type) => kept.has(type.name.value)) });
}
for (const name of wanted) {
  if (BUILT_IN.has(name)) continue;
  const node = named.get(name);
  definitions.push(node);
  for (const field of node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? node.fields : []) wanted.add(base(field.type));
}
definitions.sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
write(`graphql-${graphql}.graphql`, definitions.map(print).join("\n\n") + "\n");

// ---- Webhooks: one example of each shape we handle; actions that differ in a word only are not kept twice ----

const KEPT = {
  pull_request: ["opened", "closed", "synchronize"],
  pull_request_review: ["submitted"],
  issue_comment: ["created"],
  workflow_run: ["requested", "completed"],
  merge_group: ["checks_requested"],
  push: [undefined],
  workflow_dispatch: [undefined],
};
const examples = {};
const index = require("@octokit/webhooks-examples");
for (const [name, actions] of Object.entries(KEPT)) {
  const { examples: found } = index.find((event) => event.name === name);
  for (const action of actions) {
    // The shortest with what we read; a push must be one to a branch.
    const fits = (it) => it.action === action && (name !== "push" || it.ref.startsWith("refs/heads/"));
    const [example] = found.filter(fits).sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
    if (!example) throw new Error(`no example of ${name} ${action}`);
    examples[action ? `${name}.${action}` : name] = example;
  }
}
write(`webhooks-${webhooks}.json`, `{\n${lines(examples)}\n}\n`);
