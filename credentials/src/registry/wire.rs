//! What is asked and answered. Who does it is another's business: nothing here opens a connection.

use crate::Secret;

/// One question to a server.
#[derive(Clone, Debug)]
pub struct Request {
    /// How it is asked.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// `Accept`.
    pub accept: Option<&'static str>,
    /// `Authorization`.
    pub authorization: Option<Secret>,
    /// A form to be posted, already encoded.
    pub form: Option<Secret>,
    /// Whether the server's certificate has to be a good one.
    pub is_verified: bool,
}

/// What is done at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "HTTP's own names")]
pub enum Method {
    Get,
    Head,
    Post,
    Delete,
}

/// What a server says.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// Each `WWW-Authenticate`.
    pub challenges: Vec<String>,
    /// `Content-Type`
    pub content_type: Option<String>,
    /// `Location`
    pub location: Option<String>,
    /// `Retry-After`
    pub retry_after: Option<String>,
    /// `Date`
    pub date: Option<String>,
    /// The beginning of the body; it may hold a token.
    pub body: Secret,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No address for the name.
    NoSuchHost,
    /// No connection; the system's words.
    Unreachable(String),
    /// Not within the time.
    Timeout,
    /// The server's certificate.
    Certificate(Certificate),
    /// It does not speak TLS.
    NotTls,
    /// Something else about the connection, in words.
    Other(String),
}

/// What is wrong with a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// No authority that is known vouches for it.
    NotTrusted,
    /// Its time is over. Both times in seconds since 1970, by this machine's clock.
    Expired {
        /// The last second in which it was good.
        until: Option<u64>,
        /// Now.
        now: Option<u64>,
    },
    /// Its time has not come, likewise.
    NotYet {
        /// The first second in which it will be good.
        from: Option<u64>,
        /// Now.
        now: Option<u64>,
    },
    /// It is for other names; these, where they are known.
    OtherName(Vec<String>),
    /// The server wants a certificate of the client's.
    ClientWanted,
    /// Something else, in words.
    Other(String),
}

/// Asks servers, from several threads at once.
pub trait Wire: Sync {
    /// Asks once. Redirects of `GET` and `HEAD` may be followed, but `authorization` and `form` go to no other host.
    ///
    /// # Errors
    /// When there is no answer of HTTP.
    fn ask(&self, request: &Request) -> Result<Answer, Failure>;
}
