//! The commands. Each opens the database, does one thing and says so; what goes wrong is one
//! sentence on standard error.

use crate::apply::{ApplyError, Document, apply};
use crate::audit::heads::HeadsFile;
use crate::auth::{MemberFields, Passwords, check_member};
use crate::catalog::{self, Catalog};
use crate::clock::{AnchoredClock, SharedClock, SystemClock};
use crate::config::{Config, ConfigError, KeySource, unknown_variables};
use crate::domain::{Actor, AuditHead, Governed, Governor, Member, TeamChange};
use crate::quarantine::Heartbeat;
use crate::serve::serve;
use crate::state::{AppState, SetupError, upstreams};
use crate::store::{self, CheckProgress, NewMember, OpenError, Store, StoreError, StoreLock};
use crate::telemetry;
use crate::vault::{KekSet, Secret};
use app::wire::{CheckOutcome, Field, PortalError, Problem, Role, Trust};
use app::words;
use clap::{Parser, Subcommand};
use std::io::{BufRead, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// A self-hosted vault for OAuth connections, with a developer portal in front.
#[derive(Parser)]
#[command(name = "grantport", version, about, long_about = None)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal, the connect flow and the API (the default).
    Serve,
    /// Bring the database up to date and end.
    Migrate,
    /// Make the instance match a file, and say what was changed.
    Apply {
        /// The TOML file. `${NAME}` in it takes a value from the environment.
        file: PathBuf,
    },
    /// Look at the key-encryption keys, or change them.
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
    /// Say that a restored or copied database may refresh tokens, or that it may not.
    Restore {
        #[command(subcommand)]
        command: Restore,
    },
    /// Look at the audit.
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// Look at provider definitions.
    Catalog {
        #[command(subcommand)]
        command: Definitions,
    },
    /// Add a person who may sign in.
    Member {
        #[command(subcommand)]
        command: Members,
    },
}

#[derive(Subcommand)]
enum Keys {
    /// Show which keys are in use.
    Status,
    /// Wrap every data key under the first key-encryption key.
    Rotate,
}

#[derive(Subcommand)]
enum Restore {
    /// Show whether the database is in quarantine, why, and what to do.
    Status,
    /// Put it in quarantine: before a copy is started, or before one is made.
    Begin,
    /// Lift the quarantine: the original is off for good, and this one takes over.
    Confirm,
}

