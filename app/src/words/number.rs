//! Numbers as people read them.

/// `1284` gives "1,284".
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// "1 connection", "42 connections", "no connections".
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        more => format!("{} {many}", grouped(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_284), "1,284");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(counted(0, "connection", "connections"), "no connections");
        assert_eq!(counted(1, "connection", "connections"), "1 connection");
        assert_eq!(
            counted(1_284, "connection", "connections"),
            "1,284 connections"
        );
    }
}
