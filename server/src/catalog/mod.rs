//! Provider definitions: data, not code.
//!
//! One TOML file per definition (`server/catalog/*.toml`, embedded; more from `CATALOG_DIR`) says
//! where a provider's endpoints are, how it likes to be asked, how its tokens live, what its scopes
//! allow in plain words, and what an admin has to do there. The engine (`oauth`) follows it.
//!
//! [`Catalog`] holds them all. A file is parsed (`definition`), checked (`validate`) and either
//! taken or answered with its [`Problem`]s, each with line and fix. From then on a definition
//! answers questions: which URLs (`template`, `origin`), what the end user may fill in (`input`),
//! and what pages say about it (`words`, `view`), to end users in their own language (`languages`).

mod custom;
mod definition;
mod input;
mod lacking;
mod languages;
mod origin;
pub mod pointer;
mod problem;
mod read;
mod schema;
pub mod template;
mod validate;
mod view;
mod words;

pub use custom::*;
pub use definition::*;
pub use input::{InputRefused, OTHER};
pub use languages::translated;
pub use origin::{InvalidOverrides, OriginOverrides};
pub use problem::{Mistake, Problem};
pub use schema::schema;
pub use validate::host_of;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

// The definitions that are part of the program: `BUILT_IN`, file name and contents of each.
include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// All definitions that this server offers.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    by_id: BTreeMap<String, Arc<Definition>>,
    /// Those on which others can build, as they are written.
    bases: BTreeMap<String, toml::Table>,
    problems: Vec<Problem>,
}

/// Why there is no catalog at all.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A definition that is part of the program is wrong.
    #[error("a built-in provider definition is wrong: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    BuiltIn(Vec<Problem>),
    /// The directory with more definitions cannot be read.
    #[error("the catalog directory {} cannot be read: {source}. Correct GRANTPORT_CATALOG_DIR, or unset it.", path.display())]
    Directory {
        /// As set.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Catalog {
    /// The definitions that are part of the program.
    ///
    /// # Errors
    /// When one of them is wrong, which the tests rule out.
    pub fn built_in() -> Result<Self, CatalogError> {
        let mut catalog = Self::default();
        // what others build on comes first
        let (derived, bases): (Vec<_>, Vec<_>) = BUILT_IN
            .iter()
            .partition(|(_, text)| read::base_of(text).is_some());
        for (file, text) in bases.into_iter().chain(derived) {
            match read::read(file, text, |id| catalog.bases.get(id).cloned()) {
                Ok(found) => catalog.insert_built_in(found, text),
                Err(problems) => return Err(CatalogError::BuiltIn(problems)),
            }
        }
        Ok(catalog)
    }

    fn insert_built_in(&mut self, found: read::Read, text: &str) {
        if read::base_of(text).is_none() {
            let id = found.definition.id.clone();
            self.bases.insert(id, found.table);
        }
        self.insert(found.definition);
    }

    /// The built-in definitions and those in `*.toml` files of `extra_dir`. A file with a mistake
    /// is left out and leaves its [`problems`](Self::problems); the others are taken.
    ///
    /// # Errors
    /// When the directory itself cannot be read.
    pub fn load(extra_dir: Option<&Path>) -> Result<Self, CatalogError> {
        let mut catalog = Self::built_in()?;
        let Some(directory) = extra_dir else {
            return Ok(catalog);
        };
        let files = toml_files(directory).map_err(|source| CatalogError::Directory {
            path: directory.to_owned(),
            source,
        })?;
        for path in files {
            match catalog.read_extra(&path) {
                Ok(definition) => catalog.insert(definition),
                Err(problems) => catalog.problems.extend(problems),
            }
        }
        Ok(catalog)
    }

    fn read_extra(&self, path: &Path) -> Result<Definition, Vec<Problem>> {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let refuse = |line, mistake| {
            vec![Problem {
                file: file.clone().into_owned(),
                line,
                mistake,
            }]
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| refuse(1, Mistake::Unreadable(error.to_string())))?;
        let definition = read::read(&file, &text, |id| self.bases.get(id).cloned())?.definition;
        if definition.practice {
            let line = read::line_of(&text, &read::Place::of("practice"));
            return Err(refuse(line, Mistake::Practice));
        }
        if self.by_id.contains_key(&definition.id) || definition.id == CUSTOM {
            let line = read::line_of(&text, &read::Place::of("id"));
            return Err(refuse(line, Mistake::IdTaken(definition.id)));
        }
        Ok(definition)
    }

    fn insert(&mut self, definition: Definition) {
        self.by_id
            .insert(definition.id.clone(), Arc::new(definition));
    }

    /// The catalog with the practice provider at `server`, whose own origin its addresses then
    /// have, or without it.
    #[must_use]
    pub fn with_practice_at(mut self, server: Option<&Url>) -> Self {
        let (practice, others): (BTreeMap<_, _>, BTreeMap<_, _>) = self
            .by_id
            .into_iter()
            .partition(|(_, definition)| definition.practice);
        self.by_id = others;
        if let Some(server) = server {
            for definition in practice.into_values() {
                self.insert(definition.at(server));
            }
        }
        self
    }

    /// What is wrong with the files that were left out, in the order of their names.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The definition with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Definition>> {
        self.by_id.get(id).cloned()
    }

    /// The id of a definition that is nearly spelt like `id`.
    #[must_use]
    pub fn alike(&self, id: &str) -> Option<&str> {
        let likeness = |known: &&str| strsim::jaro_winkler(known, id);
        let known = self.by_id.keys().map(String::as_str);
        known
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
            .filter(|nearest| likeness(nearest) > 0.8)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All definitions by name, capital letters or not.
    #[must_use]
    pub fn by_name(&self) -> Vec<Arc<Definition>> {
        let mut definitions: Vec<_> = self.by_id.values().cloned().collect();
        definitions.sort_by_key(|definition| definition.name.to_lowercase());
        definitions
    }

    /// By name, those in `category` (all when empty) whose name, category or sign-in host holds
    /// `q` (any when empty), capital letters or not.
    #[must_use]
    pub fn search(&self, q: &str, category: &str) -> Vec<Arc<Definition>> {
        let q = q.trim().to_lowercase();
        let mut definitions = self.by_name();
        definitions.retain(|definition| {
            let in_category = category.is_empty() || definition.category == category;
            in_category && definition.mentions(&q)
        });
        definitions
    }

    /// Each category with the number of its definitions, by name.
    #[must_use]
    pub fn categories(&self) -> Vec<(String, u32)> {
        let mut counts = BTreeMap::<String, u32>::new();
        for definition in self.by_id.values() {
            *counts.entry(definition.category.clone()).or_default() += 1;
        }
        counts.into_iter().collect()
    }
}

