//! A value that nobody prints, serialises, compares or copies by accident.

use zeroize::Zeroize;

/// Holds a secret and overwrites it when dropped.
///
/// On purpose it has no `Serialize`, `Display`, `Clone`, `PartialEq` or `Deref`: the only way to
/// the value is [`Secret::expose`], so every place that reads a secret can be found by that word.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a secret in.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the moment in which it is used.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

static_assertions::assert_not_impl_any!(Secret<String>: serde::Serialize, std::fmt::Display, Clone, PartialEq, std::ops::Deref);
