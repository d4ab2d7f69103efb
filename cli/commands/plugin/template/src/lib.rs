//! The boundary to pullcreds; the rule itself is in `rule`.

pub mod rule;

#[cfg(target_arch = "wasm32")]
mod guest {
    use crate::rule::{self, CODE, NAME};

    mod bindings {
        wit_bindgen::generate!({ path: "wit", world: "plugin" });
        export!(Plugin with_types_in self);
        use super::Plugin;
    }
    use bindings::exports::pullcreds::transform::transformer as wit;

    struct Plugin;

    impl wit::Guest for Plugin {
        fn describe() -> wit::Description {
            wit::Description {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                policy_schema: None,
            }
        }

        fn transform(
            definition: String,
            settings: String,
            options: wit::Options,
        ) -> Result<wit::Outcome, wit::Failure> {
            // A fix may only be made where the rule is wanted.
            let is_wanted = (options.select.is_empty() || options.select.iter().any(|rule| CODE.starts_with(rule.as_str())))
                && !options.ignore.iter().any(|rule| CODE.starts_with(rule.as_str()) || rule == NAME);
            let found = if is_wanted { rule::look(&definition, &settings) } else { Ok(None) };
            let found = found.map_err(|message| {
                wit::Failure::InvalidPolicy(wit::Problem { message, span: None, help: Vec::new() })
            })?;
            let patch = found.as_ref().and_then(|found| found.patch.clone());
            let findings: Vec<wit::Finding> = found.into_iter().map(|found| finding(found, options.fix_patches)).collect();
            Ok(wit::Outcome {
                kind: options.kind,
                passed_over: None,
                remaining: if patch.is_some() { Vec::new() } else { findings.clone() },
                findings,
                patch: patch.unwrap_or_else(|| "[]".to_owned()),
                text: None,
            })
        }
    }

    fn finding(found: rule::Found, fix_patches: bool) -> wit::Finding {
        wit::Finding {
            code: CODE.to_owned(),
            name: NAME.to_owned(),
            severity: wit::Severity::Warning,
            message: found.message,
            // No bytes: pullcreds finds the place by the pointer.
            span: wit::Span { start: 0, end: 0 },
            pointer: found.pointer,
            id: None,
            label: String::new(),
            related: Vec::new(),
            help: found.help,
            fix: found.patch.map(|patch| wit::Fix {
                title: "add the label".to_owned(),
                applicability: wit::Applicability::Safe,
                // Reports show the patch of each finding, where they ask for it; here it is the whole one.
                patch: fix_patches.then_some(patch),
            }),
        }
    }
}
