//! Plugins that no compiler would make: a few lines of WebAssembly's text, wrapped as a component of the interface.

use std::fmt::Write;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const WIT: &str = include_str!("../../plugin-wasm/wit/transform.wit");

/// Where the answer of `transform` lies, and how long it is: `result<outcome, failure>` as the canonical ABI lays it out,
/// in which 0 is "ok", "none" and the empty list.
const ANSWER: usize = 1024;
const PATCH: usize = ANSWER + 44;
const FINDINGS: usize = ANSWER + 28;
const REMAINING: usize = ANSWER + 36;
/// The length of a finding.
const RECORD: usize = 108;
/// Where data may lie, below what is handed out to the host.
const DATA: usize = 2048;
/// Where the finding lies that a guest has.
const FOUND: usize = DATA + 1024;

/// A plugin under construction.
#[derive(Clone, Debug)]
pub(crate) struct Guest {
    /// Of `transform`; `$asked` is where its arguments lie, the definition's place and length first.
    body: String,
    data: Vec<(usize, Vec<u8>)>,
    describe: &'static str,
    more: &'static str,
    version: &'static str,
}

impl Guest {
    /// A plugin that finds nothing.
    pub(crate) fn content() -> Guest {
        Guest::wordless("[]")
    }

    /// A plugin that does this when it is given an app or pod; its answer, if it comes to that, is at 1024.
    pub(crate) fn doing(body: &str) -> Guest {
        Guest {
            body: body.to_owned(),
            ..Guest::content()
        }
    }

    /// A plugin that hands back this as its patch, and a finding for it.
    pub(crate) fn patching(patch: impl AsRef<[u8]>) -> Guest {
        Guest::wordless(patch).finding_of("A1", (0, 0), "")
    }

    /// A plugin that hands back this as its patch, and does not say why.
    pub(crate) fn wordless(patch: impl AsRef<[u8]>) -> Guest {
        let patch = patch.as_ref();
        Guest::patch_at(DATA, patch.len()).with(DATA, patch)
    }

    /// A plugin whose patch lies here, whatever is there.
    pub(crate) fn patch_at(place: usize, length: usize) -> Guest {
        let guest = Guest {
            body: format!("i32.const {ANSWER}"),
            data: Vec::new(),
            describe: "i32.const 512",
            more: "",
            version: "0.1.0",
        };
        guest.with(PATCH, &pair(place, length))
    }

    /// The same, with 128 MiB of memory.
    pub(crate) fn grown(mut self) -> Guest {
        self.body = format!("(drop (memory.grow (i32.const 2048))) {}", self.body);
        self
    }

    /// A plugin with one finding, under this code, at these bytes and this pointer.
    pub(crate) fn finding(code: &str, span: (u32, u32), pointer: &str) -> Guest {
        let guest = Guest::content().finding_of(code, span, pointer);
        guest.with(REMAINING, &pair(FOUND, 1))
    }

    fn finding_of(self, code: &str, span: (u32, u32), pointer: &str) -> Guest {
        let texts = FOUND + RECORD;
        let message = "found by a test";
        let mut finding = pair(texts, code.len());
        finding.extend(pair(texts + 100, 4));
        // A warning.
        finding.extend([1, 0, 0, 0]);
        finding.extend(pair(texts + 200, message.len()));
        finding.extend(pair(span.0 as usize, span.1 as usize));
        finding.extend(pair(texts + 300, pointer.len()));
        self.with(FOUND, &finding)
            .with(texts, code.as_bytes())
            .with(texts + 100, b"test")
            .with(texts + 200, message.as_bytes())
            .with(texts + 300, pointer.as_bytes())
            .with(FINDINGS, &pair(FOUND, 1))
    }

    /// A plugin with very many findings, of memory that it takes first.
    pub(crate) fn findings(count: usize) -> Guest {
        let pages = count * RECORD / 65536 + 1;
        Guest::doing(&format!("(drop (memory.grow (i32.const {pages}))) i32.const {ANSWER}"))
            .with(FINDINGS, &pair(FOUND, count))
    }

    /// The same, but an app or pod that has this somewhere is answered with nothing.
    pub(crate) fn resting_on(mut self, word: &[u8; 4]) -> Guest {
        let word = u32::from_le_bytes(*word).cast_signed();
        self.body = format!(
            "(local $at i32) (local $end i32)
             (local.set $at (i32.load (local.get $asked)))
             (local.set $end (i32.sub (i32.add (local.get $at) (i32.load offset=4 (local.get $asked))) (i32.const 4)))
             (block $out (loop $next
                (br_if $out (i32.gt_u (local.get $at) (local.get $end)))
                (if (i32.eq (i32.load (local.get $at)) (i32.const {word})) (then
                    (i32.store8 (i32.const {DATA}) (i32.const 91)) (i32.store8 (i32.const {}) (i32.const 93))
                    (i32.store (i32.const {}) (i32.const 2)) (i32.store (i32.const {}) (i32.const 0)) (br $out)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br $next)))
             i32.const {ANSWER}",
            DATA + 1,
            PATCH + 4,
            FINDINGS + 4,
        );
        self
    }

    pub(crate) fn describing(mut self, body: &'static str) -> Guest {
        self.describe = body;
        self
    }

    /// More of the module: functions, a start.
    pub(crate) fn beside(mut self, more: &'static str) -> Guest {
        self.more = more;
        self
    }

    pub(crate) fn version(mut self, version: &'static str) -> Guest {
        self.version = version;
        self
    }

    fn with(mut self, place: usize, bytes: &[u8]) -> Guest {
        self.data.push((place, bytes.to_owned()));
        self
    }

    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        let interface = format!("pullcreds:transform/transformer@{}", self.version);
        let mut data = String::new();
        for (place, bytes) in &self.data {
            let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
            writeln!(data, "(data (i32.const {place}) \"{escaped}\")").unwrap();
        }
        let text = format!(
            r#"(module
                (memory (export "memory") 4)
                (global $free (mut i32) (i32.const 131072))
                (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
                    (local $at i32)
                    (local.set $at (global.get $free))
                    (global.set $free (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 15)) (i32.const -16)))
                    (local.get $at))
                (func (export "{interface}#describe") (result i32) {})
                (func $transform (export "{interface}#transform") (param $asked i32) (result i32) {})
                {}
                {data})"#,
            self.describe, self.body, self.more
        );
        let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut resolve = Resolve::default();
        let wit = WIT.replace("@0.1.0", &format!("@{}", self.version));
        let package = resolve.push_str("transform.wit", &wit).unwrap();
        let world = resolve.select_world(&[package], Some("plugin")).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        let mut encoder = ComponentEncoder::default().validate(true).module(&module).unwrap();
        encoder.encode().unwrap()
    }
}

/// Two numbers as memory holds them: a place and a length, a start and an end.
fn pair(one: usize, other: usize) -> Vec<u8> {
    [one, other]
        .iter()
        .flat_map(|number| u32::try_from(*number).unwrap().to_le_bytes())
        .collect()
}
