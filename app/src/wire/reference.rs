//! The reference of the HTTP API, as its pages show it. It is the same for everybody.

/// All of it, in the order of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// What each path follows.
    pub base_url: String,
    /// The calls, by what they are about.
    pub parts: Vec<CallGroup>,
    /// What answers are made of.
    pub objects: Vec<ObjectKind>,
    /// What can go wrong, by code.
    pub problems: Vec<ProblemKind>,
}

/// Calls about one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallGroup {
    /// Its heading.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// The calls.
    pub calls: Vec<Call>,
}

/// One call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Its name for programs, e.g. `listConnections`; its place on the page.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// `GET` and so on.
    pub method: String,
    /// Below the base URL, with `{id}` where an id stands.
    pub path: String,
    /// Paragraphs.
    pub description: Vec<String>,
    /// What the API key has to be allowed.
    pub scopes: Vec<String>,
    /// In the path, the query and the headers.
    pub parameters: Vec<FieldKind>,
    /// In the body.
    pub body: Vec<FieldKind>,
    /// The call for a shell.
    pub example: String,
    /// What comes back, by status.
    pub answers: Vec<AnswerKind>,
}

/// A parameter, or a member of a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldKind {
    /// As it is written.
    pub name: String,
    /// Where it stands, if it is a parameter: `path`, `query` or `header`.
    pub place: Option<String>,
    /// What it may be, in words.
    pub kind: String,
    /// The object of that name says more.
    pub object: Option<String>,
    /// Whether it has to be there.
    pub required: bool,
    /// What it is for.
    pub description: String,
    /// The words that it may be, where the list is closed.
    pub values: Vec<String>,
}

/// What comes back with one status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerKind {
    /// HTTP status.
    pub status: String,
    /// What it means. Empty where the problems say so.
    pub description: String,
    /// What the body is.
    pub object: Option<String>,
    /// The body's object comes in a page of them.
    pub paged: bool,
    /// JSON, in lines.
    pub example: Option<String>,
    /// Codes of problems.
    pub codes: Vec<String>,
}

/// An object of answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectKind {
    /// Its name; its place on the page.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Its members.
    pub fields: Vec<FieldKind>,
}

/// One way in which a call can fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemKind {
    /// The stable word.
    pub code: String,
    /// HTTP status.
    pub status: String,
    /// Who can mend it.
    pub blame: String,
    /// What happened.
    pub title: String,
    /// What to do now.
    pub detail: String,
}
