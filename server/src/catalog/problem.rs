//! What can be wrong with a definition file: where it stands, what it is, and what to write
//! instead. The person who reads it wrote the file and has it open beside.

use std::fmt;

/// One mistake in one definition file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the file, e.g. `acme.toml`.
    pub file: String,
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub mistake: Mistake,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.file, self.line, self.mistake)
    }
}

/// What is wrong, and the fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// It cannot be opened or is no UTF-8.
    #[error("the file cannot be read as UTF-8 text ({0}). Check its permissions and encoding.")]
    Unreadable(String),
    /// It is no TOML, or holds other fields than a definition has.
    #[error("{what}. {fix}")]
    Syntax {
        /// In the parser's words.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// Another definition has the id.
    #[error(
        "the id {0:?} is taken by another definition. Choose another id, and name the file after it."
    )]
    IdTaken(String),
    /// The id is no slug.
    #[error("{0:?} cannot be an id. Use a-z, 0-9 and single hyphens, a letter first.")]
    Id(String),
    /// The id is not the file's name.
    #[error(
        "the id {id:?} and the file's name {file:?} differ. Name the file {id}.toml, or correct the id."
    )]
    IdNotFileName {
        /// As written in the file.
        id: String,
        /// The file's name.
        file: String,
    },
    /// Only the server's own practice provider may answer at a path of this server.
    #[error("only the built-in practice provider can be one. Remove `practice`.")]
    Practice,
    /// Not one of the twelve hues.
    #[error("there is no hue {0}. Choose one from 1 to 12.")]
    Hue(u8),
    /// Not a date.
    #[error("{0:?} is not a date. Write it like 2026-11-22.")]
    Date(String),
    /// Not an https address.
    #[error(
        "{0:?} is not an https address. Begin it with https:// and a host, without user name and password."
    )]
    NotHttps(String),
    /// Not a path of this server.
    #[error(
        "{0:?} is not a path of this server. The practice provider's addresses begin with a single slash."
    )]
    NotAPath(String),
    /// Braces without partner.
    #[error("{0:?} has a brace without its partner. Write placeholders like {{login_host}}.")]
    Braces(String),
    /// A placeholder that nothing fills.
    #[error(
        "nothing fills {{{0}}}. Declare it as the name of an [[inputs]] table, or correct its spelling."
    )]
    Placeholder(String),
    /// A placeholder of the account's address that nothing fills.
    #[error(
        "nothing fills {{{0}}}. Declare it as the name of an [[inputs]] table or in token_metadata, or correct its spelling."
    )]
    IdentityPlaceholder(String),
    /// A fragment in an address whose parameters go into the query.
    #[error(
        "an address with # hides its parameters from the provider. Remove the part from #, or set authorize_style = \"fragment_route\" if the provider's page reads them there."
    )]
    Fragment,
    /// No fragment route to put the parameters behind.
    #[error(
        "a fragment_route needs an address with #/ in it, e.g. https://app.example.com/#/oauth/authorize. Add the route, or remove authorize_style."
    )]
    NoFragmentRoute,
    /// A parameter that the engine sets.
    #[error("{0:?} is set for every request and cannot be an extra parameter. Remove it.")]
    ReservedParam(String),
    /// Not a scope name.
    #[error(
        "{0:?} is not a scope name. Write one name, without spaces, quotes and backslashes, of at most 200 characters."
    )]
    ScopeName(String),
    /// A scope that stands in the file twice.
    #[error("the scope {0:?} is listed already. Keep one of them.")]
    ScopeTwice(String),
    /// Not a JSON pointer.
    #[error("{0:?} is not a JSON pointer. Begin it with a slash, e.g. /user/id.")]
    Pointer(String),
    /// Not a name that stands in a template.
    #[error(
        "{0:?} cannot be the name of an input. Use a-z, 0-9 and underscores, a letter first, and each name once."
    )]
    InputName(String),
    /// An input that takes anything, or nothing.
    #[error(
        "the input {0:?} says not what it takes. Add `choices` or `allowed_suffixes`: its text decides which host receives the client secret."
    )]
    InputOpen(String),
    /// Choices and free text, and no words that lead from one to the other; or the reverse.
    #[error(
        "`other` of the input {0:?} goes with `choices` and `allowed_suffixes`, all three together. Set it to the words of the choice that stands for a free host name, or remove it."
    )]
    InputOther(String),
    /// A choice that is no host name.
    #[error("{0:?} cannot be a choice. Write a host name or a part of one, in lower case.")]
    Choice(String),
    /// A suffix that allows too much.
    #[error(
        "{0:?} cannot be an allowed suffix. Begin it with a dot and name at least two labels, e.g. .my.salesforce.com."
    )]
    Suffix(String),
    /// A default that the input itself refuses.
    #[error(
        "the input {input:?} does not allow its own default {default:?}. Make it one of the choices, or end it with an allowed suffix."
    )]
    InputDefault {
        /// Name of the input.
        input: String,
        /// The default.
        default: String,
    },
}