#[derive(Subcommand)]
enum Audit {
    /// Check that every row is as it was sealed; name the first one that is not, and fail.
    Verify {
        /// Files of exported heads, from every node there was. Default: this machine's own.
        #[arg(long)]
        heads: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Definitions {
    /// List all definitions: id, how sure they are, and name.
    List,
    /// Say what is wrong with definition files, with line and fix.
    Check {
        /// The files, named after the ids in them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of definition files, for editors.
    Schema,
}

#[derive(Subcommand)]
enum Members {
    /// Add a member to the organization.
    Create {
        /// E-mail to sign in with.
        #[arg(long)]
        email: String,
        /// Name that others see.
        #[arg(long)]
        name: String,
        /// owner, admin, developer, support or auditor.
        #[arg(long)]
        role: String,
        /// Read the password from standard input even if that is a terminal.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Take the second factor of a member away who lost it: their password alone signs them in then.
    ResetSecondFactor {
        /// E-mail of the member.
        email: String,
    },
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database or its key.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database, later.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A command about a restored database, while its server runs on SQLite (R104).
    #[error(
        "a server uses {path}, and on SQLite a command cannot run beside it. Stop the server, run this command again, and start the server."
    )]
    ServerRuns {
        /// The database file.
        path: PathBuf,
    },
    /// The catalog, or the way out.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The port is taken.
    #[error("{address} is in use by another program. Stop it, or set {variable} to another port.")]
    PortInUse {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// The setting that says so.
        variable: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}. Set {variable} to an address of this machine.")]
    Bind {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// The setting that says so.
        variable: &'static str,
        /// What the system says.
        error: std::io::Error,
    },
    /// The system does not deliver signals.
    #[error("cannot wait for the signal to end: {0}")]
    Signal(std::io::Error),
    /// The runtime could not be started.
    #[error("cannot start: {0}")]
    Start(std::io::Error),
    /// The file to apply cannot be read.
    #[error("{path}: {source}")]
    File {
        /// As given.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file to apply, or the instance it is applied to.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// Definition files were looked at and found wrong; what is wrong was printed.
    #[error("{0} of the definition files are wrong. Correct what is printed above.")]
    Definitions(usize),
    /// A chain of the audit is not as it was sealed; what is wrong was printed.
    #[error("the audit was changed after it was written")]
    Audit,
    /// What a member command was given. Says which field and what to do.
    #[error("{0}")]
    Member(String),
}

/// Parses, runs, and turns the outcome into an exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    close_to_others();
    match start(arguments.command.unwrap_or(Command::Serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("grantport: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Files that are made belong to their owner alone, and no crash writes keys to disk (R85).
fn close_to_others() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    #[cfg(target_os = "linux")]
    if let Err(error) =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        eprintln!("grantport: core dumps could not be switched off: {error}");
    }
}

fn start(command: Command) -> Result<(), Failure> {
    // needs neither settings nor a database
    if let Command::Catalog { command } = command {
        return match command {
            Definitions::List => list_definitions(),
            Definitions::Schema => {
                print!("{}", catalog::schema());
                Ok(())
            }
            Definitions::Check { files } => check_definitions(&files),
        };
    }
    let config = Config::read(|name| std::env::var(name).ok())?;
    telemetry::start(config.log.as_deref());
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::Start)?
        .block_on(Box::pin(run(command, config)))
}

fn list_definitions() -> Result<(), Failure> {
    let config = Config::read(|name| std::env::var(name).ok())?;
    let catalog = Catalog::load(config.catalog_dir.as_deref()).map_err(SetupError::from)?;
    for problem in catalog.problems() {
        eprintln!("left out: {problem}");
    }
    for definition in catalog.by_name() {
        let trust = match definition.trust.level {
            Trust::Documented => "documented",
            Trust::ContractTested => "contract-tested",
            Trust::SeenLive => "seen live",
        };
        println!("{:<24}{trust:<18}{}", definition.id, definition.name);
    }
    Ok(())
}

fn check_definitions(files: &[PathBuf]) -> Result<(), Failure> {
    let mut wrong = 0;
    for file in files {
        let problems = catalog::check(file);
        for problem in &problems {
            println!("{problem}");
        }
        if problems.is_empty() {
            println!("{}: right", file.display());
        } else {
            wrong += 1;
        }
    }
    match wrong {
        0 => Ok(()),
        wrong => Err(Failure::Definitions(wrong)),
    }
}

async fn run(command: Command, config: Config) -> Result<(), Failure> {
    match command {
        Command::Catalog { .. } => Ok(()),
        Command::Serve => {
            let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
            for name in unknown_variables(names) {
                tracing::warn!(name, "there is no such setting; it is ignored");
            }
            // what is due on one node is due on all
            let clock = AnchoredClock::on(Arc::new(SystemClock));
            let (store, lock) = open_by(clock, &config).await?;
            serve(AppState::new(config, store)?, lock).await
        }
        Command::Migrate => {
            let (store, _lock) = open(&config).await?;
            println!("The database is up to date.");
            store.close().await;
            Ok(())
        }
        Command::Apply { file } => {
            let document = read_document(&file)?;
            let (store, _lock) = open(&config).await?;
            let upstreams = upstreams(&config, &store)?;
            let applied = apply(&store, &upstreams, document, &mut std::io::stdout()).await;
            store.close().await;
            applied.map(drop).map_err(Failure::from)
        }
        Command::Keys { command } => {
            let (store, _lock) = open(&config).await?;
            match command {
                Keys::Status => status(&store),
                Keys::Rotate => rotate(&store).await?,
            }
            store.close().await;
            Ok(())
        }
        Command::Restore { command } => {
            let (store, _lock) = open_restored(&config).await?;
            let heartbeat = Heartbeat::new(&store, &config.keys);
            let said = match command {
                Restore::Status => heartbeat.status().await,
                Restore::Begin => heartbeat.begin().await,
                Restore::Confirm => heartbeat.confirm().await,
            };
            store.close().await;
            println!("{}", said?);
            Ok(())
        }
        Command::Audit {
            command: Audit::Verify { heads },
        } => {
            let heads = read_heads(heads, &config)?;
            let (store, _lock) = open(&config).await?;
            let verified = verify_audit(&store, &heads).await;
            store.close().await;
            verified
        }
        Command::Member {
            command:
                Members::Create {
                    email,
                    name,
                    role,
                    password_stdin,
                },
        } => {
            let role = role.parse().map_err(|()| {
                Failure::Member(
                    "--role is one of owner, admin, developer, support, auditor.".to_owned(),
                )
            })?;
            let password = read_password(password_stdin)?;
            let (store, _lock) = open(&config).await?;
            let done = create_member(&store, &email, &name, role, password).await;
            store.close().await;
            done
        }
        Command::Member {
            command: Members::ResetSecondFactor { email },
        } => {
            let (store, _lock) = open(&config).await?;
            let done = reset_second_factor(&store, &email).await;
            store.close().await;
            done
        }
    }
}

/// The heads in these files, or in this machine's own. A file that was named must be there.
fn read_heads(named: Vec<PathBuf>, config: &Config) -> Result<Vec<AuditHead>, Failure> {
    let usual = named.is_empty();
    let files = if usual {
        vec![config.heads_file()]
    } else {
        named
    };
    let mut heads = Vec::new();
    for path in files {
        let read = if usual || path.exists() {
            HeadsFile::at(path.clone()).read()
        } else {
            Err(std::io::ErrorKind::NotFound.into())
        };
        heads.extend(read.map_err(|source| Failure::File { path, source })?);
    }
    Ok(heads)
}

/// Checks every chain, and says for each how it is.
async fn verify_audit(store: &Store, heads: &[AuditHead]) -> Result<(), Failure> {
    let mut broken = false;
    for organization in store.organizations().await? {
        let outcome = store
            .check_audit(&organization.id, heads, CheckProgress::Unsaid)
            .await?;
        let compared = heads
            .iter()
            .filter(|head| head.organization == organization.id)
            .count();
        let (what, more) = words::audit::outcome(&outcome);
        println!("{}: {what} {more}", organization.name);
        broken |= matches!(outcome, CheckOutcome::Broken(_));
        let chain = store.audit_chain(&organization.id).await?;
        if let Some(head) = chain.head {
            println!(
                "  head {head}, number {}; compared with {compared} exported heads",
                chain.rows
            );
        }
    }
    if broken { Err(Failure::Audit) } else { Ok(()) }
}

async fn open(config: &Config) -> Result<(Store, StoreLock), Failure> {
    open_by(Arc::new(SystemClock), config).await
}

async fn open_by(clock: SharedClock, config: &Config) -> Result<(Store, StoreLock), Failure> {
    let keys = |is_new| key_encryption_keys(&config.keys, is_new);
    Ok(store::open(config.database_url.expose(), clock, keys).await?)
}

/// Opens a database that was put there; makes none.
async fn open_restored(config: &Config) -> Result<(Store, StoreLock), Failure> {
    let keys = |is_new| {
        if is_new {
            return Err(OpenError::NotThere);
        }
        key_encryption_keys(&config.keys, false)
    };
    // what is confirmed is compared with moments that servers noted, who go by the database's clock
    let clock = AnchoredClock::on(Arc::new(SystemClock));
    store::open(config.database_url.expose(), clock, keys)
        .await
        .map_err(|error| match error {
            OpenError::InUse { path } => Failure::ServerRuns { path },
            other => other.into(),
        })
}

/// The usual key file is made together with a new database. Beside a database that has data, a new
/// key would open nothing.
fn key_encryption_keys(source: &KeySource, new_database: bool) -> Result<KekSet, OpenError> {
    match source {
        KeySource::Text(text) => KekSet::from_text(text.expose()).map_err(OpenError::KeyText),
        KeySource::File(path) => Ok(KekSet::from_file(path)?),
        KeySource::Usual(path) if path.exists() => Ok(KekSet::from_file(path)?),
        KeySource::Usual(path) if new_database => {
            make_directory_of(path)?;
            let keys = KekSet::create_file(path)?;
            println!(
                "Made a new key: {}. Keep a copy, apart from the database: without it the data cannot be read.",
                path.display()
            );
            Ok(keys)
        }
        KeySource::Usual(path) => Err(OpenError::MissingKey { path: path.clone() }),
    }
}

fn make_directory_of(path: &Path) -> Result<(), OpenError> {
    let Some(directory) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(directory).map_err(|source| OpenError::File {
        path: PathBuf::from(directory),
        source,
    })
}

fn read_document(file: &Path) -> Result<Document, Failure> {
    let text = std::fs::read_to_string(file).map_err(|source| Failure::File {
        path: file.to_owned(),
        source,
    })?;
    let directory = file.parent().unwrap_or(Path::new(""));
    let document = Document::read(&text, directory, |name| std::env::var(name).ok());
    document.map_err(|error| Failure::Apply(error.into()))
}

fn status(store: &Store) {
    let wrapped = store.keyring().status();
    for (position, id) in store.keyring().keks().ids().enumerate() {
        let count = wrapped.get(id).copied().unwrap_or_default();
        let role = match (position, count) {
            (0, _) => "encrypts",
            (_, 0) => "no longer needed",
            _ => "decrypts only",
        };
        println!("{id}  {role}, data keys: {count}");
    }
}

async fn rotate(store: &Store) -> Result<(), Failure> {
    let keys = store.keyring().rewrapped();
    for (index, key) in keys.iter().enumerate() {
        store.save_rewrapped(key, Actor::command_line()).await?;
        println!(
            "{}/{}  {} is wrapped with {}",
            index + 1,
            keys.len(),
            key.id,
            key.kek_id
        );
    }
    println!("Done. Keys other than the first one can be removed once every node was restarted.");
    Ok(())
}

fn read_password(even_from_terminal: bool) -> Result<Secret<String>, Failure> {
    let input = std::io::stdin();
    if input.is_terminal() && !even_from_terminal {
        return Err(Failure::Member(
            "Give the password on standard input, e.g. `grantport member create ... < password.txt`.".to_owned(),
        ));
    }
    let mut line = String::new();
    input
        .lock()
        .read_line(&mut line)
        .map_err(|error| Failure::Member(format!("The password cannot be read: {error}")))?;
    let password = Secret::new(line);
    Ok(Secret::from(
        password.expose().trim_end_matches(['\r', '\n']),
    ))
}

async fn reset_second_factor(store: &Store, email: &str) -> Result<(), Failure> {
    let Some(found) = store.credentials_of(email).await? else {
        let what = "There is no member with this e-mail.".to_owned();
        return Err(Failure::Member(what));
    };
    let by = Governor::Operator(Actor::command_line());
    let Member {
        id, organization, ..
    } = found.member;
    let change = TeamChange::ResetSecondFactor;
    let governed = store.govern(&by, &organization, &id, change).await?;
    let said = if governed == Governed::Done {
        "is gone, and their sessions ended"
    } else {
        "was not on; nothing was changed"
    };
    println!("The second factor of {email} {said}.");
    Ok(())
}

async fn create_member(
    store: &Store,
    email: &str,
    name: &str,
    role: Role,
    password: Secret<String>,
) -> Result<(), Failure> {
    let organizations = store.organizations().await?;
    let Some(organization) = organizations.first() else {
        return Err(Failure::Member(
            "There is no organization yet. Start the server and open /setup first.".to_owned(),
        ));
    };
    let fields = MemberFields {
        organization: None,
        name,
        email,
        password: password.expose(),
    };
    check_member(fields).map_err(|error| Failure::Member(in_words(&error)))?;
    let password = Passwords::default()
        .hash(password)
        .await
        .map_err(|error| Failure::Member(in_words(&error)))?;
    let new = NewMember {
        email: email.trim().to_owned(),
        name: name.trim().to_owned(),
        role,
        password,
    };
    match store
        .create_member(&organization.id, new, Actor::command_line())
        .await
    {
        Ok(member) => {
            println!(
                "Added {} as {} of {}.",
                member.email,
                role.as_str(),
                organization.name
            );
            Ok(())
        }
        Err(StoreError::Conflict) => Err(Failure::Member(
            "There is a member with this e-mail already.".to_owned(),
        )),
        Err(error) => Err(error.into()),
    }
}

fn in_words(error: &PortalError) -> String {
    let PortalError::Invalid(errors) = error else {
        return "The password could not be hashed. Try again.".to_owned();
    };
    let sentences = errors.iter().map(|error| {
        let field = match error.field {
            Field::Email => "The e-mail",
            Field::Name => "The name",
            _ => "The password",
        };
        match error.problem {
            Problem::Missing => format!("{field} is missing."),
            Problem::TooShort(least) => format!("{field} needs at least {least} characters."),
            Problem::TooLong(most) => format!("{field} has more than {most} characters."),
            Problem::TooCommon => format!(
                "{field} is easy to guess; use words that have nothing to do with each other."
            ),
            Problem::NotAnEmail => format!("{field} is not an address."),
            _ => format!("{field} has characters that cannot stand there."),
        }
    });
    sentences.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{issue_setup_token, setup_token_hash};
    use crate::store::SetUpOutcome;

    fn key_line(path: &Path) -> String {
        KekSet::create_file(path).expect("a key");
        let text = std::fs::read_to_string(path).expect("a file");
        text.lines().last().expect("a line").to_owned()
    }

    async fn open_with(directory: &Path, keys: &str) -> Result<(Store, StoreLock), OpenError> {
        let url = format!("sqlite://{}/grantport.db", directory.display());
        let keys = KeySource::Text(Secret::from(keys));
        store::open(&url, Arc::new(SystemClock), |is_new| {
            key_encryption_keys(&keys, is_new)
        })
        .await
    }

    async fn with_organization(store: &Store) {
        let token = issue_setup_token(store)
            .await
            .expect("a database")
            .expect("nobody is here");
        let owner = NewMember {
            email: "ada@acme.example".to_owned(),
            name: "Ada".to_owned(),
            role: Role::Owner,
            password: Secret::from("$argon2id$"),
        };
        let done = store
            .set_up_organization(&setup_token_hash(token.expose()), "Acme".to_owned(), owner)
            .await;
        assert!(matches!(done, Ok(SetUpOutcome::Done(..))));
    }

    #[test]
    fn a_key_is_made_for_a_new_database_only() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("data/key");
        let usual = KeySource::Usual(path.clone());
        let missing = key_encryption_keys(&usual, false);
        assert!(matches!(missing, Err(OpenError::MissingKey { .. })));
        assert!(!path.exists());
        assert!(key_encryption_keys(&usual, true).is_ok());
        assert!(
            key_encryption_keys(&usual, false).is_ok(),
            "it is there now"
        );
        let named = KeySource::File(directory.path().join("elsewhere"));
        assert!(
            key_encryption_keys(&named, true).is_err(),
            "a file that was named is never made"
        );
    }

    #[tokio::test]
    async fn a_key_can_be_replaced_and_the_old_one_retired() {
        let directory = tempfile::tempdir().expect("a directory");
        let (old, new) = (
            key_line(&directory.path().join("old")),
            key_line(&directory.path().join("new")),
        );
        {
            let (store, _lock) = open_with(directory.path(), &old).await.expect("opened");
            with_organization(&store).await;
            store.close().await;
        }
        assert!(
            open_with(directory.path(), &new).await.is_err(),
            "a new key alone opens nothing"
        );
        {
            let (store, _lock) = open_with(directory.path(), &format!("{new}\n{old}"))
                .await
                .expect("opened");
            rotate(&store).await.expect("rotated");
            store.close().await;
        }
        let (store, _lock) = open_with(directory.path(), &new)
            .await
            .expect("opened with the new key alone");
        assert_eq!(store.keyring().status().values().sum::<usize>(), 1);
    }

    #[tokio::test]
    async fn members_are_added_by_command() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = key_line(&directory.path().join("key"));
        let (store, _lock) = open_with(directory.path(), &key).await.expect("opened");
        let create = async |email: &'static str, password: &'static str| {
            let password = Secret::from(password);
            let done = create_member(&store, email, "Bob", Role::Support, password).await;
            done.map_err(|failure| failure.to_string())
        };
        let too_early = create("bob@acme.example", "a quiet yellow lamp").await;
        assert!(too_early.is_err_and(|sentence| sentence.contains("/setup")));
        with_organization(&store).await;
        let wrong = create("bob", "short")
            .await
            .expect_err("two things are wrong");
        assert_eq!(
            wrong,
            "The e-mail is not an address. The password needs at least 12 characters."
        );
        assert_eq!(
            create("Bob@acme.example", "a quiet yellow lamp").await,
            Ok(())
        );
        let twice = create("bob@ACME.example", "a quiet yellow lamp").await;
        assert!(twice.is_err_and(|sentence| sentence.contains("already")));
        let bob = store
            .credentials_of("bob@acme.example")
            .await
            .expect("a database")
            .expect("Bob");
        assert_eq!(bob.member.role, Role::Support);
    }

    #[tokio::test]
    async fn a_restored_database_has_to_be_there_and_free() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = key_line(&directory.path().join("key"));
        let config = Config::read(|name| match name {
            "GRANTPORT_DATABASE_URL" => {
                let directory = directory.path().display();
                Some(format!("sqlite://{directory}/grantport.db"))
            }
            "GRANTPORT_KEY" => Some(key.clone()),
            _ => None,
        })
        .expect("settings");
        let refused = async || match open_restored(&config).await {
            Ok(_) => String::new(),
            Err(failure) => failure.to_string(),
        };
        let sentence = refused().await;
        assert!(sentence.contains("no Grantport database yet"), "{sentence}");
        let server = open_with(directory.path(), &key).await.expect("opened");
        let sentence = refused().await;
        assert!(sentence.contains("Stop the server"), "{sentence}");
        drop(server);
        assert_eq!(refused().await, "");
    }

    #[test]
    fn arguments_are_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
