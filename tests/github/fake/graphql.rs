//! GraphQL: a query is checked against GitHub's public schema and then executed over the world by the same library, so
//! that an answer can have no shape but the schema's. GitHub's own limits are checked too.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};

use super::graph::{Exec, Thing};
use super::server::{Answer, Call};
use super::world::World;

static SCHEMA: LazyLock<Valid<Schema>> = LazyLock::new(|| {
    let text = include_str!("../data/graphql-15.26.1.graphql");
    Schema::parse_and_validate(text, "github.graphql").unwrap_or_else(|why| panic!("{}", why.errors))
});

/// The queries that the schema allows, by their text: to read one takes longer than to answer it.
static DOCUMENTS: LazyLock<Mutex<HashMap<String, Arc<Valid<ExecutableDocument>>>>> = LazyLock::new(Mutex::default);

/// GitHub refuses a query that could ask for more.
const MOST_NODES: u64 = 500_000;

/// The name of the operation, for faults and the log.
pub fn name(body: &Value) -> String {
    if let Some(name) = body["operationName"].as_str() {
        return name.to_owned();
    }
    let text = body["query"].as_str().unwrap_or("").trim_start();
    let rest = text.strip_prefix("query").or_else(|| text.strip_prefix("mutation")).unwrap_or("");
    rest.trim_start().chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect()
}

pub fn answer(world: &mut World, token: usize, call: &Call, body: &Value) -> Answer {
    let name = name(body);
    let mut refuse = |kind: &str, message: &str| {
        world.violation(format!("query `{name}`: {message}"));
        Answer::json(200, &json!({"errors": [{"type": kind, "message": message}]}))
    };
    let (Some(query), "POST") = (body["query"].as_str(), &*call.method) else {
        return refuse("INVALID", "a query is a POST with `query` in its body");
    };
    let unknown =
        body.as_object().unwrap().keys().find(|it| !["query", "variables", "operationName"].contains(&&***it));
    if let Some(unknown) = unknown {
        return refuse("INVALID", &format!("the body has an unknown `{unknown}`"));
    }
    let document = match read(query) {
        Ok(document) => document,
        Err(why) => return refuse("undefinedField", &why),
    };
    let variables: JsonMap = match serde_json::from_value(body.get("variables").cloned().unwrap_or(json!({}))) {
        Ok(variables) => variables,
        Err(why) => return refuse("INVALID", &why.to_string()),
    };
    let operation = match document.operations.get(body["operationName"].as_str()) {
        Ok(operation) => operation,
        Err(why) => return refuse("INVALID", &format!("{why:?}")),
    };
    // A variable nobody declared is a typing mistake of ours.
    let stray = variables.keys().find(|it| !operation.variables.iter().any(|known| known.name == it.as_str()));
    if let Some(stray) = stray {
        return refuse("INVALID", &format!("the variable `{}` is declared nowhere", stray.as_str()));
    }
    let mut limits = Limits { document: &document, variables: &variables, nodes: 0, requests: 0, wrong: Vec::new() };
    limits.walk(&operation.selection_set, 1);
    let (nodes, cost, wrong) = (limits.nodes, limits.requests.div_ceil(100).max(1), limits.wrong);
    if let Some(wrong) = wrong.first() {
        return refuse("EXCESSIVE_PAGINATION", wrong);
    }
    if nodes > MOST_NODES {
        return refuse("MAX_NODE_LIMIT_EXCEEDED", &format!("asks for up to {nodes} nodes, more than {MOST_NODES}"));
    }
    // The door has counted one.
    world.tokens[token].used += cost - 1;
    let root = if operation.is_query() { "Query" } else { "Mutation" };
    let (result, missing) = {
        let exec = Exec::new(world, token, cost, nodes);
        let execution = Execution::new(&SCHEMA, &document).operation(operation).raw_variable_values(&variables);
        let result = execution.execute_sync(&exec.at(Thing::root(root)));
        (result, exec.missing())
    };
    world.violations.extend(missing.into_iter().map(|it| format!("query `{name}`: {it}")));
    let response = match result {
        Ok(response) => response,
        Err(why) => {
            let message = format!("{why:?}");
            world.violation(format!("query `{name}`: {message}"));
            return Answer::json(200, &json!({"errors": [{"type": "INVALID", "message": message}]}));
        }
    };
    let mut said = serde_json::to_value(&response).unwrap();
    for error in said.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        let message = error["message"].as_str().unwrap().to_owned();
        let message = message.split('\0').nth(1).unwrap_or(&message);
        let message = message.strip_prefix("resolver error: ").unwrap_or(message);
        match message.split_once('|') {
            Some((kind, message)) => (error["type"], error["message"]) = (json!(kind), json!(message)),
            // Not one of GitHub's refusals: the fake's own answer does not fit the schema.
            None => world.violation(format!("query `{name}`, our own answer: {message} at {}", error["path"])),
        }
    }
    Answer::json(200, &said)
}

/// A query as the schema has it.
fn read(query: &str) -> Result<Arc<Valid<ExecutableDocument>>, String> {
    let known = || DOCUMENTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(document) = known().get(query) {
        return Ok(Arc::clone(document));
    }
    let document = ExecutableDocument::parse_and_validate(&SCHEMA, query, "query");
    let document = Arc::new(document.map_err(|why| why.errors.to_string())?);
    known().insert(query.to_owned(), Arc::clone(&document));
    Ok(document)
}

/// The most that a query may ask for, counted as GitHub counts.
struct Limits<'a> {
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    nodes: u64,
    /// Connections fetched, of which a hundred cost a point.
    requests: u64,
    wrong: Vec<String>,
}

impl Limits<'_> {
    fn walk(&mut self, set: &SelectionSet, times: u64) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    let times = self.field(field, times);
                    self.walk(&field.selection_set, times);
                }
                Selection::InlineFragment(inline) => self.walk(&inline.selection_set, times),
                Selection::FragmentSpread(spread) => {
                    let document = self.document;
                    self.walk(&document.fragments[&spread.fragment_name].selection_set, times);
                }
            }
        }
    }

    fn field(&mut self, field: &Field, times: u64) -> u64 {
        if !field.definition.ty.inner_named_type().ends_with("Connection") {
            return times;
        }
        let size = |name: &str| {
            let argument = field.arguments.iter().find(|it| it.name == name)?;
            let given = argument.value.as_variable().and_then(|name| self.variables.get(name.as_str()));
            given.and_then(JsonValue::as_u64).or_else(|| u64::try_from(argument.value.to_i32()?).ok())
        };
        self.requests += times;
        match size("first").or_else(|| size("last")) {
            None => {
                let message = format!("must have `first` or `last` to page the `{}` connection", field.name);
                self.wrong.push(message);
                times
            }
            Some(size) => {
                if size == 0 || size > 100 {
                    self.wrong.push(format!("{size} records of `{}`: 1 to 100 are allowed", field.name));
                }
                self.nodes += times * size;
                times * size
            }
        }
    }
}
