//! Names of members of flags and of what stands next to them, a table for each kind.
//!
//! **In**: nothing. **Out**: the tables. **Refuses**: nothing. **Not taken**: one table with a column for each kind,
//! since no name is of two.

/// Members that say whether a flag is on, by true or false.
pub const SWITCHES: &[&str] = &["active", "defaultenabled", "defaultstate", "enabled", "isactive", "isenabled"];

/// Members that may say so too. Some are names of environments or of other things as well.
pub const SHOWN: &[&str] = &[
    "enable",
    "islive",
    "ison",
    "isreleased",
    "isvisible",
    "live",
    "on",
    "released",
    "show",
    "shown",
    "turnedon",
    "visible",
];

/// Members that say which part of all users gets a flag.
pub const PERCENTAGES: &[&str] =
    &["percent", "percentage", "rollout", "rolloutpct", "rolloutpercent", "rolloutpercentage", "traffic"];

/// Members that users are hashed with.
pub const SEEDS: &[&str] = &["hashseed", "salt", "seed"];

/// Members by which an item of a list says its name, the best first.
pub const ITEM_NAMES: &[&str] = &[
    "key",
    "identifier",
    "id",
    "slug",
    "name",
    "featurekey",
    "featurename",
    "flagkey",
    "flagname",
    "togglename",
    "feature",
    "flag",
    "toggle",
];

/// Members that say by true that a flag is off.
pub const OFF_SWITCHES: &[&str] = &["disable", "disabled", "isdisabled"];

/// Members that say what a flag gives where nothing else says it.
pub const DEFAULTS: &[&str] = &["default", "defaultvalue", "value"];

/// Members that say something for people about a flag, and nothing of who gets it.
pub const NOTES: &[&str] = &[
    "actortype",
    "added",
    "addedin",
    "author",
    "category",
    "changedby",
    "comment",
    "comments",
    "contact",
    "created",
    "createdat",
    "createdby",
    "date",
    "dateadded",
    "dateretired",
    "desc",
    "description",
    "disabledby",
    "disabledreason",
    "disablereason",
    "displayname",
    "docs",
    "documentation",
    "enableindevelopment",
    "epic",
    "expires",
    "expiresat",
    "featurename",
    "flagname",
    "group",
    "id",
    "identifier",
    "introduced",
    "introducedby",
    "introducedin",
    "issue",
    "jira",
    "key",
    "lastmodified",
    "lastmodifiedby",
    "lastupdated",
    "lastupdatedby",
    "lifetime",
    "link",
    "maintainer",
    "maintainers",
    "milestone",
    "modifiedby",
    "name",
    "notes",
    "owner",
    "owners",
    "permanent",
    "priority",
    "reason",
    "removeafter",
    "removeby",
    "risk",
    "since",
    "slack",
    "squad",
    "summary",
    "sunset",
    "tags",
    "team",
    "ticket",
    "title",
    "type",
    "until",
    "updated",
    "updatedat",
    "updatedby",
    "updatedon",
    "url",
];

/// Members next to all flags of a file that are written anew at each edit.
pub const STAMPS: &[&str] = &[
    "$comment",
    "$schema",
    "comment",
    "editedat",
    "editedby",
    "exportedat",
    "exportedby",
    "generated",
    "generatedat",
    "generatedby",
    "generatedon",
    "lastedited",
    "lasteditedby",
    "lastmodified",
    "lastmodifiedat",
    "lastmodifiedby",
    "lastupdate",
    "lastupdated",
    "lastupdatedat",
    "lastupdatedby",
    "modified",
    "modifiedat",
    "modifiedby",
    "timestamp",
    "updated",
    "updatedat",
    "updatedby",
    "updatedon",
    "version",
];
