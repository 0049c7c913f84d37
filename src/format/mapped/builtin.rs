//! The mappings that come with the program: files as anybody would write them.

/// A mapping that comes with the program, by its name.
#[derive(Debug)]
pub struct BuiltIn {
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        &[$(BuiltIn { name: $name, text: include_str!(concat!("../mappings/", $name, ".yaml")) }),*]
    };
}

/// All of them, in the order in which they are listed.
pub const BUILT_IN: &[BuiltIn] = built_in![
    "generic",
    "registry",
    "flipper",
    "goff",
    "flipt",
    "featurevisor",
    "gitlab",
    "unleash",
    "harness",
    "microsoft",
    "kubernetes",
];

/// The native format as a mapping says it. Code reads native files; this shows what a mapping needs for all of one.
pub const NATIVE: BuiltIn = BuiltIn { name: "native", text: include_str!("../mappings/native.yaml") };
