//! JSON in which no character stands as itself that a terminal obeys, or that turns the direction of text.
//!
//! Of JSON that is right such characters are in its strings, where an escape means the same.

use super::safe::is_obeyed;

/// The same document, with escapes for these characters. Those that JSON wants escaped are escaped already.
pub(crate) fn unobeyed(json: Vec<u8>) -> Vec<u8> {
    // Nearly all is of printing ASCII alone.
    if json.iter().fold(true, |plain, byte| plain & (*byte < 0x7f)) {
        return json;
    }
    let Ok(text) = std::str::from_utf8(&json) else {
        return json;
    };
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character >= '\u{7f}' && is_obeyed(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(character);
        }
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_stays_the_same() {
        let value = "ä\u{7f}\u{9b}31m\u{202e}\u{2028}\u{feff}\u{e0001}€𝄞";
        let json = unobeyed(serde_json::to_vec(value).unwrap());
        assert_eq!(
            std::str::from_utf8(&json).unwrap(),
            r#""ä\u007f\u009b31m\u202e\u2028\ufeff\udb40\udc01€𝄞""#
        );
        assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), value);
    }
}
