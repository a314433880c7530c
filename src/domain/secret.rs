//! Values that must never be printed, logged or recorded.
//!
//! The wrapper hides the value in `Debug`, has no `Display` and no
//! `Serialize`, and wipes its memory on drop. Copies made by TLS or protocol
//! buffers are outside its reach: the exposure is reduced, not gone.

use secrecy::{ExposeSecret, SecretString};

/// A password, token or connection string with credentials in it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes ownership of a secret value.
    pub fn new(value: String) -> Self {
        Self(SecretString::from(value))
    }

    /// Lends the value to the one call that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret.expose(), "hunter2");
    }
}
