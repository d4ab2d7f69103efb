//! Numbers compared by their exact value, whatever their length, and never turned into a float.

use std::cmp::Ordering;

/// Whether two JSON numbers are the same number: `1`, `1.0` and `10e-1` are.
///
/// Takes time in proportion to the two spellings, whatever their exponents say.
pub(super) fn same(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let (left, right) = (Number::of(left), Number::of(right));
    match (left.is_zero(), right.is_zero()) {
        (false, false) => {
            left.negative == right.negative && left.digits().eq(right.digits()) && left.same_magnitude(&right)
        }
        // `-0` is zero as well.
        (left, right) => left == right,
    }
}

/// A number as its digits without outer zeros, and where its point stands.
struct Number<'n> {
    negative: bool,
    integer: &'n str,
    fraction: &'n str,
    exponent_negative: bool,
    /// Without leading zeros; empty for 0.
    exponent: &'n str,
}

impl<'n> Number<'n> {
    fn of(text: &'n str) -> Number<'n> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, ""));
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        Number {
            negative,
            integer: integer.trim_start_matches('0'),
            fraction: fraction.trim_end_matches('0'),
            exponent_negative: exponent.starts_with('-'),
            exponent: exponent.trim_start_matches(['+', '-']).trim_start_matches('0'),
        }
    }

    fn is_zero(&self) -> bool {
        self.integer.is_empty() && self.fraction.is_empty()
    }

    /// The digits from the first to the last that is not zero.
    fn digits(&self) -> impl Iterator<Item = u8> {
        let (integer, fraction) = match (self.integer.is_empty(), self.fraction.is_empty()) {
            (true, _) => ("", self.fraction.trim_start_matches('0')),
            (_, true) => (self.integer.trim_end_matches('0'), ""),
            _ => (self.integer, self.fraction),
        };
        integer.bytes().chain(fraction.bytes())
    }

    /// How many places the first digit stands before the point, the exponent left out.
    fn places(&self) -> i64 {
        if self.integer.is_empty() {
            -((self.fraction.len() - self.fraction.trim_start_matches('0').len()) as i64)
        } else {
            self.integer.len() as i64
        }
    }

    /// Whether places and exponent together come to the same.
    fn same_magnitude(&self, other: &Number<'_>) -> bool {
        match (self.small_exponent(), other.small_exponent()) {
            (Some(left), Some(right)) => self.places() + left == other.places() + right,
            // One that is too long to count with: the difference of the exponents has to be that of the places.
            _ => {
                let difference = other.places() - self.places();
                exponent_exceeds_by(self, other, difference)
            }
        }
    }

    fn small_exponent(&self) -> Option<i64> {
        let magnitude: i64 = if self.exponent.is_empty() {
            0
        } else {
            self.exponent.parse().ok()?
        };
        // Places are at most the length of a text: far from any overflow below this.
        (magnitude < 1 << 60).then_some(if self.exponent_negative { -magnitude } else { magnitude })
    }
}

/// Whether `left`'s exponent is `right`'s plus `difference`, in decimal, where one of the two has no machine size.
fn exponent_exceeds_by(left: &Number<'_>, right: &Number<'_>, difference: i64) -> bool {
    if left.exponent_negative != right.exponent_negative {
        // One is beyond 2^60 and the places are not: the two lie on different sides of zero, too far apart.
        return false;
    }
    let difference = if left.exponent_negative {
        -difference
    } else {
        difference
    };
    let larger_first = match left.exponent.len().cmp(&right.exponent.len()) {
        Ordering::Equal => left.exponent.cmp(right.exponent),
        other => other,
    };
    let (larger, smaller) = match larger_first {
        Ordering::Less => (right.exponent, left.exponent),
        _ => (left.exponent, right.exponent),
    };
    if (larger_first == Ordering::Less) != (difference < 0) && difference != 0 {
        return false;
    }
    sum_is(smaller, difference.unsigned_abs(), larger)
}

/// Whether `digits + addend == sum`, in decimal text.
fn sum_is(digits: &str, addend: u64, sum: &str) -> bool {
    let mut carry = addend;
    let mut digits = digits.bytes().rev();
    let mut sum = sum.bytes().rev();
    loop {
        let (digit, expected) = (digits.next(), sum.next());
        if digit.is_none() && expected.is_none() {
            return carry == 0;
        }
        carry += digit.map_or(0, |digit| u64::from(digit - b'0'));
        if carry % 10 != expected.map_or(0, |digit| u64::from(digit - b'0')) {
            return false;
        }
        carry /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    const BIG: &str = "123456789012345678901234567890";

    #[test]
    fn spellings_of_one_number_are_the_same() {
        let families: [&[&str]; 9] = [
            &[
                "1", "1.0", "10e-1", "0.1e1", "1E0", "1e+00", "0.01e2", "100e-2", "1.000e-0",
            ],
            &["0", "-0", "0.0", "0e99", "-0.00E-7", "0e99999999999999999999999"],
            &["100", "1e2", "0.1e3", "1000e-1", "100.00"],
            &["-0.0205", "-2.05e-2", "-205e-4", "-0.00205e1"],
            &[
                BIG,
                "1.2345678901234567890123456789e29",
                "12345678901234567890123456789e1",
            ],
            &[
                "1e999999999999999999999999",
                "10e999999999999999999999998",
                "0.1e1000000000000000000000000",
            ],
            &[
                "1e-999999999999999999999999",
                "10e-1000000000000000000000000",
                "0.1e-999999999999999999999998",
            ],
            &["1e1152921504606846976", "10e1152921504606846975"],
            &["1e999", "10e998"],
        ];
        for (one, family) in families.iter().enumerate() {
            for left in *family {
                for (other, right) in families
                    .iter()
                    .enumerate()
                    .flat_map(|(other, f)| f.iter().map(move |r| (other, r)))
                {
                    assert_eq!(same(left, right), one == other, "{left} and {right}");
                }
            }
        }
    }

    #[test]
    fn near_misses_differ() {
        for (left, right) in [
            ("1", "-1"),
            ("10", "1"),
            ("101", "11"),
            ("1.01", "1.1"),
            ("9007199254740993", "9007199254740992"),
            ("1e99999999999999999999", "1e-99999999999999999999"),
            ("1e99999999999999999999", "10e99999999999999999999"),
            ("10e99999999999999999999", "1e99999999999999999999"),
            ("1e99999999999999999999", "10e100000000000000000000"),
            ("1e99999999999999999999", "1e99999999999999999998"),
        ] {
            assert!(!same(left, right), "{left} and {right}");
        }
    }
}
