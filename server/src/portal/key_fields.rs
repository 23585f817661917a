//! What a form says about an API key, read into what a key can be.

use super::fields::{self, Findings};
use crate::domain::{
    ApiKey, KeyAddresses, KeyLimits, KeyProviders, KeyRate, KeyScopes, KeySettings, Provider,
    Timestamp,
};
use app::portal::Answer;
use app::wire::{Field, KeyForm, Problem};
use app::words::time::machine_day;
use std::time::Duration;

const MOST_RANGES: u32 = 50;

/// The settings that a form asks for. `current` is the key that is changed, `known` are the providers of its
/// application.
pub(super) fn settings(
    form: &KeyForm,
    known: &[Provider],
    current: Option<&ApiKey>,
    now: Timestamp,
) -> Answer<KeySettings> {
    let mut findings = Findings::default();
    let name = findings.check(Field::KeyName, fields::name(&form.name));
    let scopes = findings.check(Field::KeyScopes, scopes(&form.scopes));
    let providers = findings.check(Field::KeyProviders, providers(form, known));
    let addresses = findings.check(Field::IpRanges, addresses(&form.ip_ranges));
    let saved = current.and_then(|key| key.limits.expires_at);
    let expires_at = findings.check(Field::Expires, end(&form.expires, saved, now));
    let rate = findings.check(Field::Rate, rate(&form.rate));
    let limits = || {
        Some(KeyLimits {
            providers: providers?,
            addresses: addresses?,
            expires_at: expires_at?,
            rate: rate?,
        })
    };
    let settings = || {
        Some(KeySettings {
            name: name?,
            scopes: scopes?,
            limits: limits()?,
        })
    };
    findings.or(settings())
}

fn scopes(ticked: &[String]) -> Result<KeyScopes, Problem> {
    let scopes: Result<KeyScopes, ()> = ticked.iter().map(|word| word.parse()).collect();
    let scopes = scopes.map_err(|()| Problem::NotAChoice)?;
    if scopes.is_empty() {
        return Err(Problem::Missing);
    }
    Ok(scopes)
}

/// "These" without one is a mistake and not all of them.
fn providers(form: &KeyForm, known: &[Provider]) -> Result<KeyProviders, Problem> {
    if form.sees != "these" {
        return Ok(KeyProviders::All);
    }
    let id = |slug: &String| {
        let found = known.iter().find(|it| it.slug.as_str() == slug);
        found.map(|it| it.id.clone()).ok_or(Problem::NotAChoice)
    };
    let ids: Vec<_> = form.providers.iter().map(id).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Err(Problem::Missing);
    }
    Ok(KeyProviders::new(ids))
}

fn addresses(text: &str) -> Result<KeyAddresses, Problem> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let addresses = KeyAddresses::read(lines).map_err(|_| Problem::NotARange)?;
    match u32::try_from(addresses.ranges().len()) {
        Ok(many) if many <= MOST_RANGES => Ok(addresses),
        _ => Err(Problem::TooMany(MOST_RANGES)),
    }
}

/// The end of a day. A day that was not touched stands for the very moment that is saved.
fn end(day: &str, saved: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let day = day.trim();
    if day.is_empty() {
        return Ok(None);
    }
    let last_day = |end: Timestamp| machine_day((end - Duration::from_millis(1)).millis());
    if saved.is_some_and(|end| last_day(end) == day) {
        return Ok(saved);
    }
    let end = Timestamp::end_of_day(day).ok_or(Problem::NotADay)?;
    if end <= now {
        return Err(Problem::Past);
    }
    Ok(Some(end))
}

fn rate(text: &str) -> Result<Option<KeyRate>, Problem> {
    match text.trim() {
        "" => Ok(None),
        number => number
            .parse()
            .map(Some)
            .map_err(|_| Problem::NotANumber(KeyRate::MOST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::wire::PortalError;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn form() -> KeyForm {
        KeyForm {
            name: "backend".to_owned(),
            scopes: vec!["tokens:read".to_owned()],
            ..KeyForm::default()
        }
    }

    #[test]
    fn what_is_left_empty_limits_nothing() {
        let settings = settings(&form(), &[], None, NOW).expect("settings");
        assert_eq!(settings.limits, KeyLimits::default());
        assert_eq!(settings.scopes.stored(), "tokens:read");
    }

    #[test]
    fn everything_that_is_wrong_is_found_at_once() {
        let form = KeyForm {
            name: " ".to_owned(),
            scopes: Vec::new(),
            sees: "these".to_owned(),
            providers: Vec::new(),
            ip_ranges: "10.0.0.0/8\nthe office".to_owned(),
            expires: "2025-12-31".to_owned(),
            rate: "1e9".to_owned(),
        };
        let error = settings(&form, &[], None, NOW).expect_err("wrong");
        for (field, problem) in [
            (Field::KeyName, Problem::Missing),
            (Field::KeyScopes, Problem::Missing),
            (Field::KeyProviders, Problem::Missing),
            (Field::IpRanges, Problem::NotARange),
            (Field::Expires, Problem::Past),
            (Field::Rate, Problem::NotANumber(10_000)),
        ] {
            assert_eq!(error.problem_with(field), Some(problem), "{field:?}");
        }
        assert!(matches!(error, PortalError::Invalid(found) if found.len() == 6));
    }

    #[test]
    fn a_key_works_to_the_end_of_its_last_day_and_a_moment_that_is_saved_stays() {
        let end_of = |day, saved| end(day, saved, NOW);
        let midnight = Timestamp::from_millis(1_767_312_000_000);
        assert_eq!(end_of("2026-01-01", None), Ok(Some(midnight)));
        let noon = Timestamp::from_millis(1_767_268_800_000);
        assert_eq!(end_of("2026-01-01", Some(noon)), Ok(Some(noon)));
        assert_eq!(end_of("2026-01-01", Some(midnight)), Ok(Some(midnight)));
        assert_eq!(end_of("", Some(noon)), Ok(None));
        assert_eq!(end_of("tomorrow", None), Err(Problem::NotADay));
    }
}
