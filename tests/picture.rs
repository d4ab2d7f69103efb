//! The picture in the README is what the program prints today.

use std::fs;
use std::path::Path;

use crate::util::House;

#[test]
fn the_picture_of_check_is_what_it_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut check = House::new(&[]).command(&["check", "--color", "always", "fixtures/demo"]);
    let output = check.current_dir(root).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let svg = anstyle_svg::Term::new().render_svg(&format!("$ pullcreds check fixtures/demo\n{text}"));
    let path = root.join("docs/check.svg");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &svg).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        committed == svg,
        "docs/check.svg shows another output; BLESS=1 draws it anew. This is what is printed:\n{text}"
    );
}
