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
    /// There is no definition to build on.
    #[error(
        "there is no definition {0:?} to extend. Write the id of a built-in definition that extends none itself."
    )]
    Extends(String),
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
        "nothing fills {{{0}}} here. Declare it as the name of an [[inputs]] table, or correct its spelling. The callback's parameters are known from endpoints.token on, token_metadata from identity and revocation on."
    )]
    Placeholder(String),
    /// A fragment in an address whose parameters go into the query.
    #[error(
        "an address with # hides its parameters from the provider. Remove the part from #, or set authorize_style = \"fragment_route\" if the provider's page reads them there."
    )]
    Fragment,
    /// A fragment in an address that no browser goes to.
    #[error("{0:?} has a fragment, which is never sent. Remove the part from #.")]
    FragmentLost(String),
    /// Something follows the path of the API's base.
    #[error(
        "{0:?} has a query or a fragment, and the paths of calls are joined to its end. Remove the part from ? or #."
    )]
    ApiBase(String),
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
    #[error(
        "{0:?} is not a pointer. Begin it with a slash, e.g. /user/id; choose from a list with [name=value]; only identity may name a source before it (token:, callback:, input:, id_token:, access_token:)."
    )]
    Pointer(String),
    /// Not a name that stands in a template.
    #[error(
        "{0:?} cannot be the name of an input. Use a-z, 0-9 and underscores, a letter first, and each name once."
    )]
    InputName(String),
    /// An input that takes anything, nothing, or two things.
    #[error(
        "the input {0:?} must say in one way what it takes: `choices` and `allowed_suffixes`, or `subdomain_of`, or `any_host`, or `word`. Its text decides which host receives the client secret."
    )]
    InputOpen(String),
    /// A host that a stranger chooses would receive the application's secret.
    #[error(
        "the input {0:?} lets whoever connects name any host, which would then receive the client secret. Set asked_of = \"admin\", or credentials = \"per_connection\"."
    )]
    InputAnyHost(String),
    /// A word that stands in a host.
    #[error(
        "{{{0}}} stands in a host, and a word is not checked to be one. Use `choices`, `allowed_suffixes` or `subdomain_of`, or move it behind the first slash."
    )]
    WordInHost(String),
    /// Choices that do not set the same placeholders.
    #[error(
        "each choice of the input {0:?} must set the same placeholders. Add what is missing in `sets`."
    )]
    ChoiceSets(String),
    /// A captured parameter that decides an address and may be anything.
    #[error(
        "the parameter {0:?} of the callback becomes part of an address. List its `allowed` values, or say what it `equals`."
    )]
    CapturedOpen(String),
    /// A captured parameter stands in an address that is needed before it is known.
    #[error(
        "{{{0}}} is known only after the callback. Give it a `default`, with which the address can be tried before."
    )]
    CapturedDefault(String),
    /// A name that belongs to the engine.
    #[error("{0:?} is set by the engine and cannot be captured or sent again. Remove it.")]
    ReservedCallback(String),
    /// Not a standard parameter.
    #[error("{0:?} is not a parameter that can have another name. Those are {1}.")]
    ParamName(String, &'static str),
    /// Not a header that can be set.
    #[error(
        "{0:?} cannot be set as a header. Use a name of letters, digits and hyphens that is not Authorization, Host, Cookie or one about the body, and a value of printable ASCII."
    )]
    Header(String),
    /// A client authentication that makes no sense at a token endpoint.
    #[error(
        "client_auth = \"token\" has no token to present at the token endpoint. Write body, basic, basic_raw, client_id_only, secret_bearer or none."
    )]
    TokenAuth,
    /// A token endpoint that is sent nothing.
    #[error("the token endpoint needs its parameters. Write form, json or query.")]
    TokenBody,
    /// A signature that could not be checked when it arrives.
    #[error(
        "a callback that is signed with each customer's own secret cannot be checked. Remove the signature, or credentials = \"per_connection\"."
    )]
    SignedByCustomers,
    /// A list of pointers without one.
    #[error("nothing says where it stands. Add at least one pointer, e.g. /id.")]
    NoPointer,
    /// The profile is asked for and has no address.
    #[error(
        "{0:?} looks into the profile, and `url` does not say where that is. Add it, or name another source, e.g. token:/id."
    )]
    NoProfile(String),
    /// Not JSON.
    #[error("the body is not JSON ({0}). Write it as it is to be sent.")]
    NotJson(String),
    /// Grace without its length, or the reverse.
    #[error("`grace_s` goes with reuse = \"grace\". Add it, or remove it.")]
    Grace,
    /// An extra scope parameter that is one of the engine's.
    #[error(
        "{0:?} cannot hold scopes. Write a parameter's name that the engine does not use otherwise."
    )]
    ScopeParam(String),
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
