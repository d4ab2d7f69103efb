//! What an image and a file are told by, so that nobody has to guess what the policy does.

use crate::util::{APP, House, POLICY};

#[test]
fn an_image_is_told_which_registry_matches_and_why_the_others_do_not() {
    let policy = "
[[registry]]
match = [\"registry.example.com\", \"*.example.org\"]
credentials = \"cluster\"

[[registry]]
match = \"registry.example.com:5000/team/**\"
credentials = \"none\"

[[registry]]
match = \"registry.example.com:5000/a/**\"
archive = \"file:///etc/docker.tar.gz\"

[[registry]]
match = \"**\"
credentials = \"none\"
";
    let house = House::new(&[("pullcreds.toml", policy), ("sub/x", "")]);
    let ran = house.run(&["explain", "registry.example.com:5000/a/b:1"]).exits_with(0);
    assert_eq!(
        ran.stdout,
        "\
image       registry.example.com:5000/a/b:1
registry    registry.example.com:5000
repository  a/b
tag         1
policy      pullcreds.toml
registry 1  does not match `registry.example.com` (another port, or none), `*.example.org` (another host)
registry 2  does not match `registry.example.com:5000/team/**` (another path)
registry 3  matches `registry.example.com:5000/a/**`
registry 4  not asked, as registry 3 matches
archive     file:///etc/docker.tar.gz
secret      none named: nothing is added for UCR and pods
"
    );
    let ran = house.run(&["explain", "registry.example.com/a"]).exits_with(0);
    assert!(
        ran.stdout.contains("credentials the agents have them"),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_image_is_told_where_it_moves() {
    let policy = "
[[relocate]]
from = \"old.example.com/team/**\"
to = \"registry.example.com/**\"

[[relocate]]
from = \"mesosphere/**\"
to = \"registry.example.com/mirror/**\"

[[registry]]
match = \"registry.example.com\"
archive = \"file:///etc/docker.tar.gz\"
";
    let house = House::new(&[("pullcreds.toml", policy)]);
    let ran = house.run(&["explain", "mesosphere/hello:1"]).exits_with(0);
    assert!(
        ran.stdout.ends_with(
            "\
credentials none: no registry of the policy matches, and the host is public
relocate 2  `mesosphere/**` moves it to registry.example.com/mirror/hello:1 (MC035)
            there: registry 1 matches `registry.example.com`
"
        ),
        "{}",
        ran.stdout
    );
    for (image, said) in [
        (
            "registry.example.com/mirror/hello:1",
            "relocate 1  `registry.example.com/**` names it: it is at its place\n",
        ),
        (
            "old.example.com/team:1",
            "relocate 1  `old.example.com/team/**` names it, and makes no reference of it: ",
        ),
        (
            "mesosphere/{{app}}",
            "moves it to registry.example.com/mirror/{{app}} (MC035)\n",
        ),
    ] {
        let ran = house.run(&["explain", image]).exits_with(0);
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
    let ran = house.run(&["explain", "nginx"]).exits_with(0);
    assert!(!ran.stdout.contains("relocate"), "{}", ran.stdout);
}

#[test]
fn a_file_is_told_what_it_pulls_and_what_would_be_added() {
    let house = House::new(&[("pullcreds.toml", POLICY), ("services/web.json", APP)]);
    let ran = house.run(&["explain", "services/web.json"]).exits_with(0);
    assert_eq!(
        ran.stdout,
        "\
file        services/web.json
read as     app
policy      pullcreds.toml

app /team/web, line 6
  image     private.example.com/web:1.2
  pulled by the Docker containerizer: `container.type` is DOCKER
  registry  registry 1 matches `private.example.com`
  has       no credentials of its own
  finding   MC001 missing-archive (error): no credentials are fetched for the private image on private.example.com
  fix       add the archive file:///etc/docker.tar.gz to `fetch`

`pullcreds fix --diff services/web.json` shows it in place, `pullcreds fix services/web.json` does it.
"
    );
    house.run(&["fix"]).exits_with(0);
    let ran = house.run(&["explain", "services/web.json"]).exits_with(0);
    assert!(
        ran.stdout
            .contains("  has       file:///etc/docker.tar.gz, fetched into the sandbox\n"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("finding"), "{}", ran.stdout);
}

#[test]
fn standard_input_can_be_explained_and_what_is_passed_over_says_why() {
    let house = House::new(&[
        ("package.json", "{}"),
        ("pullcreds.toml", "extend = \"a/b.toml\""),
        ("a/b.toml", POLICY),
    ]);
    let ran = house.run_with_stdin(&["explain", "-"], APP).exits_with(0);
    assert!(ran.stdout.starts_with("file        <stdin>\n"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("policy      pullcreds.toml, which extends a/b.toml\n"),
        "{}",
        ran.stdout
    );
    let ran = house.run(&["explain", "package.json"]).exits_with(0);
    assert!(ran.stdout.contains("passed over"), "{}", ran.stdout);
}

#[test]
fn what_is_none_of_the_three_is_an_error_that_helps() {
    let house = House::new(&[(
        "services/web.json",
        "{ \"id\": \"/a\", \"container\": {\"docker\": {\"image\": }}",
    )]);
    for (what, says) in [
        ("services/wen.json", "services/wen.json: there is no such file"),
        ("./x", "./x: there is no such file"),
        ("services", "services: a folder; name one of its files"),
        ("MC999", "MC999: there is no such rule"),
        ("a b", "a b: no rule, no file, and no image"),
        ("services/web.json", "services/web.json:1:"),
    ] {
        let ran = house.run(&["explain", "--color", "never", what]).exits_with(2);
        assert!(ran.stderr.contains(says), "{what}: {}", ran.stderr);
    }
}

#[test]
fn secrets_in_a_file_are_not_shown() {
    let app = APP.replace(
        "\"instances\"",
        "\"uris\": [\"https://me:geheim@example.com/docker.tar.gz\"],\n  \"instances\"",
    );
    let house = House::new(&[("web.json", &app)]);
    let ran = house.run(&["explain", "web.json"]).exits_with(0);
    assert!(ran.stdout.contains("fetched into the sandbox"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("geheim"), "{}", ran.stdout);
}

#[test]
fn standard_input_is_named_as_it_was_given() {
    let house = House::new(&[("pullcreds.toml", POLICY)]);
    let ran = house.run_with_stdin(&["explain", "-"], APP).exits_with(0);
    assert!(
        ran.stdout
            .ends_with("`pullcreds fix --diff -` shows it in place, `pullcreds fix -` does it.\n"),
        "{}",
        ran.stdout
    );
}
