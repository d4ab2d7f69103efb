//! What can be wrong with a text, said so that a person can mend it. Knows no rule of the grammar itself.

use thiserror::Error;

/// The first place at which a text is not JSON.
///
/// `Display` gives the message without the place; turn [`offset`](Self::offset) into a line and a column with
/// [`position`](super::position()).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct SyntaxError {
    /// Bytes from the beginning of the input (a byte order mark included) to the offending one.
    pub offset: usize,
    /// What is wrong there.
    pub kind: SyntaxErrorKind,
}

/// What a strict reader of RFC 8259 stumbles over, the common habits of other dialects each by its name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// More than [`LONGEST_TEXT`](super::LONGEST_TEXT) bytes.
    #[error("the text is longer than 512 MiB, the most that can be read")]
    TooLong,
    /// Not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// Nothing but whitespace.
    #[error("the text is empty: expected a JSON value")]
    Empty,
    /// The text stops inside an object.
    #[error("the text ends inside an object: a `}}` is missing")]
    EndInObject,
    /// The text stops inside an array.
    #[error("the text ends inside an array: a `]` is missing")]
    EndInArray,
    /// The text stops inside a string.
    #[error("the text ends inside a string: a `\"` is missing")]
    EndInString,
    /// Something that begins no value.
    #[error("expected a value")]
    ExpectedValue,
    /// Something that is no key.
    #[error("expected a key in double quotes")]
    ExpectedKey,
    /// No colon between key and value.
    #[error("expected `:` after a key")]
    ExpectedColon,
    /// A member that is followed by neither.
    #[error("expected `,` or `}}` after a member")]
    ExpectedCommaOrBrace,
    /// An element that is followed by neither.
    #[error("expected `,` or `]` after an element")]
    ExpectedCommaOrBracket,
    /// A comma right before the closing bracket; the place is the comma's.
    #[error("trailing comma: nothing may follow it but another member or element")]
    TrailingComma,
    /// A comma with nothing before it.
    #[error("a comma with no value before it")]
    LeadingComma,
    /// A closing bracket that opens nowhere, or closes the other kind.
    #[error("lone `{0}`")]
    LoneClose(char),
    /// `//`, `/*` or `#`.
    #[error("comments are not JSON")]
    Comment,
    /// `'…'`
    #[error("strings stand in double quotes in JSON, not in single ones")]
    SingleQuote,
    /// `“`, `”` and their like.
    #[error("a typographic quotation mark: JSON takes the plain `\"`")]
    TypographicQuote,
    /// A no-break space and its like outside a string.
    #[error("a space that JSON does not know (U+{0:04X}): only space, tab and line ends may stand between tokens")]
    ForeignSpace(u32),
    /// `{{`, `{%`, `<%`, `${` or `$(` outside a string.
    #[error("a template's mark outside a string: this is JSON only once it is rendered")]
    TemplateMark,
    /// `True`, `NaN`, `undefined` and their like.
    #[error("an unknown word: JSON has only `true`, `false` and `null`")]
    UnknownWord,
    /// `007`
    #[error("a number may not begin with a zero that other digits follow")]
    LeadingZero,
    /// `+1`
    #[error("a number may not begin with `+`")]
    LeadingPlus,
    /// `-`, `.5`, `1.`, `1e`
    #[error("expected a digit")]
    ExpectedDigit,
    /// A line that ends inside a string.
    #[error("a string may not run over the end of its line: write `\\n`, or close it with `\"`")]
    LineEndInString,
    /// Another character below U+0020 in a string.
    #[error("raw control character in a string: write it as `\\u{0:04x}`")]
    ControlCharacter(u8),
    /// A backslash before something that it does not escape.
    #[error("unknown escape: a backslash may be followed by one of `\"\\/bfnrtu`")]
    UnknownEscape,
    /// `\u` without four hexadecimal digits.
    #[error("`\\u` takes four hexadecimal digits")]
    UnicodeEscape,
    /// A second value, or anything else, after the first.
    #[error("text after the end of the value")]
    TextAfterEnd,
}