/// Everything that is wrong with one definition file, which may be a built-in one's.
#[must_use]
pub fn check(path: &Path) -> Vec<Problem> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    match std::fs::read_to_string(path) {
        Ok(text) => check_text(&file, &text),
        Err(error) => vec![Problem {
            file: file.into_owned(),
            line: 1,
            mistake: Mistake::Unreadable(error.to_string()),
        }],
    }
}

/// Everything that is wrong with `text`, the contents of a definition file of this name.
#[must_use]
pub fn check_text(file: &str, text: &str) -> Vec<Problem> {
    let base = |id: &str| {
        let (_, text) = BUILT_IN
            .iter()
            .find(|(name, _)| *name == format!("{id}.toml"))?;
        toml::from_str(text).ok()
    };
    read::read(file, text, base).err().unwrap_or_default()
}

impl Definition {
    /// The host at which the end user signs in, with `inputs` as they were resolved, and defaults
    /// for the rest. Empty for the practice provider before it has a server, and where the host is
    /// not known before somebody filled it in.
    #[must_use]
    pub fn sign_in_host(&self, inputs: &BTreeMap<String, String>) -> String {
        let mut values = self.default_inputs();
        values.extend(inputs.clone());
        template::fill(&self.endpoints.authorize, &values)
            .ok()
            .and_then(|url| url.host_str().map(ToOwned::to_owned))
            .unwrap_or_default()
    }

    fn mentions(&self, q: &str) -> bool {
        [
            &self.name,
            &self.category,
            &self.sign_in_host(&BTreeMap::new()),
        ]
        .iter()
        .any(|text| text.to_lowercase().contains(q))
    }

    /// The same with its paths at the origin of `server`.
    fn at(&self, server: &Url) -> Self {
        let absolute = |path: &str| {
            server
                .join(path)
                .map_or_else(|_| path.to_owned(), String::from)
        };
        let mut here = self.clone();
        here.endpoints.authorize = absolute(&self.endpoints.authorize);
        here.endpoints.token = absolute(&self.endpoints.token);
        if let Some(identity) = &mut here.identity {
            identity.url = identity.url.as_deref().map(absolute);
        }
        if let Some(api) = &mut here.api {
            api.base = absolute(&api.base);
        }
        if let Some(revocation) = &mut here.revocation {
            revocation.url = absolute(&revocation.url);
        }
        here
    }
}

/// The `*.toml` files of a directory by name; hidden ones are left out.
fn toml_files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.extension() == Some(OsStr::new("toml")) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
