//! `${NAME}` in a text stands for a value from the environment, `$${` for `${` itself. `${NAME?}` may be
//! missing there: the text is then as if it had been left out.

/// Why a text cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ValueProblem {
    /// The environment lacks it.
    #[error(
        "The environment has no {0}: set it, or write `$${{` where `${{` is meant as it stands"
    )]
    Missing(String),
    /// `${` without a name and a brace behind it.
    #[error(
        "`${{` has to be followed by the name of a variable and `}}`; write `$${{` where it is meant as it stands"
    )]
    Malformed,
}

/// `text` with its values; `None` where one that may be missing is. What a variable holds is taken as
/// it is, and not looked through again.
pub(super) fn fill(
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<String>, ValueProblem> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = after;
            continue;
        }
        let (word, behind) = after.split_once('}').ok_or(ValueProblem::Malformed)?;
        let (name, may_miss) = match word.strip_suffix('?') {
            Some(name) => (name, true),
            None => (word, false),
        };
        if !is_name(name) {
            return Err(ValueProblem::Malformed);
        }
        filled.push_str(before);
        match env(name) {
            Some(value) => filled.push_str(&value),
            None if may_miss => return Ok(None),
            None => return Err(ValueProblem::Missing(name.to_owned())),
        }
        rest = behind;
    }
    filled.push_str(rest);
    Ok(Some(filled))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_values_and_a_doubled_dollar_gives_none() {
        let env = |name: &str| match name {
            "A" => Some("1".to_owned()),
            "DEEP" => Some("${A}\"\n".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        for (text, expected) in [
            ("", Ok("")),
            ("plain $5 {x} $A", Ok("plain $5 {x} $A")),
            ("${A}-${A}", Ok("1-1")),
            ("x${EMPTY}y", Ok("xy")),
            ("${DEEP}", Ok("${A}\"\n")),
            ("$${A} and ${A}", Ok("${A} and 1")),
            ("${B}", Err(ValueProblem::Missing("B".to_owned()))),
            ("${", Err(ValueProblem::Malformed)),
            ("${}", Err(ValueProblem::Malformed)),
            ("${a b}", Err(ValueProblem::Malformed)),
            ("${9}", Err(ValueProblem::Malformed)),
        ] {
            assert_eq!(
                fill(text, &env),
                expected.map(|text| Some(text.to_owned())),
                "{text}"
            );
        }
        assert_eq!(fill("${A?}", &env), Ok(Some("1".to_owned())));
        assert_eq!(fill("x${B?}", &env), Ok(None));
        assert_eq!(fill("${?}", &env), Err(ValueProblem::Malformed));
    }
}
