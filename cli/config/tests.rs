use std::fs;

use super::*;

struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new(files: &[(&str, &str)]) -> House {
        let house = House {
            folder: tempfile::tempdir().unwrap(),
        };
        for (path, text) in files {
            let path = house.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        house
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    fn finder(&self) -> Finder {
        let arguments = PolicyArguments {
            config: None,
            isolated: false,
            plugins: false,
            archive: None,
            secret: None,
        };
        Finder::new(&arguments, None).unwrap().unwrap()
    }

    fn folder(&self, path: &str) -> Arc<Folder> {
        self.finder().folder(&self.path(path)).unwrap()
    }

    fn bad(&self, path: &str) -> Arc<BadPolicy> {
        self.finder().folder(&self.path(path)).unwrap_err()
    }
}

fn user(folder: &Folder) -> Option<&str> {
    folder.policy().default_user()
}

#[test]
fn the_nearest_policy_counts_alone() {
    let house = House::new(&[
        ("pullcreds.toml", "default-user = \"far\"\ndocker-version = \"20.10\""),
        ("a/pullcreds.toml", "default-user = \"near\""),
        ("a/b/c/x.json", ""),
        ("d/x.json", ""),
    ]);
    assert_eq!(user(&house.folder("a/b/c")), Some("near"));
    assert!(house.folder("a/b/c").policy().docker().is_none());
    assert_eq!(user(&house.folder("d")), Some("far"));
}

#[test]
fn the_way_up_goes_from_where_dots_really_lead() {
    let house = House::new(&[
        ("pullcreds.toml", "default-user = \"root\""),
        ("a/pullcreds.toml", ""),
        ("a/b/x.json", ""),
    ]);
    assert_eq!(user(&house.folder("a/..")), Some("root"));
    assert_eq!(user(&house.folder("a/b/..")), None);
}

#[test]
fn an_extended_policy_gives_what_the_nearer_one_leaves_open() {
    let registry = |host| format!("[[registry]]\nmatch = \"{host}\"\narchive = \"file:///{host}.tar.gz\"\n");
    let far = format!(
        "default-user = \"far\"\nsecrets = false\n{}[rules]\nMC001 = \"off\"\nMC013 = \"off\"\n",
        registry("far.example")
    );
    let near = format!(
        "extend = \"../pullcreds.toml\"\ndefault-user = \"near\"\n{}[rules]\nMC013 = \"error\"\n",
        registry("near.example")
    );
    let house = House::new(&[("pullcreds.toml", &far), ("a/pullcreds.toml", &near)]);
    let folder = house.folder("a");
    let policy = folder.policy();
    assert_eq!((policy.default_user(), policy.has_secrets()), (Some("near"), false));
    let archives: Vec<_> = policy
        .registries()
        .iter()
        .filter_map(|registry| registry.archive())
        .collect();
    assert_eq!(archives, ["file:///near.example.tar.gz", "file:///far.example.tar.gz"]);
    let levels: Vec<_> = policy.rules().map(|(rule, level)| format!("{rule} {level}")).collect();
    assert_eq!(levels, ["MC001 off", "MC013 error"]);
}

#[test]
fn paths_of_both_policies_are_relative_to_their_own_folders() {
    let ignore = |path, rule| format!("[[ignore]]\npath = \"{path}\"\nrules = [\"{rule}\"]\n");
    let near = format!(
        "extend = \"../pullcreds.toml\"\nexclude = [\"/old\"]\n{}",
        ignore("x.json", "MC001")
    );
    let far = format!("exclude = [\"vendor\"]\n{}", ignore("a/b/*.json", "MC013"));
    let house = House::new(&[
        ("pullcreds.toml", &far),
        ("a/pullcreds.toml", &near),
        ("a/b/x.json", ""),
    ]);
    let silenced = |folder: &str, code| {
        let folder = house.folder(folder);
        let path = folder.policy_path(Path::new("x.json"));
        folder.policy().silences(code, "", None, path.as_deref())
    };
    assert!(silenced("a", "MC001") && !silenced("a", "MC013"));
    assert!(silenced("a/b", "MC013") && !silenced("a/b", "MC001"));

    let excludes = |folder: &str, name: &str| house.finder().excludes(&house.folder(folder), Path::new(name), true);
    assert!(excludes("a", "old") && excludes("a", "vendor") && excludes("a/b", "vendor"));
    assert!(!excludes("a/b", "old"));
}

#[test]
fn an_error_stands_at_its_place() {
    for (text, place) in [
        ("secrets = 1", "1"),
        ("\nsecretz = true\n", "secretz"),
        ("[rules]\nMC001 = \"of\"", "\"of\""),
        ("[rules]\nMC777 = \"off\"", "MC777"),
        ("[[ignore]]\nrules = [\"MC001\", \"MC777\"]", "\"MC777\""),
        ("extend = \"nowhere.toml\"", "\"nowhere.toml\""),
        ("extend = \"pullcreds.toml\"", "\"pullcreds.toml\""),
        (
            "[[registry]]\nmatch = \"a b\"\narchive = \"file:///a.tar.gz\"",
            "\"a b\"",
        ),
    ] {
        let house = House::new(&[("pullcreds.toml", text)]);
        let bad = house.bad("");
        let span = bad.problem.span.clone().unwrap();
        assert_eq!(&bad.text[span], place, "{}", bad.problem.message);
        assert!(bad.name.ends_with(FILE_NAME));
    }
}

#[test]
fn an_error_in_an_extended_policy_is_shown_there() {
    let house = House::new(&[
        ("far.toml", "\n\nfoo = 1"),
        ("a/pullcreds.toml", "extend = \"../far.toml\""),
    ]);
    let bad = house.bad("a");
    assert!(bad.name.ends_with("../far.toml"), "{}", bad.name);
    assert_eq!(&bad.text[bad.problem.span.clone().unwrap()], "foo");
}
